from collections.abc import Callable

import pytest
import torch
from scipy.integrate import trapezoid
from torch import Tensor

from salbench.datasets import Modality
from salbench.metrics import ACCURACY_DROP, Case, Curves, accuracy_drop_area


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
