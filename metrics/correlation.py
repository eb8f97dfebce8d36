"""Pearson's correlation within each row, and the ranks that turn it into Spearman's."""

import torch
from torch import Tensor

_RELATIVE_SPREAD = 1e-10  # below it, differences are the rounding of sums in double precision


def pearson(first: Tensor, second: Tensor) -> Tensor:
    """Correlation of two rows of numbers.

    Args:
        first: shape (N, S), finite.
        second: shape (N, S).

    Returns:
        Shape (N,), in [-1, 1], float64. Not changed by a positive scale or an offset of either. NaN where a row is
        constant up to rounding, where it has fewer than two numbers, or where it holds a NaN.

    Raises:
        ValueError: shapes that differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"rows {tuple(first.shape)} and {tuple(second.shape)} must have one shape")
    return (_standardized(first) * _standardized(second)).sum(dim=1).clamp(-1, 1)


def average_ranks(values: Tensor) -> Tensor:
    """Ranks from 0 on within each row (N, S), float64; equal values share the mean of their ranks."""
    values = values.contiguous()
    ordered = values.sort(dim=1).values
    below, up_to = (torch.searchsorted(ordered, values, right=right) for right in (False, True))
    return ((below + up_to - 1).double() / 2).masked_fill(values.isnan(), torch.nan)


def _standardized(rows: Tensor) -> Tensor:
    """Rows of mean 0 and length 1; NaN where a row does not vary."""
    rows = rows.double()
    rows = rows / rows.abs().amax(dim=1, keepdim=True)  # so that no square underflows; 0/0 is the NaN
    constant = rows.amax(dim=1, keepdim=True) - rows.amin(dim=1, keepdim=True) <= _RELATIVE_SPREAD
    centered = rows - rows.mean(dim=1, keepdim=True)
    length = centered.square().sum(dim=1, keepdim=True).sqrt()
    return (centered / length).masked_fill(constant, torch.nan)
