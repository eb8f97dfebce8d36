"""Normalized AOPC: where a map's AOPC lies between the worst and the best that any order of removal could reach."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .base import Case, Family, Metric, Need, Sign
from .blocks import block_of_each_feature, block_relevance
from .forwards import outputs
from .limits import CHUNK, MOST_BLOCKS, Limits, removed_probabilities
from .probability import class_probability
from .ranking import relevance_order


class BlockCurves(NamedTuple):
    """AOPC over blocks, each of shape (N,), in [-1, 1]."""

    morf: Tensor  # most relevant first
    lerf: Tensor  # least relevant first


def block_aopc(
    model: nn.Module, samples: Samples, attributions: Tensor, modality: Modality, *, seed: int = 0
) -> BlockCurves:
    """Mean drop of the predicted class's probability as block after block is replaced by the fill, until none is left.

    Costs two forwards a sample and block.

    Args:
        model: maps (N, *F) to logits (N, K), in eval mode.
        samples: N samples.
        attributions: larger in absolute value is more relevant; a block has the mean of its features, shape (N, *F).
        modality: decides what a block is.
        seed: of the order among equally relevant blocks.

    Raises:
        ValueError: a model in training mode.
    """
    blocks = block_of_each_feature(tuple(samples.inputs.shape[1:]), modality).to(samples.inputs.device)
    order = relevance_order(block_relevance(attributions, blocks), samples.ids, seed=seed)
    count = order.shape[1]
    places = torch.empty_like(order).scatter_(1, order, torch.arange(count, device=order.device).expand_as(order))
    steps = torch.arange(1, count + 1, device=order.device).view(-1, 1, 1)
    clean = outputs(model, samples.inputs, CHUNK)
    classes = clean.argmax(dim=1)
    whole = class_probability(clean, classes)
    morf, lerf = (
        (whole - removed_probabilities(model, samples, blocks, removed, classes)).mean(dim=0)
        for removed in (places < steps, places >= count - steps)
    )
    return BlockCurves(morf, lerf)


def normalized_aopc(aopc: Tensor, limits: Limits) -> Tensor:
    """(aopc - lower) / (upper - lower), cut to [0, 1]; NaN where no order makes a difference.

    Args:
        aopc: from `block_aopc`, shape (N,).
        limits: of the same model, samples and blocks, shape (N,) each.

    Returns:
        Shape (N,). Of two models with other limits, whose raw AOPC cannot be compared, this can.

    Source:
        edin2025normalized, equation 5. Their limits come from all orders of up to 12 words or a beam search with five
        beams; ours from all orders of up to 10 blocks, else the same search, whose limits a map may surpass a little:
        hence the cut.
    """
    span = limits.upper - limits.lower
    return ((aopc - limits.lower) / span).clamp(0, 1).masked_fill(span < 1e-6, torch.nan)


def _case_curves(case: Case) -> BlockCurves:
    given = (case.require_model(), case.samples, case.attributions, case.modality)
    return case.once("block_aopc", lambda: block_aopc(*given, seed=case.seed))


def _score(choose: Callable[[BlockCurves], Tensor]) -> Callable[[Case], Tensor]:
    def score(case: Case) -> Tensor:
        limits = case.require_limits()
        if limits.lower.isnan().all():  # too many blocks: no forward is worth it
            return limits.lower
        return normalized_aopc(choose(_case_curves(case)), limits)

    return score


def _declare(name: str, score: Callable[[Case], Tensor], order: str, *, higher: bool) -> Metric:
    return Metric(
        name=name,
        version=2,
        score=score,
        higher_is_better=higher,
        across_models=True,
        bounds=(0.0, 1.0),
        unit="share of what any order could reach",
        family=Family.FAITHFULNESS,
        needs=frozenset({Need.MODEL, Need.LIMITS}),
        modalities=frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR}),
        sign=Sign.ABSOLUTE,
        ignores_removable=True,
        description=f"AOPC over blocks, {order} relevant first, between the least and the most that any order reaches "
        f"(0 to 1); defined for at most {MOST_BLOCKS} blocks",
        reference="edin2025normalized",
    )


NORMALIZED_AOPC_MORF = _declare("normalized_aopc_morf", _score(lambda curves: curves.morf), "most", higher=True)
NORMALIZED_AOPC_LERF = _declare("normalized_aopc_lerf", _score(lambda curves: curves.lerf), "least", higher=False)
