from collections.abc import Callable

import pytest
import torch
from scipy.integrate import trapezoid
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import (
    ACCURACY_DROP,
    ACCURACY_DROP_MEAN,
    ACCURACY_DROP_UNIFORM,
    ACCURACY_DROP_ZERO,
    Case,
    Curves,
    Metric,
    accuracy_drop_area,
    perturbation_curves,
)


def curves_right_until(*steps: int) -> Curves:
    """Curves of samples of class 1 that are right at 0, 10, … % for as many tenths as given."""
    right, wrong = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0])

    def at(tenth: int) -> Tensor:
        return torch.stack([right if tenth < step else wrong for step in steps])

    most = torch.stack([at(0), at(0), *(at(tenth) for tenth in range(1, 10))])  # 1 and 5 % before the tenths
    return Curves(clean=at(0), most=most, least=torch.zeros_like(most))


def test_area_by_hand() -> None:
    ones = torch.ones(3, dtype=torch.int64)
    # right everywhere; right at 0, 10 and 20 %: 10 · (50 + 100 + 50) + half a step down; never right
    assert accuracy_drop_area(curves_right_until(10, 3, 0), ones).tolist() == [9000.0, 2500.0, 0.0]


def test_the_mean_is_the_area_under_the_accuracy_curve(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.IMAGE)
    assert ACCURACY_DROP.curve is not None
    curve = ACCURACY_DROP.curve(case)
    assert curve["percent"] == [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]
    assert ACCURACY_DROP.score(case).mean().item() == pytest.approx(trapezoid(curve["accuracy"], curve["percent"]))


def test_a_nan_logit_is_no_wrong_answer() -> None:
    curves = curves_right_until(10, 10)
    curves.most[4, 0, 0] = torch.nan
    areas = accuracy_drop_area(curves, torch.ones(2, dtype=torch.int64))
    assert areas[0].isnan()
    assert areas[1] == 9000.0


class Bright(nn.Module):
    """Class 1 if the inputs sum to more than 6."""

    def forward(self, inputs: Tensor) -> Tensor:
        total = inputs.flatten(1).sum(dim=1)
        return torch.stack([torch.full_like(total, 6.0), total], dim=1)


@pytest.mark.parametrize(
    ("metric", "right"),
    [
        (ACCURACY_DROP_ZERO, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        (ACCURACY_DROP_MEAN, [1, 1, 1, 1, 0, 0, 0, 1, 1, 1]),
    ],
)
def test_what_takes_the_place_decides(metric: Metric, right: list[int]) -> None:
    """Ten units, 2 each in the first half and 0 in the second: 10 in all, and more than 6 is class 1.

    By zeros: 10, 8, then 6 and less, so right at 0 and 10 %. By the mean, 1: 10, 9, 8, 7, then 6 at 40 %, 5 at 50 %,
    6 at 60 %, and 7 and more from 70 % on.
    """
    inputs = torch.tensor([[2.0] * 5 + [0.0] * 5])
    samples = Samples(inputs=inputs, targets=torch.tensor([1]), ids=torch.tensor([0]), fill=torch.zeros_like(inputs))
    maps = torch.arange(10.0, 0.0, -1.0).unsqueeze(0)
    curves = perturbation_curves(Bright().eval(), samples, maps, Modality.TABULAR, protocol=metric.protocols[0])
    expected = float(trapezoid([100.0 * value for value in right], dx=10))
    assert accuracy_drop_area(curves, samples.targets).tolist() == [expected]


def test_uniform_noise_is_drawn_in_the_range_of_the_sample(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    (protocol,) = ACCURACY_DROP_UNIFORM.protocols
    noise = protocol.replacement(case.samples, Modality.SERIES, seed=0)
    low, high = (extreme(case.samples.inputs, dim=(1, 2), keepdim=True) for extreme in (torch.amin, torch.amax))
    assert ((noise >= low) & (noise <= high)).all()
    assert noise.unique().numel() == noise.numel()
