"""The one order of relevance that every curve and every ranked metric uses, ties included."""

import torch
from torch import Tensor

from ..datasets.randomness import uniform


def relevance_order(maps: Tensor, ids: Tensor, *, seed: int, removable: Tensor | None = None) -> Tensor:
    """Units from the most to the least relevant.

    Relevance is the absolute value. Ties are broken by a random order that depends on (seed, id) alone, so a map that
    says nothing gives a random ranking, and not that of the memory layout.

    Args:
        maps: shape (N, n), without NaN.
        ids: sample ids, shape (N,), on the device of the maps.
        seed: of the order among equal values.
        removable: which units are ranked, bool, shape (N, n); the others come last, in no order of meaning. None
            ranks all.

    Returns:
        Unit indices, shape (N, n); reading a row (its ranked part) backwards gives the order from the least relevant
        unit on. The order among the ranked units does not depend on how many unranked ones follow them.

    Source:
        ismail2021improving orders by absolute value; the random order among ties is ours.
    """
    magnitudes = maps.abs()
    if removable is not None:
        magnitudes = magnitudes.masked_fill(~removable, -1.0)
    values, order = magnitudes.sort(dim=1, descending=True)
    equal = values[:, 1:] == values[:, :-1]
    if removable is not None:
        equal &= values[:, 1:] >= 0
    tied = equal.any(dim=1).nonzero().squeeze(1)
    if len(tied):  # elsewhere there is one order, and the draws, which cost more than the sort, would not change it
        shuffled = uniform(ids[tied], maps.shape[1:], seed=seed, purpose="order of ties").argsort(dim=1)
        resorted = magnitudes[tied].gather(1, shuffled).argsort(dim=1, descending=True, stable=True)
        order[tied] = shuffled.gather(1, resorted)
    return order


def relevance_ranks(maps: Tensor, ids: Tensor, *, seed: int, removable: Tensor | None = None) -> Tensor:
    """The place of each unit in `relevance_order`, shape (N, n); 0 is the most relevant."""
    order = relevance_order(maps, ids, seed=seed, removable=removable)
    places = torch.arange(order.shape[1], device=order.device).expand_as(order)
    return torch.empty_like(order).scatter_(1, order, places)
