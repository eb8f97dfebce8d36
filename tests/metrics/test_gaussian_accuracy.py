from collections.abc import Callable

import pytest
import torch
from scipy.integrate import trapezoid
from scipy.stats import norm
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Metric
from salbench.metrics.corruption import area_under
from salbench.metrics.gaussian_accuracy import (
    DEVIATIONS,
    GAUSSIAN_ACCURACY_AREA,
    GAUSSIAN_ACCURACY_AREA_PUBLISHED,
    gaussian_correctness,
)

BOTH = (GAUSSIAN_ACCURACY_AREA, GAUSSIAN_ACCURACY_AREA_PUBLISHED)
both = pytest.mark.parametrize("metric", BOTH, ids=lambda metric: metric.name)


class Threshold(nn.Module):
    """Class 1 where the first feature is above the threshold."""

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold

    def forward(self, inputs: Tensor) -> Tensor:
        evidence = inputs[:, 0] - self.threshold
        return torch.stack([-evidence, evidence], dim=1)


def zeros_and_ones(count: int, scale: float = 1.0) -> Samples:
    """Samples (0, 1) of class 0, so that the range is 1 and the first feature is 0."""
    inputs, ids = torch.tensor([[0.0, scale]]).repeat(count, 1), torch.arange(count)
    return Samples(inputs=inputs, targets=torch.zeros_like(ids), ids=ids, fill=torch.zeros_like(inputs))


def case_of(model: nn.Module, samples: Samples) -> Case:
    return Case(samples=samples, attributions=samples.inputs, modality=Modality.TABULAR, model=model.eval())


def test_area_by_hand() -> None:
    correct = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 0.0, 1.0]])
    # right everywhere; up to 0.1, then half of the step to 0.5; only at the end: half of the step from 1
    assert area_under(correct, DEVIATIONS).tolist() == pytest.approx([1.5, 0.3, 0.25])


@pytest.mark.parametrize("scale", [1.0, 5.0])
def test_accuracy_is_that_of_the_normal_distribution(scale: float) -> None:
    correct = gaussian_correctness(Threshold(0.5 * scale).eval(), zeros_and_ones(4000, scale), seed=2)
    expected = [1.0, *(norm.cdf(0.5 / deviation) for deviation in DEVIATIONS[1:])]
    assert correct.mean(dim=1).tolist() == pytest.approx(expected, abs=0.02)


def test_the_published_offset_shifts_all_but_the_clean_input() -> None:
    correct = gaussian_correctness(Threshold(0.5).eval(), zeros_and_ones(4000), offset=1.0)
    expected = [1.0, *(norm.cdf(-0.5 / deviation) for deviation in DEVIATIONS[1:])]
    assert correct.mean(dim=1).tolist() == pytest.approx(expected, abs=0.02)


def test_a_model_with_a_wider_margin_is_more_robust_and_a_blind_one_most() -> None:
    samples = zeros_and_ones(500)
    narrow, wide, blind = (
        GAUSSIAN_ACCURACY_AREA.score(case_of(Threshold(threshold), samples)).mean() for threshold in (0.1, 0.8, 1e9)
    )
    assert narrow < wide < blind == 1.5
    published = GAUSSIAN_ACCURACY_AREA_PUBLISHED.score(case_of(Threshold(0.8), samples)).mean()
    assert published < wide


def test_a_nan_logit_is_a_wrong_answer_and_one_class_is_always_right() -> None:
    broken, single = (nn.Linear(2, classes).eval() for classes in (2, 1))
    nn.init.constant_(broken.weight, torch.nan)
    assert GAUSSIAN_ACCURACY_AREA.score(case_of(broken, zeros_and_ones(3))).tolist() == [0.0] * 3
    assert GAUSSIAN_ACCURACY_AREA.score(case_of(single, zeros_and_ones(1))).tolist() == [1.5]


def test_an_input_without_range_stays_as_it_is() -> None:
    samples = zeros_and_ones(5, scale=0.0)
    assert gaussian_correctness(Threshold(1e-9).eval(), samples, offset=1.0).eq(1).all()


def test_a_model_in_training_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="eval mode"):
        gaussian_correctness(Threshold(0.5), zeros_and_ones(2))


@both
def test_the_mean_is_the_area_under_the_curve(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    assert metric.curve is not None
    curve = metric.curve(case)
    assert curve["deviation"] == [0.0, 0.1, 0.5, 1.0, 1.5]
    assert metric.score(case).mean().item() == pytest.approx(trapezoid(curve["accuracy"], curve["deviation"]))


@both
def test_a_sample_scores_the_same_in_any_order_and_batch(metric: Metric) -> None:
    samples, model = zeros_and_ones(600), Threshold(0.5)
    scores, order = metric.score(case_of(model, samples)), torch.randperm(600)
    assert 0.0 <= scores.min() < scores.max() <= 1.5
    assert torch.equal(metric.score(case_of(model, samples[order])), scores[order])
    assert torch.equal(metric.score(case_of(model, samples[300:301])), scores[300:301])
