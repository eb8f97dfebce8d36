"""The perturbation engine: every perturbed input is run once, and all metrics of the family read its logits."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .memory import out_of_memory
from .protocol import SHARED, Protocol
from .ranking import ranked_sets, relevance_ranks
from .units import check_finite, expand_units, relevance_maps, removable_units


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Logits of N samples, whole and with a share of their units replaced."""

    protocol: Protocol = SHARED
    clean: Tensor  # (N, K)
    most: Tensor  # (len(protocol.most), N, K), the most relevant units removed
    least: Tensor  # (len(protocol.least), N, K), the least relevant units removed

    def __post_init__(self) -> None:
        for name, grid in (("most", self.protocol.most), ("least", self.protocol.least)):
            found, expected = getattr(self, name).shape, (len(grid), *self.clean.shape)
            if found != expected:
                raise ValueError(f"{name} must have shape {expected}, got {tuple(found)}")

    def at(self, percent: int, *, most_relevant_first: bool) -> Tensor:
        """Logits (N, K) with `percent` % of the units removed; 0 gives the clean ones.

        To keep only the top p % is to remove the least relevant 100 - p %.

        Raises:
            ValueError: a percent that is not on the grid.
        """
        protocol = self.protocol
        grid, logits = (protocol.most, self.most) if most_relevant_first else (protocol.least, self.least)
        if percent == 0:
            return self.clean
        if percent not in grid:
            direction = "most" if most_relevant_first else "least"
            raise ValueError(f"percent must be 0 or one of {grid} ({direction} relevant first), got {percent}")
        return logits[grid.index(percent)]


def removal_count(units: int, percent: int) -> int:
    """How many of `units` make `percent` %, rounded up; at least one is removed and, of two or more, one is kept.

    Of no units, none are removed.
    """
    return min(units, max(1, min(-(-units * percent // 100), units - 1)))


def removal_counts(units: int, protocol: Protocol) -> list[int]:
    """How many of `units` are removed at each step of a protocol, most relevant first and then least relevant first."""
    if protocol.rounds_kept_up:
        least = [units - -(-units * (100 - percent) // 100) for percent in protocol.least]
    else:
        least = [removal_count(units, percent) for percent in protocol.least]
    return [removal_count(units, percent) for percent in protocol.most] + least


def perturbation_curves(
    model: nn.Module,
    samples: Samples,
    attributions: Tensor,
    modality: Modality,
    *,
    protocol: Protocol = SHARED,
    clean: Tensor | None = None,
    seed: int = 0,
    pairs: int | None = None,
) -> Curves:
    """The logits behind accuracy drop, AOPC, comprehensiveness and sufficiency, each forward made once.

    Units are ranked once, by `relevance_maps`, and removed in one shot; least relevant first is the
    exact reverse of most relevant first and removes the same number at a percent (unless the protocol rounds up what is
    kept). Where the samples say which features are removable, shares are of each sample's own removable units, and the
    others stay. Costs one forward a sample and grid point, and one more a sample if `clean` is not given.

    Args:
        model: maps (N, *F) to logits (N, K), row by row; in eval mode, on the device of the samples.
        samples: N samples.
        attributions: larger in absolute value is more relevant, shape (N, *F).
        modality: decides what one unit is.
        protocol: what is removed and what takes its place.
        clean: logits of the whole inputs, shape (N, K), if known.
        seed: of the order among equally relevant units, and of a random fill.
        pairs: most rows a forward, by default 4096, or 128 on a CPU, whose caches hold no more; halved whenever the
            device runs out of memory. Changes nothing but the rounding in the model's own kernels.

    Raises:
        ValueError: a model in training mode, no samples, pairs below 1, attributions that are not finite, or shapes
            that differ.
        torch.OutOfMemoryError: a single row does not fit.

    Source:
        samek2017evaluating, section III, and deyoung2020eraser, equations 1 and 2; one-shot removal of whole units.
    """
    if model.training:
        raise ValueError("model must be in eval mode, got one in training mode")
    if pairs is None:
        pairs = 128 if samples.inputs.device.type == "cpu" else 4096
    if pairs < 1 or not len(samples):
        raise ValueError(f"pairs and the number of samples must be at least 1, got {pairs} and {len(samples)}")
    if attributions.shape != samples.inputs.shape:
        shapes = f"{tuple(attributions.shape)} and inputs {tuple(samples.inputs.shape)}"
        raise ValueError(f"attributions {shapes} must have one shape")
    check_finite(attributions)
    region = protocol.region
    units = relevance_maps(attributions[:1], modality, region=region).shape[1]
    split = len(protocol.most)
    same = removal_counts(units, protocol)
    steps = protocol.steps
    pairs = max(pairs - pairs % steps, min(pairs, steps))  # whole samples, so that none is ranked twice

    def perturbed(start: int, stop: int) -> Tensor:
        """Rows start to stop of the (sample, step) pairs, all steps of a sample in a row."""
        first, last = start // steps, -(-stop // steps)
        part = samples[first:last]
        maps = relevance_maps(attributions[first:last], modality, region=region)
        if part.removable is None:
            removed = ranked_sets(maps, part.ids, same[:split], same[split:], seed=seed)  # (B, steps, n), 0 or 1
        else:
            removable = removable_units(part.removable, modality, region=region)
            total, counts = _own_counts(removable, protocol)
            ranks = relevance_ranks(maps, part.ids, seed=seed, removable=removable).unsqueeze(1)
            chosen = torch.cat([ranks < counts[:, :split], ranks >= total - counts[:, split:]], dim=1)
            removed = (chosen & removable.unsqueeze(1)).float()
        removed = expand_units(removed, part.inputs.shape[1:], modality, region=region)
        rows = protocol.perturbed(part, removed, modality, seed=seed).flatten(0, 1)
        return rows[start - first * steps : stop - first * steps]

    if clean is None:
        clean = outputs_in_chunks(model, lambda start, stop: samples.inputs[start:stop], len(samples), pairs)
    logits = outputs_in_chunks(model, perturbed, len(samples) * steps, pairs)
    logits = logits.unflatten(0, (len(samples), steps)).transpose(0, 1).contiguous()
    return Curves(protocol=protocol, clean=clean, most=logits[:split], least=logits[split:])


def _own_counts(removable: Tensor, protocol: Protocol) -> tuple[Tensor, Tensor]:
    """Each sample's number of units, shape (N, 1, 1), and how many go at each step, shape (N, steps, 1)."""
    totals = removable.sum(dim=1)
    found, place = totals.unique(return_inverse=True)
    counts = torch.tensor([removal_counts(total, protocol) for total in found.tolist()], device=removable.device)
    return totals.view(-1, 1, 1), counts[place].unsqueeze(2)


def outputs_in_chunks(model: nn.Module, rows: Callable[[int, int], Tensor], total: int, chunk: int) -> Tensor:
    """Logits (total, K) of `rows(start, stop)`, a chunk a forward, in smaller chunks once memory runs out."""
    outputs, start, chunk = None, 0, min(chunk, total)
    while start < total:
        stop = min(start + chunk, total)
        try:
            with torch.inference_mode():
                logits = model(rows(start, stop))
        except (RuntimeError, MemoryError) as error:
            if chunk == 1 or not out_of_memory(error):
                raise
            chunk //= 2
            continue
        if outputs is None:  # made outside inference mode, so that the result is an ordinary tensor
            outputs = torch.empty((total, *logits.shape[1:]), dtype=logits.dtype, device=logits.device)
        outputs[start:stop] = logits
        start = stop
    assert outputs is not None
    return outputs
