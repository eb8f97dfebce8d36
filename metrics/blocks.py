"""A coarse grid of blocks over images and series, for what can only be computed with few units."""

import torch
from torch import Tensor

from ..datasets.base import Modality
from .units import check_finite

SIDE = 3  # blocks along each axis


def block_of_each_feature(shape: tuple[int, ...], modality: Modality) -> Tensor:
    """Which block each feature belongs to.

    Args:
        shape: F, the shape of one sample.
        modality: an image is cut into 3×3 blocks of pixels, with all channels; a series into 3×3 blocks of time and
            features; elsewhere each feature is a block of its own. Axes shorter than 3 are cut into single places.

    Returns:
        Block numbers from 0 without gaps, shape F, int64.
    """
    if modality is Modality.IMAGE:
        _, height, width = shape
        return _grid(height, width).expand(shape)
    if modality is Modality.SERIES:
        return _grid(*shape)
    return torch.arange(torch.Size(shape).numel()).view(shape)


def _grid(rows: int, columns: int) -> Tensor:
    down, across = (torch.arange(length) * min(SIDE, length) // length for length in (rows, columns))
    return down[:, None] * min(SIDE, columns) + across


def block_relevance(attributions: Tensor, blocks: Tensor) -> Tensor:
    """Mean absolute attribution of each block, shape (N, n).

    Args:
        attributions: shape (N, *F), finite.
        blocks: what `block_of_each_feature` gives, shape F.

    Raises:
        ValueError: an attribution that is NaN or infinite.
    """
    check_finite(attributions)
    flat, places = attributions.abs().flatten(1), blocks.flatten().to(attributions.device)
    count = int(places.max()) + 1
    sums = flat.new_zeros(len(flat), count).index_add_(1, places, flat)
    return sums / torch.bincount(places, minlength=count).to(sums)
