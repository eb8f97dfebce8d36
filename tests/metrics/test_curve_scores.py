"""One number from a perturbation curve, by hand and under each definition."""

import pytest
import torch
from torch import Tensor

from salbench.metrics import SHARED, Curves
from salbench.metrics.curve_scores import Change, Output, Summary, class_outputs, curve_scores
from salbench.metrics.protocol import TENTHS

# The curve that peers of this project were asked about: 0.95 whole, then ten steps down to 0.10.
HEIGHTS = (0.95, 0.70, 0.45, 0.30, 0.20, 0.15, 0.12, 0.11, 0.10, 0.10)
GRID = (0, *TENTHS)
ONE = torch.tensor([1])


def logits(probabilities: list[float]) -> Tensor:
    likely = torch.tensor(probabilities, dtype=torch.float64)
    return torch.stack([(1 - likely).log(), likely.log()], dim=1).unsqueeze(1)


@pytest.fixture
def curves() -> Curves:
    whole, *rest = HEIGHTS
    return Curves(
        clean=logits([whole])[0],
        most=logits([0.9, 0.8, *rest]),
        least=logits([0.95, 0.94, 0.93, 0.92, 0.91, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4]),
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, 0.95 - sum(HEIGHTS) / 10),
        ({"percents": TENTHS}, 0.95 - sum(HEIGHTS[1:]) / 9),
        ({"change": Change.HEIGHT}, sum(HEIGHTS) / 10),
        ({"change": Change.RELATIVE_HEIGHT}, sum(HEIGHTS) / 9.5),
        ({"change": Change.RELATIVE_DROP}, 1 - sum(HEIGHTS) / 9.5),
        ({"change": Change.HEIGHT, "summary": Summary.TRAPEZOID}, (sum(HEIGHTS) - 1.05 / 2) / 9),
        ({"change": Change.HEIGHT, "summary": Summary.UNIT_STEPS}, sum(HEIGHTS) - 1.05 / 2),
    ],
)
def test_one_curve_has_many_numbers(curves: Curves, options: dict[str, object], expected: float) -> None:
    given = {"percents": GRID} | options
    found = curve_scores(curves, ONE, most_relevant_first=True, **given)  # type: ignore[arg-type]
    assert found.item() == pytest.approx(expected)


def test_a_trapezoid_weighs_uneven_steps_by_their_length(curves: Curves) -> None:
    # 0.95, 0.9, 0.8, 0.7 at 0, 1, 5, 10 %: (0.925 · 1 + 0.85 · 4 + 0.75 · 5) / 10
    found = curve_scores(
        curves,
        ONE,
        percents=(0, 1, 5, 10),
        most_relevant_first=True,
        change=Change.HEIGHT,
        summary=Summary.TRAPEZOID,
    )
    assert found.item() == pytest.approx((0.925 + 3.4 + 3.75) / 10)


def test_a_grid_may_be_read_backwards(curves: Curves) -> None:
    areas = [
        curve_scores(curves, ONE, percents=grid, most_relevant_first=False, summary=Summary.TRAPEZOID).item()
        for grid in (GRID, GRID[::-1])
    ]
    assert areas[0] == pytest.approx(areas[1])


def test_log_odds_of_two_classes_are_the_difference_of_logits() -> None:
    found = class_outputs(torch.tensor([[1.0, 4.0]]), ONE, Output.LOG_ODDS)
    assert found.item() == pytest.approx(3.0)


def test_log_odds_agree_with_the_probability_and_survive_certainty() -> None:
    random = torch.randn(50, 4, generator=torch.Generator().manual_seed(0))
    classes = torch.arange(50) % 4
    p = class_outputs(random, classes, Output.PROBABILITY)
    assert torch.allclose(class_outputs(random, classes, Output.LOG_ODDS), p.log() - (1 - p).log())
    certain = class_outputs(torch.tensor([[0.0, 900.0]]), ONE, Output.LOG_ODDS)
    assert certain.item() == 900.0


def test_a_shift_of_all_logits_changes_the_logit_alone(curves: Curves) -> None:
    shifted = Curves(clean=curves.clean, most=curves.most - 7, least=curves.least)
    for output in Output:
        found = [
            curve_scores(each, ONE, percents=TENTHS, most_relevant_first=True, output=output).item()
            for each in (curves, shifted)
        ]
        assert (found[0] == pytest.approx(found[1])) is (output is not Output.LOGIT)


def test_an_undefined_logit_leaves_no_score(curves: Curves) -> None:
    most = curves.most.clone()
    most[-1] = torch.nan
    broken = Curves(protocol=SHARED, clean=curves.clean, most=most, least=curves.least)
    assert curve_scores(broken, ONE, percents=GRID, most_relevant_first=True).isnan().all()


def test_bad_grids_are_refused(curves: Curves) -> None:
    with pytest.raises(ValueError, match="trapezoid needs two percents"):
        curve_scores(curves, ONE, percents=(10,), most_relevant_first=True, summary=Summary.TRAPEZOID)
    with pytest.raises(ValueError, match="got 33"):
        curve_scores(curves, ONE, percents=(33,), most_relevant_first=True)
