"""Accuracy: how often the model itself is right, to be read before any score of its explanations."""

import torch
from torch import Tensor

from .base import Case, Family, Metric, Need, Sign


def correctness(logits: Tensor, targets: Tensor) -> Tensor:
    """Is the largest logit the target's?

    Args:
        logits: shape (..., N, K).
        targets: class indices, shape (N,).

    Returns:
        1 or 0, shape (..., N), float32. Of equal largest logits the first counts; a row with NaN is wrong.
    """
    return ((logits.argmax(dim=-1) == targets) & ~logits.isnan().any(dim=-1)).float()


def defined_correctness(logits: Tensor, targets: Tensor) -> Tensor:
    """The same, but NaN for a row with NaN: an undefined answer must not speak for a map, as a wrong one does."""
    return correctness(logits, targets).masked_fill(logits.isnan().any(dim=-1), torch.nan)


def _score(case: Case) -> Tensor:
    logits, targets = case.require_predictions()
    return correctness(logits, targets)


ACCURACY = Metric(
    name="accuracy",
    version=1,
    score=_score,
    higher_is_better=True,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="share of samples",
    family=Family.PERFORMANCE,
    needs=frozenset({Need.PREDICTIONS}),
    sign=Sign.UNUSED,
    description="share of the whole test split that the model classifies correctly",
    reference="ismail2021improving",
)
