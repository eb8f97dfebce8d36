"""Intervals that say where they come from: training seeds, samples, or both."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from ..datasets.randomness import stream
from .resampling import RESAMPLES, resampled_means

Array = NDArray[np.float64]
CONFIDENCE = 0.95
FEWEST_SEEDS = 3  # two have a spread, but an interval of 13 times their distance
FEWEST_SAMPLES = 20  # percentiles of fewer are too narrow: those of five, of a normal score, cover 85 % in place of 95


class Repeats(StrEnum):
    """What was repeated to get several rows of scores."""

    TRAINING = "training seeds"
    EXPLAINER = "explainer seeds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Where a mean may lie, NaN where that cannot be said, and over what it would vary if it were measured again."""

    low: float
    high: float
    source: str

    @property
    def known(self) -> bool:
        """Is there an interval?"""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))


def seed_interval(values: Array, *, confidence: float = CONFIDENCE, repeats: Repeats = Repeats.TRAINING) -> Interval:
    """Student's t-interval of the mean over seeds.

    Args:
        values: one a seed, shape (S,).
        confidence: in (0, 1).
        repeats: what the seeds are of.

    Returns:
        The interval; fewer than three seeds have none, and its source says so.
    """
    return grouped_seed_interval([np.asarray(values, dtype=np.float64)], confidence=confidence, repeats=repeats)


def grouped_seed_interval(
    groups: list[Array], *, confidence: float = CONFIDENCE, repeats: Repeats = Repeats.TRAINING
) -> Interval:
    """The same for the mean of the means of independent groups, such as data sets, whose spreads may differ.

    Args:
        groups: the values of each group, one a seed.
        confidence: in (0, 1).
        repeats: what the seeds are of.

    Source:
        satterthwaite1946approximate, for the degrees of freedom of a sum of variances.
    """
    fewest = min(len(values) for values in groups)
    if fewest < FEWEST_SEEDS:
        return _unknown(fewest, repeats)
    mean = np.mean([values.mean() for values in groups])
    error = np.sqrt(sum(values.var(ddof=1) / len(values) for values in groups)) / len(groups)
    reach = t.ppf((1 + confidence) / 2, _degrees(groups)) * error
    return Interval(low=float(mean - reach), high=float(mean + reach), source=f"over {repeats}")


def sample_interval(scores: Array, *, confidence: float = CONFIDENCE, name: str = "") -> Interval:
    """Percentile bootstrap of the mean over the samples of one model.

    Args:
        scores: NaN where undefined, shape (N,).
        confidence: in (0, 1).
        name: of the samples; scores of the same name and number are resampled alike.

    Returns:
        The interval; there is none for fewer than twenty defined samples. It says nothing about other models.
    """
    return grouped_sample_interval([np.asarray(scores)[np.newaxis]], names=[name], confidence=confidence)


def grouped_sample_interval(
    groups: list[Array], *, names: list[str], confidence: float = CONFIDENCE, unit: str = "model"
) -> Interval:
    """The same for the mean of several models, which are not drawn: the interval is for these.

    Args:
        groups: the scores of each group, shape (S, N), or (S, I, N) for the mean over I maps of each model.
        names: of each group's samples.
        confidence: in (0, 1).
        unit: what a row of scores is of, for the source.
    """
    models = sum(len(scores) for scores in groups)
    fewest = min(int(np.isfinite(scores).sum(axis=-1).min()) for scores in groups)
    if fewest < FEWEST_SAMPLES:
        return too_few_samples(fewest)
    means = [
        resampled_means(scores, name=name).reshape(RESAMPLES, -1).mean(axis=1)
        for scores, name in zip(groups, names, strict=True)
    ]
    source = f"over samples, one {unit}" if models == 1 else f"over samples, these {models} {unit}s"
    return _percentiles(np.mean(means, axis=0), confidence, source)


def seed_and_sample_interval(
    scores: Array, *, confidence: float = CONFIDENCE, repeats: Repeats = Repeats.TRAINING, name: str = ""
) -> Interval:
    """Hierarchical bootstrap of the mean over seeds and samples.

    Args:
        scores: all models on the same samples, NaN where undefined, shape (S, N). For a paired interval these are
            differences: both methods then have the same resamples.
        confidence: in (0, 1).
        repeats: what the seeds are of.
        name: of the samples; scores of the same name and number are resampled alike.

    Returns:
        The interval; fewer than three seeds have none, and its source says so.

    Source:
        See `grouped_interval`, of which this is the case of one group.
    """
    return grouped_interval([scores], confidence=confidence, repeats=repeats, names=[name])


