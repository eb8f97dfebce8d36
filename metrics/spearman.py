"""Spearman's rank correlation of two maps, ties sharing their mean rank."""

from torch import Tensor

from .correlation import average_ranks
from .units import in_chunks


def spearman(maps: Tensor, others: Tensor) -> Tensor:
    """Do two maps rank the units alike?

    Args:
        maps: shape (N, n), finite.
        others: shape (N, n), finite.

    Returns:
        Shape (N,), double, in [-1, 1]: exactly 1 for equal rankings, 0 for unrelated ones, -1 for reversed ones. NaN
        where either map is constant, so always for a single unit.

    Raises:
        ValueError: two shapes.

    Source:
        spearman1904proof; Pearson's correlation of the ranks, which holds with ties.
    """
    if maps.shape != others.shape:
        raise ValueError(f"maps {tuple(maps.shape)} and others {tuple(others.shape)} must have one shape")
    return in_chunks(_spearman, maps, others)


def _spearman(maps: Tensor, others: Tensor) -> Tensor:
    first, second = _centered_ranks(maps), _centered_ranks(others)
    scale = (first.square().sum(dim=1) * second.square().sum(dim=1)).sqrt()
    return ((first * second).sum(dim=1) / scale).clamp(-1, 1)  # 0/0 is the NaN


def _centered_ranks(maps: Tensor) -> Tensor:
    """Ranks minus their mean: multiples of a half, so that sums of their products are exact."""
    return average_ranks(maps) - (maps.shape[1] - 1) / 2
