"""The inputs of a perturbation protocol, made as they are asked for."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..datasets.base import Modality, Samples
from .protocol import Protocol
from .ranking import RankedSets, relevance_ranks
from .removal_count import removal_counts
from .units import expand_units, relevance_maps, removable_units

_BLOCK = 64  # samples that are ranked at once, about: enough that the calls do not count, few enough to hold


class PerturbedRows:
    """Rows start to stop of the (sample, step) pairs, all steps of a sample in a row.

    To be read in order, since the ranking of a block of samples is kept until a row behind it is asked for.

    Args:
        samples: N samples.
        attributions: larger in absolute value is more relevant, shape (N, *F), finite.
        modality: decides what one unit is.
        protocol: what is removed and what takes its place.
        seed: of the order among equally relevant units, and of a random fill.
    """

    def __init__(
        self, samples: Samples, attributions: Tensor, modality: Modality, protocol: Protocol, *, seed: int
    ) -> None:
        self._samples, self._attributions, self._modality = samples, attributions, modality
        self._protocol, self._seed = protocol, seed
        self._block = range(0)
        self._sets: Callable[[slice], Tensor]

    def __len__(self) -> int:
        return len(self._samples) * self._protocol.steps

    def __call__(self, start: int, stop: int) -> Tensor:
        """Perturbed inputs, shape (stop - start, *F)."""
        steps, shape = self._protocol.steps, self._samples.inputs.shape[1:]
        first, last = start // steps, -(-stop // steps)
        if first not in self._block or last > self._block.stop:
            whole = (last - first) * max(1, _BLOCK // (last - first))  # as many calls, so that none is ranked twice
            self._block = range(first, min(first + whole, len(self._samples)))
            self._sets = self._ranked(slice(first, self._block.stop))
        removed = self._sets(slice(first - self._block.start, last - self._block.start))  # (B, steps, n), 0 or 1
        removed = expand_units(removed, shape, self._modality, region=self._protocol.region)
        rows = self._protocol.perturbed(self._samples[first:last], removed, self._modality, seed=self._seed)
        return rows.flatten(0, 1)[start - first * steps : stop - first * steps]

    def _ranked(self, block: slice) -> Callable[[slice], Tensor]:
        """What gives the removed sets of some of the samples of a block."""
        protocol, part = self._protocol, self._samples[block]
        maps = relevance_maps(self._attributions[block], self._modality, region=protocol.region)
        split = len(protocol.most)
        if part.removable is None:
            counts = removal_counts(maps.shape[1], protocol)
            return RankedSets(maps, part.ids, counts[:split], counts[split:], seed=self._seed).__getitem__
        removable = removable_units(part.removable, self._modality, region=protocol.region)
        ranks = relevance_ranks(maps, part.ids, seed=self._seed, removable=removable).unsqueeze(1)
        totals, own = _own_counts(removable, protocol)

        def sets(rows: slice) -> Tensor:
            most, least = own[rows, :split], own[rows, split:]
            chosen = torch.cat([ranks[rows] < most, ranks[rows] >= totals[rows] - least], dim=1)
            return (chosen & removable[rows].unsqueeze(1)).float()

        return sets


def _own_counts(removable: Tensor, protocol: Protocol) -> tuple[Tensor, Tensor]:
    """Each sample's number of units, shape (N, 1, 1), and how many go at each step, shape (N, steps, 1)."""
    totals = removable.sum(dim=1)
    found, place = totals.unique(return_inverse=True)
    counts = torch.tensor([removal_counts(total, protocol) for total in found.tolist()], device=removable.device)
    return totals.view(-1, 1, 1), counts[place].unsqueeze(2)
