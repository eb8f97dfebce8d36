"""Every metric of explanations must rank the truth above chance and chance above its opposite."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.datasets.randomness import normal, uniform
from salbench.metrics import METRICS, Case, Family, Metric, Need, aopc_limits, perturbation_curves
from salbench.metrics.base import Changed, Predictions

WEIGHTS = torch.tensor([0.1, -0.1, 2.0, 0.1, -0.1, -2.0, 0.1, -0.1])  # features 2 and 5 decide
REPEATED = {"irrelevant_in_top": 3}  # looks at ten features, so that eight are too few
DIRECTED = [
    metric
    for metric in METRICS
    if metric.family in {Family.FAITHFULNESS, Family.LOCALIZATION}
    and Modality.TABULAR in metric.modalities  # ROAD has the same test on images, in metrics/test_road.py
    and not metric.retrainings  # ROAR has it on models that are trained, in benchmark/engines/test_inline.py
    and Need.FINETUNED not in metric.needs  # likewise
]


class Linear(nn.Module):
    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, inputs: Tensor) -> Tensor:
        evidence = inputs @ self.weights
        return torch.stack([-evidence, evidence], dim=1)


def linear_samples(weights: Tensor, count: int = 200) -> Samples:
    ids = torch.arange(count)
    inputs = normal(ids, weights.shape, seed=0, purpose="direction test inputs")
    return Samples(
        inputs=inputs,
        targets=(inputs @ weights > 0).long(),
        ids=ids,
        fill=torch.zeros_like(inputs),
        masks=(weights.abs() > 1).expand_as(inputs),
        irrelevant=(weights.abs() <= 1).expand_as(inputs),
    )


def mean_score(metric: Metric, model: nn.Module, samples: Samples, attributions: Tensor) -> float:
    curves = {
        protocol: perturbation_curves(model, samples, attributions, Modality.TABULAR, protocol=protocol)
        for protocol in metric.protocols
    }
    case = Case(
        samples=samples,
        attributions=attributions,
        modality=Modality.TABULAR,
        curves=curves,
        model=model,
        explain=lambda model, samples: attributions,
        limits=aopc_limits(model, samples, Modality.TABULAR) if Need.LIMITS in metric.needs else None,
        counterfactuals={
            shortcut: Changed(samples, Predictions(model(samples.inputs), samples.targets))
            for shortcut in metric.counterfactuals
        },
    )
    return metric.score(case).nanmean().item()


def check_direction(metric: Metric) -> None:
    weights = WEIGHTS.repeat(REPEATED.get(metric.name, 1))
    model, samples = Linear(weights).eval(), linear_samples(weights)
    toward = (2 * samples.targets - 1).unsqueeze(1)  # the logits of the two classes are opposite
    truth = samples.inputs * weights * toward  # the exact contributions to the target, against a fill of zero
    chance = uniform(samples.ids, weights.shape, seed=0, purpose="direction test maps")
    opposite = truth.abs().amax(dim=1, keepdim=True) - truth.abs()
    sign = 1 if metric.higher_is_better else -1
    best, middle, worst = (sign * mean_score(metric, model, samples, maps) for maps in (truth, chance, opposite))
    assert best > middle > worst, f"{metric.name}: {best:.3f}, {middle:.3f}, {worst:.3f}"


@pytest.mark.parametrize("metric", DIRECTED, ids=lambda metric: metric.name)
def test_truth_above_chance_above_its_opposite(metric: Metric) -> None:
    check_direction(metric)


@pytest.mark.parametrize("metric", DIRECTED, ids=lambda metric: metric.name)
def test_a_flipped_direction_is_noticed(metric: Metric) -> None:
    with pytest.raises(AssertionError, match=metric.name):
        check_direction(replace(metric, higher_is_better=not metric.higher_is_better))
