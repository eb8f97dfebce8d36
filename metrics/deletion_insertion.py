"""Deletion and insertion: areas under the true class's probability as the most relevant units go, or come."""

from collections.abc import Callable

import torch
from torch import Tensor

from .base import Case, Family, Metric, Sign
from .curves import Curves
from .probability import class_probability
from .protocol import SHARED, TENTHS

_REMOVED = (0, *TENTHS)  # percent, the grid of deletion; insertion keeps 100 - p, from 10 to 100 %


def deletion_auc(curves: Curves, targets: Tensor) -> Tensor:
    """Area under the probability as units are removed, most relevant first.

    Grid: 0, 10, …, 90 % removed; trapezoid, divided by the length of the grid, so a probability that never changes is
    its own area. Fill: the data set's. Values of two models are not comparable as they stand.

    Args:
        curves: logits of N samples.
        targets: true classes, shape (N,).

    Returns:
        Shape (N,), in [0, 1]; lower is better. NaN where a logit is.

    Source:
        petsiuk2018rise, deletion. Departures: ten points that end at 90 % and not at the empty input, the true
        class, the data set's fill in place of zeros. Unlike `aopc`, the two ends count half and p(x) is not
        subtracted.
    """
    return _area(_deletion(curves, targets))


def insertion_auc(curves: Curves, targets: Tensor) -> Tensor:
    """Area under the probability as units are inserted into the fill, most relevant first.

    Grid: the top 10, 20, …, 100 % kept, that is the least relevant 90, 80, …, 0 % removed; otherwise as
    `deletion_auc`.

    Returns:
        Shape (N,), in [0, 1]; higher is better. NaN where a logit is.

    Source:
        petsiuk2018rise, insertion. Departures as for `deletion_auc`: the curve starts at 10 % kept and not at the
        empty input, which in images is the data set's fill and not a blur.
    """
    return _area(_insertion(curves, targets))


def _deletion(curves: Curves, targets: Tensor) -> Tensor:
    """Probability (10, N) with the most relevant 0, 10, …, 90 % removed."""
    return _along(curves, targets, _REMOVED, most_relevant_first=True)


def _insertion(curves: Curves, targets: Tensor) -> Tensor:
    """Probability (10, N) with the most relevant 10, 20, …, 100 % kept."""
    return _along(curves, targets, _REMOVED[::-1], most_relevant_first=False)


def _along(curves: Curves, targets: Tensor, grid: tuple[int, ...], *, most_relevant_first: bool) -> Tensor:
    logits = torch.stack([curves.at(percent, most_relevant_first=most_relevant_first) for percent in grid])
    return class_probability(logits, targets)


def _area(points: Tensor) -> Tensor:
    return torch.trapezoid(points, dim=0) / (len(points) - 1)


def _columns(points: Callable[[Curves, Tensor], Tensor], column: str) -> Callable[[Case], dict[str, list[float]]]:
    first = 0 if column == "removed" else 10

    def columns(case: Case) -> dict[str, list[float]]:
        means = points(case.require_curves(), case.samples.targets).nanmean(dim=1)
        return {"percent": [float(first + percent) for percent in _REMOVED], "probability": means.tolist()}

    return columns


DELETION_AUC = Metric(
    name="deletion_auc",
    version=1,
    score=lambda case: deletion_auc(case.require_curves(), case.samples.targets),
    higher_is_better=False,
    across_models=False,
    bounds=(0.0, 1.0),
    unit="probability",
    family=Family.FAITHFULNESS,
    protocols=(SHARED,),
    sign=Sign.ABSOLUTE,
    description="mean height of the target's probability while the most relevant 0 to 90 % of the units are removed",
    reference="petsiuk2018rise",
    curve=_columns(_deletion, "removed"),
)

INSERTION_AUC = Metric(
    name="insertion_auc",
    version=1,
    score=lambda case: insertion_auc(case.require_curves(), case.samples.targets),
    higher_is_better=True,
    across_models=False,
    bounds=(0.0, 1.0),
    unit="probability",
    family=Family.FAITHFULNESS,
    protocols=(SHARED,),
    sign=Sign.ABSOLUTE,
    description="mean height of the target's probability while the most relevant 10 to 100 % of the units are inserted",
    reference="petsiuk2018rise",
    curve=_columns(_insertion, "kept"),
)
