"""Rotation of images about their center, without interpolation."""

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def rotate(images: Tensor, degrees: float) -> Tensor:
    """Images turned counter-clockwise; what comes from outside is 0.

    Args:
        images: shape (N, C, H, W).
        degrees: any angle.

    Returns:
        Shape (N, C, H, W); each pixel is the one nearest to where it came from. Differentiable.
    """
    count, _, height, width = images.shape
    angle = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    cosine, sine = angle.cos(), angle.sin()
    rows = torch.arange(height, dtype=torch.float64)[:, None] - (height - 1) / 2
    columns = torch.arange(width, dtype=torch.float64) - (width - 1) / 2
    from_columns = cosine * columns - sine * rows  # rows point down
    from_rows = sine * columns + cosine * rows
    grid = torch.stack([from_columns * 2 / width, from_rows * 2 / height], dim=2)  # (H, W, 2); -1 and 1 are the edges
    grid = grid.to(images).expand(count, -1, -1, -1)
    return grid_sample(images, grid, mode="nearest", padding_mode="zeros", align_corners=False)
