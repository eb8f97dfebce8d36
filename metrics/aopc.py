"""AOPC: the mean drop of the target's probability along a perturbation curve, in both orders."""

from collections.abc import Callable

import torch
from torch import Tensor

from .base import Case, Family, Metric, Sign
from .curves import Curves
from .probability import class_probability, probability_drop
from .protocol import SHARED, TENTHS

_PERCENTS = (0, *TENTHS)


def aopc(curves: Curves, targets: Tensor, *, most_relevant_first: bool) -> Tensor:
    """Area over the perturbation curve of one sample.

    Grid: 0, 10, …, 90 % of the units (pixel, cell, feature, token), the zero at 0 % included in the mean. Fill: the
    data set's. Score: softmax probability of the true class. Values of two models are not comparable as they stand.

    Args:
        curves: logits of N samples.
        targets: true classes, shape (N,).
        most_relevant_first: MoRF, where higher is better; else LeRF, where lower is better.

    Returns:
        Shape (N,), in [-0.9, 0.9].

    Source:
        samek2017evaluating, equation 12. Departures: single units in place of 9×9 regions, a fixed share of them in
        place of 100 steps, the data set's fill in place of uniform noise, a probability in place of the model's score.
    """
    return probability_drop(curves.clean, _along(curves, most_relevant_first), targets).mean(dim=0)


def _along(curves: Curves, most_relevant_first: bool) -> Tensor:
    return torch.stack([curves.at(percent, most_relevant_first=most_relevant_first) for percent in _PERCENTS])


def _curve(most_relevant_first: bool) -> Callable[[Case], dict[str, list[float]]]:
    def columns(case: Case) -> dict[str, list[float]]:
        logits = _along(case.require_curves(), most_relevant_first)
        probability = class_probability(logits, case.samples.targets).nanmean(dim=1)
        return {"percent": [float(percent) for percent in _PERCENTS], "probability": probability.tolist()}

    return columns


AOPC_MORF = Metric(
    name="aopc_morf",
    version=1,
    score=lambda case: aopc(case.require_curves(), case.samples.targets, most_relevant_first=True),
    higher_is_better=True,
    across_models=False,
    bounds=(-0.9, 0.9),
    unit="probability",
    family=Family.FAITHFULNESS,
    protocols=(SHARED,),
    sign=Sign.ABSOLUTE,
    description="mean drop of the target's probability over 0 to 90 % removed, most relevant first",
    reference="samek2017evaluating",
    curve=_curve(True),
)

AOPC_LERF = Metric(
    name="aopc_lerf",
    version=1,
    score=lambda case: aopc(case.require_curves(), case.samples.targets, most_relevant_first=False),
    higher_is_better=False,
    across_models=False,
    bounds=(-0.9, 0.9),
    unit="probability",
    family=Family.FAITHFULNESS,
    protocols=(SHARED,),
    sign=Sign.ABSOLUTE,
    description="mean drop of the target's probability over 0 to 90 % removed, least relevant first",
    reference="samek2017evaluating",
    curve=_curve(False),
)
