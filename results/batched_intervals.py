"""Intervals of many means at once, equal to those made one by one: a leaderboard has thousands."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from ..datasets.randomness import stream
from .intervals import CONFIDENCE, FEWEST_SAMPLES, FEWEST_SEEDS, Interval, Repeats, seed_interval, too_few_samples
from .resampling import RESAMPLES, resampled_means

Array = NDArray[np.float64]
_COLUMNS = 1_500  # rows of scores resampled at a time, so that the draws stay below 50 MB


def mean_intervals(
    scores: Array, *, name: str, confidence: float = CONFIDENCE, repeats: Repeats = Repeats.TRAINING
) -> list[Interval]:
    """The interval of each mean: over seeds and samples, or over the samples of one model.

    Args:
        scores: shape (means, S, N), all on the same samples, NaN where undefined.
        name: of the samples.
        confidence: in (0, 1).
        repeats: what the seeds are of.

    Returns:
        For each mean what `intervals.sample_interval` gives for one seed, and `intervals.seed_and_sample_interval`
        for more, but for rounding.
    """
    means, seeds, _ = scores.shape
    if 1 < seeds < FEWEST_SEEDS:
        return [seed_interval(np.zeros(seeds), repeats=repeats)] * means
    source = f"over {repeats} and samples" if seeds > 1 else "over samples, one model"
    limits = [
        _percentiles(_draws(block, name, confidence), confidence)
        for block in _blocks(scores, max(1, _COLUMNS // seeds))
    ]
    found = [Interval(low=float(low), high=float(high), source=source) for low, high in np.concatenate(limits)]
    if seeds > 1:
        return found
    defined = np.isfinite(scores[:, 0]).sum(axis=1).tolist()
    return [
        interval if number >= FEWEST_SAMPLES else too_few_samples(number)
        for interval, number in zip(found, defined, strict=True)
    ]


def _blocks(scores: Array, size: int) -> Iterator[Array]:
    for start in range(0, len(scores), size):
        yield scores[start : start + size]


def _draws(scores: Array, name: str, confidence: float) -> Array:
    """Resampled means, shape (RESAMPLES, means)."""
    means, seeds, _ = scores.shape
    if seeds == 1:
        return resampled_means(scores[:, 0], name=name)
    of_seeds = np.nanmean(scores, axis=2)  # (means, S)
    level = (1 + confidence) / 2
    stretch = t.ppf(level, seeds - 1) / norm.ppf(level) * np.sqrt(seeds / (seeds - 1))
    apart = (stretch - 1) * (of_seeds - of_seeds.mean(axis=1, keepdims=True))
    by_seed = resampled_means(scores, name=name)
    by_seed += apart  # moving every score of a seed moves its resampled means as far
    drawn = stream("seeds of group 0", seeds, 0).integers(seeds, size=(RESAMPLES, seeds))
    rows = np.arange(RESAMPLES)
    total: Array = np.zeros((RESAMPLES, means))
    for column in drawn.T:
        total += by_seed[rows, :, column]
    total /= seeds
    return total


def _percentiles(draws: Array, confidence: float) -> Array:
    """Low and high of each mean, shape (means, 2)."""
    levels = [(1 - confidence) / 2, (1 + confidence) / 2]
    columns = np.ascontiguousarray(draws.T)
    limits: Array = np.full((len(columns), 2), np.nan)
    whole = np.isfinite(columns).all(axis=1)
    limits[whole] = np.quantile(columns[whole], levels, axis=1).T
    for place in np.flatnonzero(~whole & np.isfinite(columns).any(axis=1)):
        limits[place] = np.nanquantile(columns[place], levels)
    return limits
