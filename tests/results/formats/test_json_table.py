import json
import math

from salbench.results.formats.json_table import to_json
from salbench.results.leaderboard import Leaderboard
from salbench.results.sheet import sheet


def test_cells_are_those_of_the_leaderboard(board: Leaderboard) -> None:
    found = json.loads(to_json(sheet(board, "Suite quick.")))
    assert found["caption"] == "Suite quick."
    assert found["seeds"] == [0, 1, 2]
    assert [metric["name"] for metric in found["metrics"]] == [metric.name for metric in board.metrics]
    assert len(found["cells"]) == len(board.cells)
    for cell, (_, row) in zip(found["cells"], board.cells.iterrows(), strict=True):
        assert cell["saliency"] == row["saliency"]
        assert cell["best"] is bool(row["best"])
        assert cell["mean"] == (None if math.isnan(row["mean"]) else row["mean"])


def test_what_is_undefined_is_null(board: Leaderboard) -> None:
    cells = json.loads(to_json(sheet(board, "")))["cells"]
    failed = [cell for cell in cells if cell["status"] == "failed"]
    assert [(cell["mean"], cell["sd"], cell["note"]) for cell in failed] == [(None, None, "out of memory: <3 GiB>")]


def test_gaps_and_intervals_are_there(board: Leaderboard) -> None:
    found = json.loads(to_json(sheet(board, "", missing=["one"], command="salbench run quick")))
    assert (found["missing"], found["command"]) == (["one"], "salbench run quick")
    assert {cell["source"] for cell in found["cells"] if cell["low"] is not None} == {"over training seeds"}