def grouped_interval(
    groups: list[Array],
    *,
    names: list[str],
    confidence: float = CONFIDENCE,
    repeats: Repeats = Repeats.TRAINING,
) -> Interval:
    """Hierarchical bootstrap of the mean over groups of their means over seeds and samples.

    Seeds are drawn with replacement within each group, and samples with replacement for each name; the groups
    themselves, such as data sets, are not drawn: the interval is for these.

    Args:
        groups: the scores of each group, shape (S, N), or (S, I, N) for the mean over I maps of each model.
        names: of each group's samples; groups that share a name and a number of samples share its resamples.
        confidence: in (0, 1).
        repeats: what the seeds are of.

    Returns:
        The interval; if a group has fewer than three seeds there is none, and the source says so.

    Source:
        davison1997bootstrap, section 3.8, for hierarchical resampling, and owen2007pigeonhole for rows and columns
        resampled independently, which errs to the wide side where both interact. The interval is that of the
        percentiles: BCa's acceleration is a third moment, which three seeds do not have. Resampled seeds alone would
        spread too little (the mean of three never leaves their range, which covers 75 %), so that the seeds' means
        are first moved apart as far as makes the percentiles those of Student's t, which is hesterberg2015teachers'
        correction for few values made on the values instead of the levels.
    """
    fewest = min(len(scores) for scores in groups)
    if fewest < FEWEST_SEEDS:
        return _unknown(fewest, repeats)
    degrees = _degrees([_of_models(np.asarray(scores, dtype=np.float64)) for scores in groups])
    draws = [
        _hierarchical(np.asarray(scores, dtype=np.float64), name, place, degrees, confidence)
        for place, (scores, name) in enumerate(zip(groups, names, strict=True))
    ]
    return _percentiles(np.mean(draws, axis=0), confidence, f"over {repeats} and samples")


def _hierarchical(scores: Array, name: str, place: int, degrees: float, confidence: float) -> Array:
    """Resampled means of one group, shape (RESAMPLES,)."""
    seeds, models = len(scores), _of_models(scores)
    level = (1 + confidence) / 2
    stretch = t.ppf(level, degrees) / norm.ppf(level) * np.sqrt(seeds / (seeds - 1))
    apart = (stretch - 1) * (models - models.mean())
    moved = scores + apart.reshape(-1, *[1] * (scores.ndim - 1))
    by_seed = resampled_means(moved, name=name).reshape(RESAMPLES, seeds, -1).mean(axis=2)
    generator = stream(f"seeds of group {place}", seeds, 0)
    drawn = generator.integers(seeds, size=(RESAMPLES, seeds))
    result: Array = np.take_along_axis(by_seed, drawn, axis=1).mean(axis=1)
    return result


def _percentiles(draws: Array, confidence: float, source: str) -> Interval:
    low, high = np.nanquantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(low=float(low), high=float(high), source=source)


def _of_models(scores: Array) -> Array:
    """The mean of each model's maps over its samples, shape (S,)."""
    means: Array = np.nanmean(scores, axis=-1).reshape(len(scores), -1).mean(axis=1)
    return means


def _degrees(groups: list[Array]) -> float:
    """Degrees of freedom of the sum of the groups' squared standard errors: few where one of them is nearly all."""
    errors = np.array([values.var(ddof=1) / len(values) for values in groups])
    own = np.array([len(values) - 1 for values in groups])
    largest = errors.max()
    if not largest > 0:
        return float(own.sum())
    shares = errors / largest
    return float(shares.sum() ** 2 / (shares**2 / own).sum())


def too_few_samples(defined: int) -> Interval:
    """No interval, and why."""
    return Interval(
        low=np.nan,
        high=np.nan,
        source=f"too few: {defined} sample{'' if defined == 1 else 's'}, {FEWEST_SAMPLES} needed",
    )


def _unknown(seeds: int, repeats: Repeats) -> Interval:
    named = str(repeats).removesuffix("s") if seeds == 1 else repeats
    return Interval(low=np.nan, high=np.nan, source=f"too few: {seeds} {named}, {FEWEST_SEEDS} needed")
