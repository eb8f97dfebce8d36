"""Ratios of means: what they are, and when there is none."""

from collections.abc import Callable

import pytest

from salbench.results.derived import SCAAT_AOPC_REL, Ratio, with_ratios
from salbench.results.leaderboard import Leaderboard
from salbench.results.published import read_published
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]


@pytest.fixture
def pair(make_record: MakeRecord) -> Callable[..., list[Record]]:
    def make(morf: float | None, lerf: float | None, **changes: object) -> list[Record]:
        return [
            make_record(metric="scaat_aopc_morf", value=morf, higher_is_better=True, **changes),
            make_record(metric="scaat_aopc_lerf", value=lerf, higher_is_better=False, **changes),
        ]

    return make


def test_the_ratio_of_the_means_stands_beside_them(pair: Callable[..., list[Record]]) -> None:
    records = with_ratios(pair(0.48, 0.12))
    assert [record.metric for record in records] == ["scaat_aopc_morf", "scaat_aopc_lerf", "scaat_aopc_rel"]
    assert records[-1].value == pytest.approx(4.0)
    assert records[-1].higher_is_better


@pytest.mark.parametrize("lerf", [0.0, 0.00009, -0.2])
def test_there_is_none_where_the_denominator_is_near_zero_or_negative(
    pair: Callable[..., list[Record]], lerf: float
) -> None:
    ratio = with_ratios(pair(0.48, lerf))[-1]
    assert (ratio.value, ratio.status) == (None, Status.OK)
    assert "too near zero or negative" in ratio.note


def test_every_published_ratio_could_be_measured_again() -> None:
    assert read_published("scaat_table1").query("metric == 'aopc_lerf'")["value"].min() > SCAAT_AOPC_REL.smallest


def test_what_failed_leaves_its_reason(pair: Callable[..., list[Record]]) -> None:
    morf, lerf = pair(0.48, 0.12)
    failed = SCAAT_AOPC_REL.of(morf, pair(0.1, None, status=Status.FAILED, note="no memory")[1])
    assert (failed.status, failed.note) == (Status.FAILED, "no memory")
    assert SCAAT_AOPC_REL.of(morf, pair(0.1, None)[1]).note == "scaat_aopc_lerf has no value"
    assert lerf.value == 0.12


def test_each_entry_and_seed_has_its_own(pair: Callable[..., list[Record]]) -> None:
    records = [*pair(0.4, 0.1, seed=0), *pair(0.9, 0.1, seed=1), *pair(0.2, 0.1, saliency="random")]
    found = {(r.saliency, r.seed): r.value for r in with_ratios(records) if r.metric == "scaat_aopc_rel"}
    assert found == pytest.approx({("gradient", 0): 4.0, ("gradient", 1): 9.0, ("random", 0): 2.0})


def test_it_is_a_column_of_the_leaderboard(pair: Callable[..., list[Record]]) -> None:
    board = Leaderboard.from_records(with_ratios([*pair(0.4, 0.1, seed=0), *pair(0.6, 0.1, seed=1)]))
    row = board.cells[board.cells["metric"] == "scaat_aopc_rel"].iloc[0]
    assert (row["mean"], row["seeds"]) == (pytest.approx(5.0), 2)


def test_no_ratio_without_both_metrics(pair: Callable[..., list[Record]]) -> None:
    assert len(with_ratios(pair(0.4, 0.1)[:1])) == 1
    other = Ratio(name="r", version=1, numerator="a", denominator="b", higher_is_better=True, smallest=1.0)
    assert len(with_ratios(pair(0.4, 0.1), [other])) == 2
