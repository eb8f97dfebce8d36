"""Many intervals at once are those made one by one."""

import numpy as np
import pytest

from salbench.results.batched_intervals import mean_intervals
from salbench.results.intervals import sample_interval, seed_and_sample_interval

SCORES = np.random.default_rng(0).standard_normal((5, 4, 30)) + np.arange(4)[:, np.newaxis]
SCORES[1, 2, :8] = np.nan


def test_over_seeds_and_samples_they_are_those_of_each_mean() -> None:
    for scores, interval in zip(SCORES, mean_intervals(SCORES, name="digits"), strict=True):
        expected = seed_and_sample_interval(scores, name="digits")
        assert [interval.low, interval.high] == pytest.approx([expected.low, expected.high])
        assert interval.source == expected.source


def test_over_samples_of_one_model_they_are_those_of_each_mean() -> None:
    for scores, interval in zip(SCORES, mean_intervals(SCORES[:, 2:3], name="digits"), strict=True):
        expected = sample_interval(scores[2], name="digits")
        assert [interval.low, interval.high] == pytest.approx([expected.low, expected.high])
        assert interval.source == expected.source


def test_few_defined_samples_have_none() -> None:
    scores = np.random.default_rng(0).standard_normal((2, 1, 20))
    scores[0, 0, 0] = np.nan
    few, enough = mean_intervals(scores, name="")
    assert (few.known, few.source, enough.known) == (False, "too few: 19 samples, 20 needed", True)


def test_two_seeds_have_none() -> None:
    assert {interval.source for interval in mean_intervals(SCORES[:, :2], name="")} == {
        "too few: 2 training seeds, 3 needed"
    }


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mean_intervals(SCORES, name="")
    monkeypatch.setattr("salbench.results.batched_intervals._COLUMNS", 8)
    for one, other in zip(mean_intervals(SCORES, name=""), whole, strict=True):
        assert [one.low, one.high] == pytest.approx([other.low, other.high])
