"""The parts of an input that are removed together by methods that would be too slow feature by feature."""

from collections.abc import Callable
from math import ceil

import torch
from torch import Tensor

Segments = Callable[[tuple[int, ...]], Tensor]  # F, the shape of one sample, to numbers from 0, shape F


def block_shape(shape: tuple[int, ...], *, per_axis: int = 8) -> tuple[int, ...]:
    """The shape of one block, so that none of the axes with a neighborhood has more than `per_axis` of them.

    Images have square blocks over all channels, series blocks of steps × features, all else single features.

    >>> block_shape((3, 32, 24)), block_shape((50, 12)), block_shape((7,))
    ((3, 4, 4), (7, 2), (1,))
    """
    if len(shape) == 3:
        side = ceil(max(shape[1:]) / per_axis)
        return (shape[0], min(side, shape[1]), min(side, shape[2]))
    if len(shape) == 2:
        return (ceil(shape[0] / per_axis), ceil(shape[1] / per_axis))
    return (1,) * len(shape)


def blocks(shape: tuple[int, ...]) -> Tensor:
    """At most 64 blocks of an image or a series, and the single features of a table or words of a text.

    >>> blocks((2, 16))[0].tolist()
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]
    """
    numbers = torch.zeros(shape, dtype=torch.int64)
    for axis, (size, side) in enumerate(zip(shape, block_shape(shape), strict=True)):
        along = torch.arange(size) // side
        numbers = numbers * (int(along[-1]) + 1) + along.view(
            *[-1 if other == axis else 1 for other in range(len(shape))]
        )
    return numbers


def single_features(shape: tuple[int, ...]) -> Tensor:
    """Every feature for itself."""
    return torch.arange(torch.Size(shape).numel()).view(shape)


def share_out(values: Tensor, segments: Tensor) -> Tensor:
    """Each segment's value in equal shares to its features, so that sums are kept and sizes do not matter.

    Args:
        values: shape (..., S).
        segments: numbers in [0, S), shape F.

    Returns:
        Shape (..., *F).
    """
    sizes = segments.flatten().bincount(minlength=values.shape[-1]).clamp(min=1)
    return (values / sizes.to(values))[..., segments]
