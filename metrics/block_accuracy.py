"""Accuracy under one bright square that hides a part of each image."""

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .corruption import corrupted_correctness, declare

HALF_SIDES = (0.0, 6.0, 8.0, 10.0, 12.0)  # m, the largest half-side, in 28ths of the image's shorter side
_SMALLEST, _PUBLISHED_SIDE = 2, 28


def with_blocks(samples: Samples, largest: float, *, seed: int = 0) -> Tensor:
    """The images, each with one square of one value somewhere inside it.

    Args:
        samples: N images, inputs (N, C, H, W), H and W at least 2.
        largest: m, a whole number from 2 to 14. The half-side h is uniform in 2, …, m, and is scaled by the shorter
            side over 28, rounded, and at least 1.
        seed: of half-side, place and value, which are drawn per sample id.

    Returns:
        Shape (N, C, H, W). A square covers 2h pixels each way in all channels; its center is uniform where it fits.

    Raises:
        ValueError: images with a side below 2, or m outside 2 to 14, with which a square would not fit.

    Source:
        The public code of xaiconstrained, on 28×28 images, where the scale is 1. Departure: the value is
        uniform in the upper half of the sample's range instead of in [0.5, 1], which is the same for images that
        fill [0, 1].
    """
    inputs = samples.inputs
    height, width = inputs.shape[2:]
    side = min(height, width)
    if side < 2 or not _SMALLEST <= largest <= _PUBLISHED_SIDE / 2:
        raise ValueError(f"images must be at least 2x2 and largest in 2 to 14, got {height}x{width} and {largest}")
    draws = uniform(samples.ids, (4,), seed=seed, purpose=f"block {largest:g}").double()
    drawn = _SMALLEST + (draws[:, 0] * (largest - _SMALLEST + 1)).floor()
    half = (drawn * side / _PUBLISHED_SIDE + 0.5).floor().clamp(min=1)  # at most side / 2, since m ≤ 14 of 28
    top = (draws[:, 1] * (height - 2 * half + 1)).floor()
    left = (draws[:, 2] * (width - 2 * half + 1)).floor()
    rows = _between(top, top + 2 * half, height)
    columns = _between(left, left + 2 * half, width)
    inside = (rows[:, :, None] & columns[:, None, :])[:, None]  # (N, 1, H, W)
    low, high = inputs.flatten(1).aminmax(dim=1)
    value = low + (high - low) * (0.5 + 0.5 * draws[:, 3]).to(inputs)
    return torch.where(inside, value.view(-1, 1, 1, 1), inputs)


def block_correctness(model: nn.Module, samples: Samples, *, seed: int = 0) -> Tensor:
    """Is the model right with a square of up to m = 0, 6, 8, 10 and 12 in half-side? See `with_blocks`.

    Returns:
        1 or 0, shape (5, N), float32.
    """
    return corrupted_correctness(
        model, samples, lambda part, largest: with_blocks(part, largest, seed=seed), HALF_SIDES
    )


def _between(start: Tensor, stop: Tensor, length: int) -> Tensor:
    places = torch.arange(length, device=start.device)
    return (places >= start[:, None]) & (places < stop[:, None])


BLOCK_ACCURACY_AREA = declare(
    "block_accuracy_area",
    lambda model, samples, seed: block_correctness(model, samples, seed=seed),
    HALF_SIDES,
    column="largest half-side",
    unit="accuracy × half-side",
    modalities=frozenset({Modality.IMAGE}),
    description="area under the accuracy while a bright square grows to a half-side of 12 of 28 pixels",
)
