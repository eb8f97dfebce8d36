"""Units: what is ranked and removed as one; a pixel with all its channels, a cell, a feature, a token."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, max_pool2d

from ..datasets.base import Modality

_DIMENSIONS = {Modality.IMAGE: 3, Modality.SERIES: 2, Modality.TABULAR: 1, Modality.TEXT: 1}  # length of F


def unit_maps(attributions: Tensor, modality: Modality) -> Tensor:
    """One number a removable unit, with its sign.

    Args:
        attributions: shape (N, *F), finite.
        modality: decides the unit: in images a pixel, in series a cell (time, feature), in tables a feature, in
            text a token.

    Returns:
        Shape (N, n) for n units a sample. A pixel is the signed mean over its channels; elsewhere one attribution
        is one unit.

    Raises:
        ValueError: an attribution that is NaN or infinite, or a shape that does not suit the modality.

    Source:
        ismail2021improving, public code for images: mean over channels first, absolute value afterwards.
    """
    _check_dimensions(attributions, modality)
    check_finite(attributions)
    return (attributions.mean(dim=1) if modality is Modality.IMAGE else attributions).flatten(1)


def relevance_maps(attributions: Tensor, modality: Modality, *, region: int = 1) -> Tensor:
    """How relevant each removable unit is: the absolute value of `unit_maps`, averaged over regions of an image.

    Args:
        attributions: shape (N, *F), finite.
        modality: as for `unit_maps`.
        region: in images, side of the squares of pixels that are removed together; those at the right and lower edge
            may be cut off. Elsewhere 1.

    Returns:
        Shape (N, n), for n pixels, regions, cells, features or tokens.
    """
    maps = unit_maps(attributions, modality).abs()
    if region == 1 or modality is not Modality.IMAGE:
        return maps
    planes = maps.view(-1, 1, *attributions.shape[2:])
    return avg_pool2d(planes, region, ceil_mode=True, count_include_pad=False).flatten(1)


def check_finite(attributions: Tensor) -> None:
    """Raise a ValueError that counts the samples with an attribution that is NaN or infinite, if there are any."""
    faulty = int(in_chunks(lambda part: ~part.flatten(1).isfinite().all(dim=1), attributions).sum())
    if faulty:
        raise ValueError(f"attributions must be finite, got NaN or infinity in {faulty} of {len(attributions)} samples")


def unit_masks(masks: Tensor, modality: Modality) -> Tensor:
    """Masks (N, *F) as booleans a unit, shape (N, n): a pixel is evidence if any of its channels is."""
    _check_dimensions(masks, modality)
    return (masks.bool().any(dim=1) if modality is Modality.IMAGE else masks.bool()).flatten(1)


def removable_units(removable: Tensor, modality: Modality, *, region: int = 1) -> Tensor:
    """Removable features (N, *F) as booleans a unit, shape (N, n): all channels and pixels of a unit must be."""
    _check_dimensions(removable, modality)
    if modality is not Modality.IMAGE:
        return removable.flatten(1)
    fixed = (~removable).any(dim=1, keepdim=True).float()  # (N, 1, H, W)
    return max_pool2d(fixed, region, ceil_mode=True).flatten(1) == 0


def expand_units(units: Tensor, shape: Sequence[int], modality: Modality, *, region: int = 1) -> Tensor:
    """Values of units, spread over the features that each unit stands for.

    Args:
        units: shape (..., n).
        shape: F, the shape of one sample.
        modality: as for `unit_maps`.
        region: as for `relevance_maps`.

    Returns:
        Shape (..., *F); all channels of a pixel, and all pixels of a region, share its value.

    >>> expand_units(torch.tensor([[True, False]]), (3, 1, 2), Modality.IMAGE).shape
    torch.Size([1, 3, 1, 2])
    """
    if modality is not Modality.IMAGE:
        return units.reshape(*units.shape[:-1], *shape)
    height, width = shape[1:]
    planes = units.reshape(*units.shape[:-1], 1, -(-height // region), -(-width // region))
    if region > 1:
        planes = planes.repeat_interleave(region, dim=-2).repeat_interleave(region, dim=-1)[..., :height, :width]
    return planes.expand(*units.shape[:-1], *shape)


def without_tokens(tokens: Tensor, removed: Tensor) -> Tensor:
    """Texts (..., T) without some of their tokens, bool (..., T): the rest moves left, and padding, 0, follows.

    >>> without_tokens(torch.tensor([5, 6, 7, 0]), torch.tensor([True, False, True, False]))
    tensor([6, 0, 0, 0])
    """
    order = removed.to(torch.uint8).argsort(dim=-1, stable=True)
    return tokens.gather(-1, order).masked_fill(removed.gather(-1, order), 0)


def on_removable(score: Callable[..., Tensor], removable: Tensor | None, *tensors: Tensor) -> Tensor:
    """`score(*tensors)` as if each sample had its removable units alone.

    Args:
        score: takes tensors with one row a sample and gives one row a sample, shape (N, ...).
        removable: which units count, bool, shape (N, n); None counts all.
        tensors: those of shape (N, n) are cut to the removable units, others are passed on as they are.

    Returns:
        What `score` returns for samples of equally many units at a time; NaN for a sample without any.
    """
    if removable is None:
        return score(*tensors)
    counts = removable.sum(dim=1)
    scores: Tensor | None = None
    for count in counts[counts > 0].unique().tolist():
        rows = counts == count
        chosen = removable[rows]
        parts = [
            tensor[rows][chosen].view(-1, count) if tensor.shape == removable.shape else tensor[rows]
            for tensor in tensors
        ]
        found = score(*parts)
        if scores is None:
            scores = found.new_full((len(removable), *found.shape[1:]), torch.nan)
        scores[rows] = found
    if scores is None:  # the shape is that of any sample
        found = score(*(tensor[:1] for tensor in tensors))
        scores = found.new_full((len(removable), *found.shape[1:]), torch.nan)
    return scores


def in_chunks(score: Callable[..., Tensor], *tensors: Tensor, rows: int = 1024) -> Tensor:
    """`score(*tensors)` of per-sample tensors, `rows` samples at a time, so that memory does not grow with N."""
    parts = zip(*(tensor.split(rows) for tensor in tensors), strict=True)
    return torch.cat([score(*part) for part in parts])


def _check_dimensions(tensor: Tensor, modality: Modality) -> None:
    expected = _DIMENSIONS[modality]
    if tensor.ndim != expected + 1:
        raise ValueError(f"{modality} samples have {expected} dimensions, got {tuple(tensor.shape)} for (N, *F)")
