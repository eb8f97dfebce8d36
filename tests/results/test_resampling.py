"""Samples drawn with replacement, alike for all that is compared."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from salbench.results.resampling import RESAMPLES, resampled_means


def test_paired_scores_have_the_same_resamples() -> None:
    first, second = np.random.default_rng(0).standard_normal((2, 3, 40))
    difference = resampled_means(first, name="a") - resampled_means(second, name="a")
    assert np.allclose(difference, resampled_means(first - second, name="a"))


def test_blocks_of_weights_give_one_stream() -> None:
    large = resampled_means(np.ones((1, 3_000)), resamples=1_500)  # more than one block
    assert large.shape == (1_500, 1)
    assert np.allclose(large, 1.0)


def test_undefined_samples_are_drawn_and_left_out() -> None:
    means = resampled_means(np.array([[1.0, np.nan, 3.0, np.nan]]))
    assert means.shape == (RESAMPLES, 1)
    assert np.isnan(means).mean() == pytest.approx(0.5**4, abs=0.02)  # only undefined ones were drawn
    counts = {(ones + 3 * threes) / (ones + threes) for ones in range(5) for threes in range(5 - ones) if ones + threes}
    assert set(means[np.isfinite(means)].round(9)) <= set(np.round(list(counts), 9))


def test_spread_of_resampled_means_is_the_standard_error() -> None:
    scores = np.random.default_rng(0).exponential(size=50)
    means = resampled_means(scores, resamples=20_000)
    assert means.std() == pytest.approx(scores.std() / np.sqrt(50), rel=0.02)
    assert means.mean() == pytest.approx(scores.mean(), abs=3 * means.std() / np.sqrt(20_000))


def test_resampled_means_have_scipys_quantiles() -> None:
    scores = np.random.default_rng(1).exponential(size=40)
    theirs = bootstrap(
        (scores,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(0)
    ).bootstrap_distribution
    levels = [0.025, 0.25, 0.5, 0.75, 0.975]
    ours = np.quantile(resampled_means(scores, resamples=20_000), levels)
    assert ours == pytest.approx(np.quantile(theirs, levels), abs=0.05 * theirs.std())
