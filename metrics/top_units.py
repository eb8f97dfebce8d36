"""Relevance rank accuracy and top-k intersection: how many of the most relevant units are evidence."""

import torch
from torch import Tensor

from .base import Case, Family, Metric, Need, Sign
from .masked import masked_scores
from .ranking import relevance_order
from .units import on_removable

_RANK, _TOP_K = 0, 1  # places in the scores of one sample
_PERCENT = 10


def relevance_rank(maps: Tensor, masks: Tensor, ids: Tensor, *, seed: int = 0) -> Tensor:
    """Share of the evidence among the top k units, where k is the size of the mask: precision and recall in one.

    Args:
        maps: shape (N, n), finite.
        masks: which units are evidence, bool, shape (N, n).
        ids: sample ids, shape (N,).
        seed: of the order among equally relevant units.

    Returns:
        Shape (N,), in [0, 1]; higher is better. On average a random map has the share of the units in the mask, and
        so has a constant one, whose ties are in random order. NaN for an empty mask.

    Raises:
        ValueError: maps and masks of two shapes.

    Source:
        arras2022clevr; channels and ties as everywhere here, see `unit_maps` and `relevance_order`.
    """
    return _top_shares(maps, masks, ids, percent=_PERCENT, seed=seed)[:, _RANK]


def top_k_intersection(maps: Tensor, masks: Tensor, ids: Tensor, *, percent: int = _PERCENT, seed: int = 0) -> Tensor:
    """Evidence among the top k units, over the most that could be: min(k, size of the mask).

    Args:
        maps: shape (N, n), finite.
        masks: which units are evidence, bool, shape (N, n).
        ids: sample ids, shape (N,).
        percent: share of the units in the top, in 1 to 100; k is rounded up, so at least 1.
        seed: of the order among equally relevant units.

    Returns:
        Shape (N,), in [0, 1]; higher is better. NaN for an empty mask.

    Raises:
        ValueError: percent outside 1 to 100, or maps and masks of two shapes.

    Source:
        theiner2022interpretable. Departures: k is a share of the units, not a fixed number of pixels; and they divide
        by k, so that a mask smaller than k could not reach 1.
    """
    if not 1 <= percent <= 100:
        raise ValueError(f"percent must lie in 1 to 100, got {percent}")
    return _top_shares(maps, masks, ids, percent=percent, seed=seed)[:, _TOP_K]


def _top_shares(maps: Tensor, masks: Tensor, ids: Tensor, *, percent: int, seed: int) -> Tensor:
    """Both shares from one order, shape (N, 2)."""

    def shares(maps: Tensor, masks: Tensor, ids: Tensor) -> Tensor:
        order = relevance_order(maps, ids, seed=seed)
        found = masks.gather(1, order).cumsum(dim=1)  # evidence in the top k at k - 1
        inside = found[:, -1:]  # (N, 1)
        top = torch.full_like(inside, -(-maps.shape[1] * percent // 100))  # k
        found_in = found.gather(1, torch.cat([inside.clamp(min=1), top], dim=1) - 1)
        return found_in.double() / torch.cat([inside, inside.minimum(top)], dim=1)

    return masked_scores(shares, maps, masks, ids)


def _declare(name: str, place: int, description: str, reference: str) -> Metric:
    def scored(case: Case) -> Tensor:
        given = case.maps(Sign.ABSOLUTE), case.masks, case.samples.ids

        def shares(*tensors: Tensor) -> Tensor:
            return _top_shares(*tensors, percent=_PERCENT, seed=case.seed)

        return case.once(_top_shares, lambda: on_removable(shares, case.removable, *given))[:, place]

    return Metric(
        name=name,
        version=1,
        score=scored,
        higher_is_better=True,
        across_models=True,
        bounds=(0.0, 1.0),
        unit="share of units",
        family=Family.LOCALIZATION,
        needs=frozenset({Need.MASKS}),
        sign=Sign.ABSOLUTE,
        description=description,
        reference=reference,
    )


RELEVANCE_RANK = _declare(
    "relevance_rank", _RANK, "share of the evidence among as many top units as it has", "arras2022clevr"
)
TOP_K_INTERSECTION = _declare(
    "top_k_intersection",
    _TOP_K,
    "evidence among the top 10 % of the units, over the most that could be there",
    "theiner2022interpretable",
)
