"""The least and the most AOPC that any order of removal could reach: exactly for few blocks, else by beam search."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .blocks import block_of_each_feature
from .forwards import outputs, outputs_in_chunks
from .probability import class_probability
from .units import in_chunks

VERSION = 2  # raised whenever the limits would come out different
EXACT = 10  # blocks up to which all 2^n sets are tried
MOST_BLOCKS = 64
BEAMS = 5
CHUNK = 128  # rows a forward


class Limits(NamedTuple):
    """The worst and the best AOPC of any order, shape (N,) each; NaN where there are too many blocks to tell."""

    lower: Tensor
    upper: Tensor


def aopc_limits(model: nn.Module, samples: Samples, modality: Modality, *, exact: int = EXACT) -> Limits:
    """The limits of `block_aopc` for each sample, whatever the map.

    An order of removal is a path from no block to all; its AOPC is the mean over the path of the drop of the predicted
    class's probability. The best path to a set of blocks ends with the best path to one block less, so 2^n forwards a
    sample give both limits exactly. Otherwise a beam of the five best distinct sets is followed for each limit, at
    about 5·n² forwards a sample.

    Args:
        model: maps (N, *F) to logits (N, K), in eval mode.
        samples: N samples.
        modality: decides what a block is.
        exact: most blocks for which all sets are tried.

    Returns:
        Limits in [-1, 1].

    Raises:
        ValueError: a model in training mode.

    Source:
        edin2025normalized, section 4: exhaustive search and beam search with five beams. Departure: dynamic
        programming over sets in place of all n! orders, which gives the same.
    """
    blocks = block_of_each_feature(tuple(samples.inputs.shape[1:]), modality).to(samples.inputs.device)
    count = int(blocks.max()) + 1
    clean = outputs(model, samples.inputs, CHUNK)
    classes = clean.argmax(dim=1)
    whole = class_probability(clean, classes)
    if count > MOST_BLOCKS:
        unknown = torch.full_like(whole, torch.nan)
        return Limits(unknown, unknown)
    if count <= exact:
        drops = whole - _all_sets(model, samples, blocks, classes, count)  # (2^n, N)
        return Limits(-_best_path(-drops, count) / count, _best_path(drops, count) / count)
    lower, upper = (_beam_search(model, samples, blocks, classes, whole, sign) / count for sign in (-1, 1))
    return Limits(-lower, upper)


def removed_probabilities(
    model: nn.Module, samples: Samples, blocks: Tensor, removed: Tensor, classes: Tensor
) -> Tensor:
    """Probability of a class once sets of blocks are replaced by the fill.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        blocks: the block of each feature, shape F.
        removed: the sets, bool, shape (S, N, n), or (S, 1, n) if they are the same for all samples.
        classes: shape (N,).

    Returns:
        Shape (S, N).
    """
    steps, total = len(removed), len(samples)
    shared = removed.shape[1] == 1

    def rows(start: int, stop: int) -> Tensor:
        pairs = torch.arange(start, stop, device=samples.inputs.device)
        step, sample = pairs // total, pairs % total
        gone = removed[step, 0 if shared else sample][:, blocks.flatten()].view(-1, *blocks.shape)
        return torch.where(gone, samples.fill[sample], samples.inputs[sample])

    logits = outputs_in_chunks(model, rows, steps * total, CHUNK)
    return class_probability(logits, classes.repeat(steps)).view(steps, total)


def _all_sets(model: nn.Module, samples: Samples, blocks: Tensor, classes: Tensor, count: int) -> Tensor:
    """Probability (2^n, N) without each set of blocks, numbered by its bits."""
    numbers = torch.arange(2**count, device=blocks.device)
    bits = (numbers[:, None] >> torch.arange(count, device=blocks.device)) & 1
    return removed_probabilities(model, samples, blocks, bits.bool()[:, None], classes)


def _best_path(drops: Tensor, count: int) -> Tensor:
    """The largest sum of drops along any path from no block to all, shape (N,)."""
    best = drops.clone()
    best[0] = 0
    for number in range(1, len(drops)):
        earlier = [number & ~(1 << block) for block in range(count) if number >> block & 1]
        best[number] += best[earlier].amax(dim=0)
    return best[-1]


def _beam_search(
    model: nn.Module, samples: Samples, blocks: Tensor, classes: Tensor, whole: Tensor, sign: int
) -> Tensor:
    """The largest sum of `sign` times the drop along the paths that the beam follows, shape (N,)."""
    count, total, device = int(blocks.max()) + 1, len(samples), samples.inputs.device
    sets = torch.zeros(total, 1, count, dtype=torch.bool, device=device)  # (N, beams, n)
    sums = torch.zeros(total, 1, device=device, dtype=whole.dtype)
    one_more = torch.eye(count, dtype=torch.bool, device=device)
    weights = torch.rand(count, generator=torch.Generator().manual_seed(0), dtype=torch.float64).to(device)
    for _ in range(count):
        wider = (sets[:, :, None] | one_more).flatten(1, 2)  # (N, beams·n, n)
        longer = (~sets).flatten(1)  # is the block new
        names = in_chunks(lambda part: (part * weights).sum(dim=2), wider, rows=64)  # equal for equal sets
        scores = torch.full(longer.shape, -torch.inf, device=device, dtype=whole.dtype)
        found = removed_probabilities(model, samples, blocks, wider.transpose(0, 1), classes).T  # (N, beams·n)
        gains = sums.repeat_interleave(count, dim=1) + sign * (whole[:, None] - found)
        scores = torch.where(longer, gains, scores)
        better = _repeated(names, scores)
        kept = scores.masked_fill(better, -torch.inf).topk(min(BEAMS, scores.shape[1]), dim=1)
        sums = kept.values
        sets = wider.gather(1, kept.indices[:, :, None].expand(-1, -1, count))
    return sums.amax(dim=1)


def _repeated(names: Tensor, scores: Tensor) -> Tensor:
    """Which candidates are the same set as another one that scores better, or as well and comes first."""

    def rows(names: Tensor, scores: Tensor) -> Tensor:
        same = (names[:, :, None] - names[:, None]).abs() < 1e-9  # (B, c, c)
        places = torch.arange(names.shape[1], device=names.device)
        higher = scores[:, None] > scores[:, :, None]
        tied = (scores[:, None] == scores[:, :, None]) & (places < places[:, None])
        return (same & (higher | tied)).any(dim=2)

    return in_chunks(rows, names, scores, rows=64)
