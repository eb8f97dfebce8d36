"""Negative log-likelihood and Brier score: what the model's probabilities are worth, best where they are true."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from .base import Case, Family, Metric, Need, Sign


def negative_log_likelihood(logits: Tensor, targets: Tensor) -> Tensor:
    """-ln p of the target.

    Args:
        logits: shape (N, K).
        targets: class indices, shape (N,).

    Returns:
        Nats, shape (N,), float64, at least 0; lower is better, ln K for equal probabilities. Finite however small p
        is, infinite where the target's logit is -infinite; NaN for a row with NaN.

    Source:
        gneiting2007strictly, the logarithmic score, with the sign of a loss.
    """
    return cross_entropy(logits.double(), targets, reduction="none").clamp(min=0)


def brier_score(logits: Tensor, targets: Tensor) -> Tensor:
    """Squared distance Σ (p - y)² between the probabilities of all classes and the target's indicator.

    Args:
        logits: shape (N, K).
        targets: class indices, shape (N,).

    Returns:
        Shape (N,), in [0, 2], float64; lower is better, 1 - 1/K for equal probabilities. NaN for a row with NaN.

    Source:
        brier1950verification: the sum over classes, which for two classes is twice the squared error of
        one probability.
    """
    probabilities = torch.softmax(logits.double(), dim=1)
    truth = torch.zeros_like(probabilities).scatter_(1, targets[:, None], 1.0)
    return (probabilities - truth).square().sum(dim=1)


def _declare(
    name: str, measure: Callable[[Tensor, Tensor], Tensor], highest: float, unit: str, description: str, reference: str
) -> Metric:
    def scored(case: Case) -> Tensor:
        logits, targets = case.require_predictions()
        return measure(logits, targets)

    return Metric(
        name=name,
        version=1,
        score=scored,
        higher_is_better=False,
        across_models=True,
        bounds=(0.0, highest),
        unit=unit,
        family=Family.PERFORMANCE,
        needs=frozenset({Need.PREDICTIONS}),
        sign=Sign.UNUSED,
        description=description,
        reference=reference,
    )


NEGATIVE_LOG_LIKELIHOOD = _declare(
    "negative_log_likelihood",
    negative_log_likelihood,
    torch.inf,
    "nats",
    "-ln of the probability that the model gives the target",
    "gneiting2007strictly",
)
BRIER_SCORE = _declare(
    "brier_score",
    brier_score,
    2.0,
    "squared probability",
    "squared distance between the model's probabilities and the target's indicator",
    "brier1950verification",
)
