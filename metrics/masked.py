"""Scores of a map against a mask: one check of the shapes, bounded memory, NaN where there is no evidence."""

from collections.abc import Callable

import torch
from torch import Tensor

from .units import check_finite, in_chunks

_CELLS = 2**20  # units in one chunk; its few temporaries take some 100 MB


def masked_scores(score: Callable[..., Tensor], maps: Tensor, masks: Tensor, *others: Tensor) -> Tensor:
    """`score(maps, masks, *others)` in chunks of samples, so that memory does not grow with N.

    Args:
        score: gives one row a sample, shape (N,) or (N, m).
        maps: shape (N, n), finite.
        masks: bool, shape (N, n).
        others: whatever else it takes, one row a sample.

    Returns:
        What `score` returns, NaN for a sample whose mask is empty: its score would be the same for every map.

    Raises:
        ValueError: maps and masks of two shapes, or a map with a value that is NaN or infinite.
    """
    if maps.shape != masks.shape:
        raise ValueError(f"maps {tuple(maps.shape)} and masks {tuple(masks.shape)} must have one shape")
    check_finite(maps)
    rows = max(1, _CELLS // max(1, maps.shape[1]))
    scores = in_chunks(score, maps, masks, *others, rows=rows)
    scores[~masks.any(dim=1)] = torch.nan
    return scores


def magnitudes_of(maps: Tensor) -> Tensor:
    """Absolute values over the largest of the sample, float64, so that no sum under- or overflows; NaN if all are 0."""
    magnitudes = maps.abs().double()
    return magnitudes / magnitudes.amax(dim=1, keepdim=True)
