"""Accuracy drop: the area under the accuracy as the most relevant units are removed, without retraining."""

import torch
from torch import Tensor

from .accuracy import correctness
from .base import Case, Family, Metric, Sign
from .curves import Curves
from .protocol import SHARED, TENTHS

_PERCENTS = (0, *TENTHS)


def accuracy_drop_area(curves: Curves, targets: Tensor) -> Tensor:
    """Area under one sample's curve of correctness, in percent × percent.

    The mean over samples is the area under the accuracy curve, since the trapezoid is linear.

    Args:
        curves: logits of N samples.
        targets: true classes, shape (N,).

    Returns:
        Shape (N,), in [0, 9000]; lower is better, since a good map finds what the model needs. NaN where a logit is.

    Source:
        ismail2021improving, table 4, whose numbers fit the trapezoid over 0, 10, …, 90 % with accuracy in percent.
        Departures: the fill is the data set's (theirs: the top left pixel); counts are rounded up (theirs: down).
    """
    return torch.trapezoid(100 * _correct(curves, targets), dx=10.0, dim=0)


def _correct(curves: Curves, targets: Tensor) -> Tensor:
    """Correctness (10, N) with 0, 10, …, 90 % of the most relevant units removed."""
    logits = torch.stack([curves.at(percent, most_relevant_first=True) for percent in _PERCENTS])
    # A wrong answer would count in favor of the map, so an undefined one stays undefined.
    return correctness(logits, targets).masked_fill(logits.isnan().any(dim=-1), torch.nan)


def _curve(case: Case) -> dict[str, list[float]]:
    accuracy = 100 * _correct(case.require_curves(), case.samples.targets).nanmean(dim=1)
    return {"percent": [float(percent) for percent in _PERCENTS], "accuracy": accuracy.tolist()}


ACCURACY_DROP = Metric(
    name="accuracy_drop_area",
    version=1,
    score=lambda case: accuracy_drop_area(case.require_curves(), case.samples.targets),
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, 9000.0),
    unit="percent²",
    family=Family.FAITHFULNESS,
    protocols=(SHARED,),
    sign=Sign.ABSOLUTE,
    description="area under the accuracy while the most relevant 0 to 90 % of the units are removed, no retraining",
    reference="ismail2021improving",
    curve=_curve,
)
