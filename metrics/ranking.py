"""The one order of relevance that every curve and every ranked metric uses, ties included."""

from collections.abc import Sequence

import numpy as np
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


def ranked_sets(maps: Tensor, ids: Tensor, most: Sequence[int], least: Sequence[int], *, seed: int) -> Tensor:
    """The most relevant k units for several k, and the least relevant k for several others.

    They are those of `relevance_ranks`, mostly found without it: where the last unit inside is not as relevant as the
    first one outside, ties do not matter, and a threshold is all it takes.

    Args:
        maps: shape (N, n), without NaN.
        ids: sample ids, shape (N,), on the device of the maps.
        most: numbers of most relevant units, each in 0 to n.
        least: numbers of least relevant units, each in 0 to n.
        seed: of the order among equal values.

    Returns:
        1 or 0, shape (N, len(most) + len(least), n), float32.
    """
    units, split, device = maps.shape[1], len(most), maps.device
    sizes = torch.tensor([*most, *least], dtype=torch.int64, device=device)
    magnitudes = maps.abs()
    ascending = _ascending(magnitudes)
    first = torch.where(torch.arange(len(sizes), device=device) < split, units - sizes, sizes)  # of the upper side
    below, above = (ascending[:, place.clamp(0, units - 1)] for place in (first - 1, first))
    divided = (sizes > 0) & (sizes < units)  # else there is no unit on one of the sides
    unclear = ((below == above) & divided | (sizes == 0)).any(dim=1).nonzero().squeeze(1)
    sets = torch.empty((len(maps), len(sizes), units), device=device)
    values, below, above = magnitudes.unsqueeze(1), below.unsqueeze(2), above.unsqueeze(2)
    torch.ge(values, above[:, :split], out=sets[:, :split])
    torch.le(values, below[:, split:], out=sets[:, split:])
    if len(unclear):
        ranks = relevance_ranks(maps[unclear], ids[unclear], seed=seed).unsqueeze(1)
        counts = sizes.unsqueeze(1)
        sets[unclear] = torch.cat([ranks < counts[:split], ranks >= units - counts[split:]], dim=1).to(sets)
    return sets


def _ascending(values: Tensor) -> Tensor:
    """Each row sorted; on a CPU by numpy, which sorts values alone several times as fast and shares the memory."""
    if values.device.type != "cpu" or values.dtype not in {torch.float32, torch.float64}:
        return values.sort(dim=1).values
    return torch.from_numpy(np.sort(values.detach().numpy(), axis=1))
