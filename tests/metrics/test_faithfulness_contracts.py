"""What every metric that removes units and watches the model must keep: direction, scale, batches, order, bounds."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.datasets.randomness import normal, uniform
from salbench.metrics import Case, Metric, Sign, perturbation_curves
from salbench.metrics.deletion_insertion import DELETION_AUC, INSERTION_AUC
from salbench.metrics.infidelity import INFIDELITY
from salbench.metrics.scaat_aopc import SCAAT_AOPC_GAP, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF
from salbench.metrics.single_units import FAITHFULNESS_CORRELATION_ALVAREZ, MONOTONICITY_NGUYEN
from salbench.metrics.subset_correlation import FAITHFULNESS_CORRELATION_BHATT, SENSITIVITY_N
from salbench.metrics.xcl import XCL_FAITHFULNESS, XCL_MORF

WITH_CURVES = [DELETION_AUC, INSERTION_AUC, SCAAT_AOPC_MORF, SCAAT_AOPC_LERF, SCAAT_AOPC_GAP]
WITH_MODEL = [
    FAITHFULNESS_CORRELATION_ALVAREZ,
    FAITHFULNESS_CORRELATION_BHATT,
    SENSITIVITY_N,
    MONOTONICITY_NGUYEN,
    INFIDELITY,
    XCL_MORF,
    XCL_FAITHFULNESS,
]
ALL = [*WITH_CURVES, *WITH_MODEL]
WEIGHTS = torch.tensor([0.1, -0.1, 2.0, 0.1, -0.1, -2.0, 0.1, -0.1])  # features 2 and 5 decide


class Linear(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        evidence = inputs @ WEIGHTS
        return torch.stack([-evidence, evidence], dim=1)


def case_of(model: nn.Module, samples: Samples, maps: Tensor, modality: Modality, metric: Metric) -> Case:
    curves = {
        protocol: perturbation_curves(model, samples, maps, modality, protocol=protocol)
        for protocol in metric.protocols
    }
    return Case(samples=samples, attributions=maps, modality=modality, curves=curves, model=model)


def linear_scores(metric: Metric) -> list[float]:
    """Mean scores of the exact contributions to the target, of random maps, and of the opposite."""
    ids = torch.arange(200)
    inputs = normal(ids, (8,), seed=0, purpose="direction test inputs")
    targets = (inputs @ WEIGHTS > 0).long()
    samples = Samples(inputs=inputs, targets=targets, ids=ids, fill=torch.zeros_like(inputs))
    truth = inputs * WEIGHTS * (2 * targets - 1).unsqueeze(1)
    chance = uniform(ids, (8,), seed=0, purpose="direction test maps")
    opposite = truth.abs().amax(dim=1, keepdim=True) - truth.abs()
    return [
        metric.score(case_of(Linear().eval(), samples, maps, Modality.TABULAR, metric)).nanmean().item()
        for maps in (truth, chance, opposite)
    ]


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_truth_above_chance_above_its_opposite(metric: Metric) -> None:
    best, middle, worst = linear_scores(metric)
    assert (best > middle > worst) if metric.higher_is_better else (best < middle < worst)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_each_modality_has_scores_within_bounds_for_any_order_and_batch(
    metric: Metric, modality: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    maps = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    scores = metric.score(case_of(model, samples, maps, modality, metric))
    assert scores.shape == (6,)
    assert scores.isfinite().all()
    assert ((scores >= metric.bounds[0]) & (scores <= metric.bounds[1])).all()
    order = torch.tensor([4, 1, 3])
    part = metric.score(case_of(model, samples[order], maps[order], modality, metric))
    torch.testing.assert_close(part, scores[order], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_a_positive_scale_changes_nothing(metric: Metric, scale: float, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.TEXT)
    model = case.require_model()
    scores, scaled = (
        metric.score(case_of(model, case.samples, case.attributions * factor, Modality.TEXT, metric))
        for factor in (1.0, scale)
    )
    torch.testing.assert_close(scaled, scores, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("metric", [metric for metric in ALL if metric.sign is Sign.ABSOLUTE], ids=lambda m: m.name)
def test_an_unsigned_metric_does_not_see_the_sign(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    model = case.require_model()
    scores, flipped = (
        metric.score(case_of(model, case.samples, maps, Modality.SERIES, metric))
        for maps in (case.attributions, -case.attributions)
    )
    assert torch.equal(scores, flipped)


@pytest.mark.parametrize("metric", WITH_MODEL, ids=lambda metric: metric.name)
def test_what_a_metric_misses_it_says(metric: Metric, make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.TABULAR)
    case = Case(samples=samples, attributions=samples.inputs, modality=Modality.TABULAR)
    assert metric.obstacle(case) == "needs model, which this case does not have"
    with pytest.raises(ValueError, match="no model"):
        metric.score(case)
