"""Metrics that train anew place the truth above chance and chance above its opposite, on models in closed form."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from salbench.datasets import Modality, Samples
from salbench.datasets.randomness import normal, uniform
from salbench.metrics import METRICS, Case, Metric, Predictions, Retraining
from salbench.metrics.retraining import mean_of_channels

RETRAINED = [metric for metric in METRICS if metric.retrainings]
SHAPE = (1, 4, 4)
DECIDING = torch.zeros(SHAPE)
DECIDING[0, 1, 2] = DECIDING[0, 3, 0] = 1.0


def split(first: int, count: int) -> Samples:
    """Noise of 16 pixels, of which the sum of two is the class."""
    ids = torch.arange(first, first + count)
    inputs = normal(ids, SHAPE, seed=0, purpose="retrained direction inputs")
    targets = ((inputs * DECIDING).flatten(1).sum(dim=1) > 0).long()
    return Samples(inputs=inputs, targets=targets, ids=ids, fill=torch.zeros_like(inputs))


def trained_anew(train: Samples, test: Samples) -> Predictions:
    """A linear model by least squares: what training leads to, without any."""

    def rows(samples: Samples) -> Tensor:
        return torch.cat([samples.inputs.flatten(1), torch.ones(len(samples), 1)], dim=1).double()

    wanted = 2.0 * train.targets.double() - 1
    weights = torch.linalg.pinv(rows(train)) @ wanted
    evidence = rows(test) @ weights
    return Predictions(torch.stack([-evidence, evidence], dim=1), test.targets)


def maps_of(kind: str, samples: Samples) -> Tensor:
    noise = uniform(samples.ids, SHAPE, seed=0, purpose=f"retrained direction {kind}")
    truth = DECIDING + 0.1 * noise  # no unit is exactly zero
    return {"truth": truth, "chance": noise, "opposite": 1.2 - truth}[kind]


def mean_score(metric: Metric, kind: str) -> float:
    train, test = split(0, 300), split(300, 200)
    (retraining,) = metric.retrainings
    predictions = {0: trained_anew(train, test)} | {
        percent: trained_anew(*(degraded(retraining, samples, kind, percent, train) for samples in (train, test)))
        for percent in retraining.percents
    }
    case = Case(
        samples=test,
        attributions=maps_of(kind, test),
        modality=Modality.IMAGE,
        retrained={retraining: predictions},
    )
    return metric.score(case).mean().item()


def degraded(retraining: Retraining, samples: Samples, kind: str, percent: int, train: Samples) -> Samples:
    mean = mean_of_channels(train, Modality.IMAGE)
    return retraining.degraded(
        samples, maps_of(kind, samples), Modality.IMAGE, percent=percent, channel_mean=mean, seed=0
    )


def check_direction(metric: Metric) -> None:
    sign = 1 if metric.higher_is_better else -1
    best, middle, worst = (sign * mean_score(metric, kind) for kind in ("truth", "chance", "opposite"))
    assert best > middle > worst, f"{metric.name}: {best:.3f}, {middle:.3f}, {worst:.3f}"


@pytest.mark.parametrize("metric", RETRAINED, ids=lambda metric: metric.name)
def test_truth_above_chance_above_its_opposite(metric: Metric) -> None:
    check_direction(metric)


@pytest.mark.parametrize("metric", RETRAINED, ids=lambda metric: metric.name)
def test_a_flipped_direction_is_noticed(metric: Metric) -> None:
    with pytest.raises(AssertionError, match=metric.name):
        check_direction(replace(metric, higher_is_better=not metric.higher_is_better))
