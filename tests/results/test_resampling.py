"""Samples drawn with replacement, alike for all that is compared."""

import numpy as np
import pytest

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
