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


class RankedSets:
    """The most relevant k units for several k, and the least relevant k for several others.

    They are those of `relevance_ranks`, mostly found without it: where the last unit inside is not as relevant as the
    first one outside, ties do not matter, and a threshold is all it takes. All thresholds are found at once; the sets,
    which are many times as large as the maps, are made for the samples that one asks for.

    Args:
        maps: shape (N, n), without NaN.
        ids: sample ids, shape (N,), on the device of the maps.
        most: numbers of most relevant units, each in 0 to n.
        least: numbers of least relevant units, each in 0 to n.
        seed: of the order among equal values.

    >>> RankedSets(torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([0]), [1, 2], [1], seed=0)[:]
    tensor([[[1., 0., 0.],
             [1., 0., 1.],
             [0., 1., 0.]]])
    """

    def __init__(self, maps: Tensor, ids: Tensor, most: Sequence[int], least: Sequence[int], *, seed: int) -> None:
        units, self._split = maps.shape[1], len(most)
        self._sizes = torch.tensor([*most, *least], dtype=torch.int64, device=maps.device)
        self._magnitudes, self._ids, self._seed = maps.abs(), ids, seed
        ascending = _ascending(self._magnitudes)
        places = torch.arange(len(self._sizes), device=maps.device)
        first = torch.where(places < self._split, units - self._sizes, self._sizes)  # of the upper side
        self._below, self._above = (ascending[:, place.clamp(0, units - 1)] for place in (first - 1, first))
        divided = (self._sizes > 0) & (self._sizes < units)  # else there is no unit on one of the sides
        self._unclear = ((self._below == self._above) & divided | (self._sizes == 0)).any(dim=1)
        self._any_unclear = bool(self._unclear.any())

    def __getitem__(self, rows: slice) -> Tensor:
        """The sets of some samples: 1 or 0, shape (len(rows), len(most) + len(least), n), float32."""
        magnitudes, split = self._magnitudes[rows], self._split
        units, values = magnitudes.shape[1], magnitudes.unsqueeze(1)
        sets = torch.empty((len(magnitudes), len(self._sizes), units), device=magnitudes.device)
        torch.ge(values, self._above[rows, :split].unsqueeze(2), out=sets[:, :split])
        torch.le(values, self._below[rows, split:].unsqueeze(2), out=sets[:, split:])
        if self._any_unclear:
            unclear, counts = self._unclear[rows], self._sizes.unsqueeze(1)
            ranks = relevance_ranks(magnitudes[unclear], self._ids[rows][unclear], seed=self._seed).unsqueeze(1)
            sets[unclear] = torch.cat([ranks < counts[:split], ranks >= units - counts[split:]], dim=1).to(sets)
        return sets


def _ascending(values: Tensor) -> Tensor:
    """Each row sorted; on a CPU by numpy, which sorts values alone several times as fast and shares the memory."""
    if values.device.type != "cpu" or values.dtype not in {torch.float32, torch.float64}:
        return values.sort(dim=1).values
    return torch.from_numpy(np.sort(values.detach().numpy(), axis=1))
