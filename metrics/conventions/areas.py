"""The known definitions of the areas under deletion, insertion and accuracy, all from the same perturbed outputs."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from ..accuracy_drop import ACCURACY_DROP_MEAN, ACCURACY_DROP_UNIFORM, ACCURACY_DROP_ZERO
from ..base import Case
from ..curve_scores import WITH_ZERO, Change, Output, Summary, curve_score, summed
from ..protocol import SHARED, TENTHS
from .base import CurveDefinition, Score, declared

FILLS = (
    ("removed units become the sample's own mean", ACCURACY_DROP_MEAN),
    ("removed units become zero, as the network sees it", ACCURACY_DROP_ZERO),
    ("removed units become uniform noise in the sample's range", ACCURACY_DROP_UNIFORM),
)  # instead of the data set's


def _area(deletion: bool) -> Iterator[CurveDefinition]:
    """Areas under the output itself, while units go or come."""
    grid = WITH_ZERO if deletion else WITH_ZERO[::-1]  # insertion removes 90, 80, …, 0 %
    inner = TENTHS if deletion else TENTHS[::-1]
    name = "deletion_auc" if deletion else "insertion_auc"
    height = partial(curve_score, deletion, change=Change.HEIGHT, summary=Summary.TRAPEZOID)
    what = "0 to 90 % removed" if deletion else "10 to 100 % kept"
    yield CurveDefinition(
        "trapezoid",
        f"trapezoid of p(x_k) over {what}, divided by the range",
        "petsiuk2018rise",
        height(grid),
        name,
    )
    yield CurveDefinition(
        "unit_steps",
        "trapezoid with steps of 1 and without the whole input",
        "hedstrom2023quantus",
        height(inner, summary=Summary.UNIT_STEPS),
    )
    yield CurveDefinition(
        "mean", f"mean of p(x_k) over {what}", "samek2017evaluating", height(grid, summary=Summary.MEAN)
    )
    yield CurveDefinition("logit", "trapezoid of the logit", "samek2017evaluating", height(grid, output=Output.LOGIT))
    yield CurveDefinition(
        "log_odds",
        "trapezoid of log p - log (1 - p)",
        "shrikumar2017learning",
        height(grid, output=Output.LOG_ODDS),
    )
    yield CurveDefinition(
        "relative",
        "trapezoid of p(x_k) / p(x), predicted class",
        "xaiconstrained",
        height(grid, change=Change.RELATIVE_HEIGHT, predicted=True),
    )
    yield CurveDefinition(
        "predicted_class",
        "trapezoid for the class that the model predicts",
        "petsiuk2018rise",
        height(grid, predicted=True),
    )
    yield CurveDefinition(
        "right_only",
        "trapezoid of the samples that the model classifies correctly",
        "arras2022clevr",
        height(grid, right_only=True),
    )


def _right(case: Case, percents: Sequence[int], *, unchanged: bool = False) -> Tensor:
    """100 where the model is right (or says what it said of the whole input), else 0, shape (S, N)."""
    curves = case.require_curves(SHARED)
    logits = torch.stack([curves.at(percent, most_relevant_first=True) for percent in percents])
    wanted = curves.clean.argmax(dim=-1) if unchanged else case.samples.targets
    right = 100.0 * (logits.argmax(dim=-1) == wanted)
    return right.masked_fill(logits.isnan().any(dim=-1), torch.nan)


def _accuracy() -> Iterator[CurveDefinition]:
    """Areas under the accuracy, in percent."""

    def area(percents: Sequence[int], *, unchanged: bool = False) -> Score:
        return lambda case: torch.trapezoid(_right(case, percents, unchanged=unchanged), dx=10.0, dim=0)

    yield CurveDefinition(
        "with_zero",
        "trapezoid of the accuracy over 0 to 90 %, percent times percent",
        "ismail2021improving",
        area(WITH_ZERO),
        "accuracy_drop_area",
    )
    yield CurveDefinition("without_zero", "the same over 10 to 90 %", "hedstrom2023quantus", area(TENTHS))
    yield CurveDefinition(
        "mean",
        "mean of the accuracy over 0, 10, …, 90 %",
        "samek2017evaluating",
        lambda case: summed(_right(case, WITH_ZERO), WITH_ZERO, Summary.MEAN),
    )
    yield CurveDefinition(
        "relative",
        "area over that of the clean accuracy",
        "xaiconstrained",
        lambda case: area(WITH_ZERO)(case).nanmean() / (90 * _right(case, (0,)).nanmean()),
    )
    yield CurveDefinition(
        "same_answer",
        "area of the share of answers that stay what they were",
        "petsiuk2018rise",
        area(WITH_ZERO, unchanged=True),
    )
    for words, metric in FILLS:
        (protocol,) = metric.protocols
        name = f"fill_{protocol.fill}"
        yield CurveDefinition(name, words, "ismail2021improving", metric.score, metric.name, protocol)


AREA_CONVENTIONS = (
    *declared("deletion_auc", _area(deletion=True), higher=False, across_models=False),
    *declared("insertion_auc", _area(deletion=False), higher=True, across_models=False),
    *declared("accuracy_drop", _accuracy(), higher=False, across_models=True),
)
