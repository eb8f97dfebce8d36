"""Rank agreement between metrics: by hand, with directions, and where there is no ranking."""

from collections.abc import Callable

import pandas as pd
import pytest
from scipy.stats import kendalltau

from salbench.results.agreement import agreement, unreliable_metrics
from salbench.results.concordance import concordance
from salbench.results.leaderboard import CELL, Leaderboard
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]
FIRST, SECOND = [0.1, 0.4, 0.3, 0.9], [5.0, 7.0, 8.0, 9.0]


@pytest.fixture
def table(make_record: MakeRecord) -> Callable[..., Leaderboard]:
    """Two metrics of four methods; of the second, lower may be better."""

    def make(first: list[float], second: list[float], *, higher: bool = True, trainings: int = 1) -> Leaderboard:
        return Leaderboard.from_records(
            make_record(training=f"t{training}", saliency=f"s{place}", metric=metric, value=value, higher_is_better=up)
            for training in range(trainings)
            for metric, values, up in (("a", first, True), ("b", second, higher))
            for place, value in enumerate(values)
        )

    return make


def test_it_is_kendalls_tau_of_the_means(table: Callable[..., Leaderboard]) -> None:
    row = agreement(table(FIRST, SECOND)).iloc[0]
    assert (row["first"], row["second"], row["groups"]) == ("a", "b", 1)
    assert row["tau"] == pytest.approx(kendalltau(FIRST, SECOND).statistic)
    assert row["tau"] == pytest.approx(2 / 3)  # five pairs in one order, one in the other


def test_direction_is_taken_into_account(table: Callable[..., Leaderboard]) -> None:
    assert agreement(table(FIRST, SECOND, higher=False))["tau"].item() == pytest.approx(-2 / 3)


def test_groups_are_averaged(table: Callable[..., Leaderboard]) -> None:
    row = agreement(table(FIRST, SECOND, trainings=3)).iloc[0]
    assert (row["groups"], row["lowest"], row["highest"]) == (3, pytest.approx(2 / 3), pytest.approx(2 / 3))


@pytest.mark.parametrize("second", [[1.0, 1.0, 1.0, 1.0], [1.0, 2.0]])
def test_no_ranking_no_row(table: Callable[..., Leaderboard], second: list[float]) -> None:
    assert agreement(table(FIRST, second)).empty


def test_what_failed_is_not_ranked(make_record: MakeRecord) -> None:
    records = [
        make_record(saliency=f"s{place}", metric=metric, value=value)
        for metric, values in (("a", FIRST), ("b", SECOND))
        for place, value in enumerate(values)
    ]
    records += [make_record(saliency="s9", metric=metric, status=Status.FAILED, note="no") for metric in ("a", "b")]
    assert agreement(Leaderboard.from_records(records))["tau"].item() == pytest.approx(2 / 3)


def test_unreliable_metrics_are_marked_and_counted(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=dataset, saliency=f"s{place}", metric=metric, value=value)
        for dataset in ("d1", "d2")
        for metric, values in (("a", FIRST), ("b", SECOND))
        for place, value in enumerate(values)
    ]
    row = {"dataset": "d1", "architecture": "mlp", "metric": "b", "reliable": False, "reason": "noise"}
    nothing = pd.DataFrame(columns=[*CELL, "low", "high", "source"])
    board = Leaderboard.from_records(records).with_evidence(intervals=nothing, reliability=pd.DataFrame([row]))
    assert agreement(board)[["first", "second"]].to_numpy().tolist() == [["a", "b ‡"]]
    assert unreliable_metrics(board) == {"b": "1 of 2"}
    assert concordance(board)["unreliable"].tolist() == ["b"]
