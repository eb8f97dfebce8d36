"""Means over samples drawn with replacement, the same draws for everything that is compared."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..datasets.randomness import stream

Array = NDArray[np.float64]
RESAMPLES = 2_000
_BLOCK = 4_000_000  # weights held at a time


def resampled_means(scores: Array, *, name: str = "", resamples: int = RESAMPLES) -> Array:
    """Means of rows over samples drawn with replacement, the same ones for all rows.

    Args:
        scores: shape (..., N), NaN where undefined; these are drawn too, and then left out of the mean.
        name: of the samples; the draws depend on it and on N alone.
        resamples: how many.

    Returns:
        Shape (resamples, ...); NaN where only undefined samples were drawn.
    """
    flat = scores.reshape(-1, scores.shape[-1])
    defined = np.isfinite(flat)
    filled, counted = np.where(defined, flat, 0.0).T, defined.astype(np.float64).T
    with np.errstate(invalid="ignore"):
        means = [(weights @ filled) / (weights @ counted) for weights in _weights(len(filled), resamples, name)]
    return np.concatenate(means).reshape(resamples, *scores.shape[:-1])


def _weights(size: int, resamples: int, name: str) -> Iterator[Array]:
    """How often each sample is drawn, in blocks of shape (·, size)."""
    step = max(1, _BLOCK // size)
    for start in range(0, resamples, step):
        yield _weight_block(size, min(step, resamples - start), name, start)


@lru_cache(maxsize=8)
def _weight_block(size: int, rows: int, name: str, start: int) -> Array:
    generator = stream(f"samples of {name}", start, size)
    return generator.multinomial(size, np.full(size, 1 / size), size=rows).astype(np.float64)
