"""What is said of all tables together."""

from collections.abc import Callable

import pandas as pd

from salbench.results.best import MARKS
from salbench.results.leaderboard import CELL, Leaderboard
from salbench.results.record import Record, Status
from salbench.results.sheet import INTERVALS, sheet

MakeRecord = Callable[..., Record]


def test_unreliable_metrics_are_explained_only_where_one_is_marked(board: Leaderboard) -> None:
    assert sheet(board, "").rule == f"{INTERVALS} {MARKS}"
    row = {"dataset": "digits@1", "architecture": "mlp", "metric": "aopc", "reliable": False, "reason": "noise"}
    nothing = pd.DataFrame(columns=[*CELL, "low", "high", "source"])
    marked = sheet(board.with_evidence(intervals=nothing, reliability=pd.DataFrame([row])), "")
    assert "‡: the metric does not place the controls" in marked.rule
    assert [str(head) for head in marked.tables[0].heads] == ["accuracy ↑", "aopc ↑‡"]
    assert marked.averages is not None
    assert [head.name for head in marked.averages.heads] == ["accuracy"]


def test_gaps_end_with_the_command(board: Leaderboard) -> None:
    assert sheet(board, "", command="salbench run quick").gaps == ()
    assert sheet(board, "", missing=["one"], command="salbench run quick").gaps == (
        "one",
        "To fill in: salbench run quick",
    )


def test_nothing_measured_has_no_averages(make_record: MakeRecord) -> None:
    failed = [make_record(training=training, status=Status.FAILED, note="no") for training in "xy"]
    found = sheet(Leaderboard.from_records(failed), "")
    assert found.averages is None
    assert found.whole == found.tables
    assert sheet(Leaderboard.from_records([]), "").tables == ()
