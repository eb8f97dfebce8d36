"""What removing chosen sets of units does to the model: the forwards behind every metric that needs it at hand."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .forwards import check_eval_mode, outputs
from .probability import probability_drop
from .units import expand_units


class Removals(NamedTuple):
    """S sets of units, removed one set at a time from each of N samples."""

    relevance: Tensor  # (N, S), float64, sum of the map over the removed units
    clean: Tensor  # (N, K), logits of the whole inputs
    logits: Tensor  # (S, N, K), logits without the units

    def drops(self, classes: Tensor) -> Tensor:
        """Fall of one class's probability, shape (N, S), in [-1, 1], float64."""
        return probability_drop(self.clean, self.logits, classes).T

    def logit_drops(self, classes: Tensor) -> Tensor:
        """Fall of one class's logit, shape (N, S), float64."""
        index = classes.unsqueeze(1)
        whole = self.clean.double().gather(1, index)
        return whole - self.logits.double().gather(2, index.expand(len(self.logits), -1, -1)).squeeze(2).T


def removals(
    model: nn.Module,
    samples: Samples,
    maps: Tensor,
    modality: Modality,
    choose: Callable[[Tensor, Tensor], Tensor],
    *,
    pairs: int | None = None,
) -> Removals:
    """Logits with each of several sets of units replaced by the samples' fill, and the relevance of those units.

    Costs S + 1 forwards a sample. At most max(pairs, S) perturbed rows exist at a time.

    Args:
        model: maps (N, *F) to logits (N, K), row by row; in eval mode, on the device of the samples.
        samples: N samples.
        maps: one number a unit, shape (N, n), finite; unit i is that of `unit_maps`.
        modality: decides what one unit is.
        choose: maps (B, n) and ids (B,) to the sets, bool (B, S, n), each sample's from its own row and id alone.
        pairs: most rows a forward, by default 4096, or 128 on a CPU; halved whenever the device runs out of memory.

    Raises:
        ValueError: a model in training mode, no samples, or pairs below 1.
        torch.OutOfMemoryError: a single row does not fit.
    """
    check_eval_mode(model)
    if pairs is None:
        pairs = 128 if samples.inputs.device.type == "cpu" else 4096
    if pairs < 1 or not len(samples):
        raise ValueError(f"pairs and the number of samples must be at least 1, got {pairs} and {len(samples)}")
    sets = choose(maps[:1], samples.ids[:1]).shape[1]
    relevance, logits = [], []
    together = max(1, pairs // sets)
    for first in range(0, len(samples), together):
        part, part_maps = samples[first : first + together], maps[first : first + together]
        removed = choose(part_maps, part.ids)  # (B, S, n)
        relevance.append((removed.double() @ part_maps.double().unsqueeze(2)).squeeze(2))
        features = expand_units(removed, part.inputs.shape[1:], modality)
        rows = torch.where(features, part.fill.unsqueeze(1), part.inputs.unsqueeze(1)).flatten(0, 1)
        logits.append(outputs(model, rows, pairs).unflatten(0, (len(part), sets)))
    clean = outputs(model, samples.inputs, pairs)
    return Removals(torch.cat(relevance), clean, torch.cat(logits).transpose(0, 1))


def random_subsets(maps: Tensor, ids: Tensor, *, size: int, draws: int, seed: int, purpose: str) -> Tensor:
    """Uniformly drawn sets of exactly `size` units, bool (N, draws, n), from (seed, id) and not from the map's values.

    Raises:
        ValueError: draws below 2, of which nothing can be correlated.
    """
    if draws < 2:
        raise ValueError(f"draws must be at least 2, got {draws}")
    drawn = uniform(ids, (draws, maps.shape[1]), seed=seed, purpose=purpose)
    return torch.zeros_like(drawn, dtype=torch.bool).scatter_(2, drawn.topk(size, dim=2).indices, True)
