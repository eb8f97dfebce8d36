"""An interval for each mean, whose source is what was really repeated."""

from collections.abc import Callable

import numpy as np
import pytest

from salbench.results.cell_intervals import cell_intervals
from salbench.results.intervals import Repeats, seed_and_sample_interval, seed_interval
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]
SCORES = np.random.default_rng(0).standard_normal((4, 30))


def of_seeds(make_record: MakeRecord, count: int) -> list[Record]:
    return [make_record(seed=seed, value=SCORES[seed].mean(), scores="kept") for seed in range(count)]


def read(record: Record) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None:
    return SCORES[record.seed] if record.scores else None


@pytest.mark.parametrize(
    ("seeds", "source"),
    [
        (1, "over samples, one model"),
        (2, "too few: 2 training seeds, 3 needed"),
        (4, "over training seeds and samples"),
    ],
)
def test_source_follows_what_is_there(make_record: MakeRecord, seeds: int, source: str) -> None:
    row = cell_intervals(of_seeds(make_record, seeds), read_scores=read).iloc[0]
    assert row["source"] == source
    assert np.isfinite(row["low"]) == (seeds != 2)


def test_it_is_the_interval_of_the_mean(make_record: MakeRecord) -> None:
    row = cell_intervals(of_seeds(make_record, 4), read_scores=read).iloc[0]
    expected = seed_and_sample_interval(SCORES, name="digits@1")
    assert (row["low"], row["high"]) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert row["low"] < SCORES.mean() < row["high"]


def test_without_scores_it_is_over_seeds(make_record: MakeRecord) -> None:
    records = [make_record(seed=seed, value=float(seed)) for seed in range(3)]
    row = cell_intervals(records, read_scores=read, repeats=Repeats.EXPLAINER).iloc[0]
    assert row["source"] == "over explainer seeds"
    assert row["high"] == pytest.approx(seed_interval(np.array([0.0, 1.0, 2.0])).high)


def test_what_failed_has_no_row(make_record: MakeRecord) -> None:
    assert cell_intervals([make_record(status=Status.FAILED, note="no")], read_scores=read).empty


@pytest.mark.parametrize(("seeds", "source"), [(1, "too few: 1 training seed, 3 needed"), (4, "over training seeds")])
def test_lost_scores_are_said(make_record: MakeRecord, seeds: int, source: str) -> None:
    row = cell_intervals(of_seeds(make_record, seeds), read_scores=lambda record: None).iloc[0]
    assert row["source"].startswith(f"{source}; the files with the scores of samples are gone or damaged")
