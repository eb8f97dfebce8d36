"""ERASER's pair: comprehensiveness removes what the map calls relevant, sufficiency keeps nothing else."""

import torch
from torch import Tensor

from .base import Case, Family, Metric, Sign
from .probability import probability_drop
from .protocol import SHARED

THRESHOLDS = (1, 5, 10, 20, 50)  # percent of the units, the bins B


def comprehensiveness(clean: Tensor, removed: Tensor) -> Tensor:
    """Drop of the predicted class's probability once the most relevant units are gone; higher is better.

    Args:
        clean: logits of the whole inputs, shape (N, K); the class is their largest.
        removed: logits without the most relevant units, one row of samples a threshold, shape (B, N, K).

    Returns:
        Mean over the thresholds, shape (N,), in [-1, 1].

    Raises:
        ValueError: shapes that do not agree.

    Source:
        deyoung2020eraser, equation 1 and the AOPC over bins after equation 2, divided by |B| as their code does (the
        paper prints |B| + 1). Departures: units are replaced by the fill, not deleted; at least one unit is kept.
    """
    return _mean_drop(clean, removed)


def sufficiency(clean: Tensor, kept: Tensor) -> Tensor:
    """Drop of the predicted class's probability if only the most relevant units stay; lower is better.

    Args:
        clean: logits of the whole inputs, shape (N, K); the class is their largest.
        kept: logits with the most relevant units alone, one row of samples a threshold, shape (B, N, K).

    Returns:
        Mean over the thresholds, shape (N,), in [-1, 1]; negative if the rest had spoken against the class.

    Raises:
        ValueError: shapes that do not agree.

    Source:
        deyoung2020eraser, equation 2; departures as for `comprehensiveness`, and p % kept is 100 - p % removed,
        which for n units keeps n · p / 100 rounded down, at least one (their code rounds up).
    """
    return _mean_drop(clean, kept)


def _mean_drop(clean: Tensor, perturbed: Tensor) -> Tensor:
    if perturbed.shape[1:] != clean.shape or perturbed.ndim != 3:
        raise ValueError(f"perturbed logits must have shape (B, *{tuple(clean.shape)}), got {tuple(perturbed.shape)}")
    return probability_drop(clean, perturbed, clean.argmax(dim=-1)).mean(dim=0)


def _removed(case: Case) -> Tensor:
    curves = case.require_curves()
    return torch.stack([curves.at(percent, most_relevant_first=True) for percent in THRESHOLDS])


def _kept(case: Case) -> Tensor:
    curves = case.require_curves()
    return torch.stack([curves.at(100 - percent, most_relevant_first=False) for percent in THRESHOLDS])


COMPREHENSIVENESS_AOPC = Metric(
    name="comprehensiveness",
    version=1,
    score=lambda case: comprehensiveness(case.require_curves().clean, _removed(case)),
    higher_is_better=True,
    across_models=False,
    bounds=(-1.0, 1.0),
    unit="probability",
    family=Family.FAITHFULNESS,
    protocols=(SHARED,),
    sign=Sign.ABSOLUTE,
    description="mean drop of the predicted class's probability without the top 1, 5, 10, 20, 50 % of the units",
    reference="deyoung2020eraser",
)

SUFFICIENCY_AOPC = Metric(
    name="sufficiency",
    version=1,
    score=lambda case: sufficiency(case.require_curves().clean, _kept(case)),
    higher_is_better=False,
    across_models=False,
    bounds=(-1.0, 1.0),
    unit="probability",
    family=Family.FAITHFULNESS,
    protocols=(SHARED,),
    sign=Sign.ABSOLUTE,
    description="mean drop of the predicted class's probability with the top 1, 5, 10, 20, 50 % of the units alone",
    reference="deyoung2020eraser",
)
