"""Accuracy drop: the area under the accuracy as the most relevant units are removed, without retraining."""

import torch
from torch import Tensor

from ..datasets.base import Modality
from .accuracy import defined_correctness
from .base import Case, Family, Metric, Sign
from .curves import Curves
from .protocol import SHARED, TENTHS, Fill, Protocol

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
    return defined_correctness(logits, targets)


def _declare(name: str, protocol: Protocol, fill: str) -> Metric:
    def score(case: Case) -> Tensor:
        return accuracy_drop_area(case.require_curves(protocol), case.samples.targets)

    def curve(case: Case) -> dict[str, list[float]]:
        accuracy = 100 * _correct(case.require_curves(protocol), case.samples.targets).nanmean(dim=1)
        return {"percent": [float(percent) for percent in _PERCENTS], "accuracy": accuracy.tolist()}

    numeric = frozenset(Modality) - {Modality.TEXT}  # words have neither a mean nor a range
    return Metric(
        name=name,
        version=1,
        score=score,
        higher_is_better=False,
        across_models=True,
        bounds=(0.0, 9000.0),
        unit="percent²",
        family=Family.FAITHFULNESS,
        protocols=(protocol,),
        modalities=frozenset(Modality) if protocol.fill is Fill.DATASET else numeric,
        sign=Sign.ABSOLUTE,
        description=f"area under the accuracy while the most relevant 0 to 90 % of the units are {fill}, no retraining",
        reference="ismail2021improving",
        curve=curve,
    )


ACCURACY_DROP = _declare("accuracy_drop_area", SHARED, "removed")
ACCURACY_DROP_MEAN, ACCURACY_DROP_ZERO, ACCURACY_DROP_UNIFORM = (
    _declare(f"accuracy_drop_area_{fill}", Protocol(name=f"tenths_{fill}", most=TENTHS, least=(), fill=fill), words)
    for fill, words in (
        (Fill.MEAN, "replaced by the sample's mean"),
        (Fill.ZERO, "replaced by zero"),
        (Fill.UNIFORM, "replaced by uniform noise in the sample's range"),
    )
)
