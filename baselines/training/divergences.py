"""How far two predicted distributions lie apart, in bits, from logits."""

from collections.abc import Callable
from math import log
from typing import Literal

from torch import Tensor, float32, logaddexp, promote_types

Divergence = Literal["half_jeffreys", "jensen_shannon"]

_BIT = log(2)


def at_least_float32(logits: Tensor) -> Tensor:
    """Logits in float32 or finer, since the divergence of two close predictions is lost in the rounding of bfloat16."""
    return logits.to(promote_types(logits.dtype, float32))


def half_jeffreys(first: Tensor, second: Tensor) -> Tensor:
    """Mean of KL(P ‖ Q) and KL(Q ‖ P), without upper bound.

    Args:
        first: logits of P, shape (N, K).
        second: logits of Q, shape (N, K).

    Returns:
        Bits, shape (N,), at least 0. Close to P = Q it is four times the Jensen–Shannon divergence, so a weight that
        suits one of them does not suit the other.

    Source:
        xu2024scaat, equations 3 and 4, where it is called JS; the name there usually means `jensen_shannon`.
    """
    log_p, log_q = (at_least_float32(logits).log_softmax(dim=1) for logits in (first, second))
    return ((log_p.exp() - log_q.exp()) * (log_p - log_q)).sum(dim=1) / (2 * _BIT)


def jensen_shannon(first: Tensor, second: Tensor) -> Tensor:
    """Mean of KL(P ‖ M) and KL(Q ‖ M) with the mixture M = (P + Q) / 2.

    Args:
        first: logits of P, shape (N, K).
        second: logits of Q, shape (N, K).

    Returns:
        Bits, shape (N,), in [0, 1].

    Source:
        lin1991divergence, with equal weights.
    """
    log_p, log_q = (at_least_float32(logits).log_softmax(dim=1) for logits in (first, second))
    log_m = logaddexp(log_p, log_q) - _BIT
    terms = log_p.exp() * (log_p - log_m) + log_q.exp() * (log_q - log_m)
    return terms.sum(dim=1) / (2 * _BIT)


DIVERGENCES: dict[Divergence, Callable[[Tensor, Tensor], Tensor]] = {
    "half_jeffreys": half_jeffreys,
    "jensen_shannon": jensen_shannon,
}
