import csv
from collections.abc import Callable
from importlib.metadata import version
from io import StringIO

import pandas as pd
import pytest

from salbench.results.formats.render import RENDERERS, describe, to_csv
from salbench.results.leaderboard import CELL, Leaderboard
from salbench.results.record import Record
from salbench.results.sheet import sheet


def test_csv_holds_all_cells_in_full_precision(make_record: Callable[..., Record]) -> None:
    board = Leaderboard.from_records(
        make_record(training=f'"{seed}", x', seed=seed, value=value) for seed, value in enumerate([0.1 + 0.2, 1 / 3])
    )
    header, *rows = csv.reader(StringIO(to_csv(board)))
    assert header == board.cells.columns.tolist()
    assert [float(row[header.index("mean")]) for row in rows] == [0.1 + 0.2, 1 / 3]
    assert [row[header.index("training")] for row in rows] == ['"0", x', '"1", x']


def test_csv_names_failures(board: Leaderboard) -> None:
    cells = pd.read_csv(StringIO(to_csv(board)))
    failed = cells[cells["status"] == "failed"]
    assert failed["note"].tolist() == ["out of memory: <3 GiB>"]
    assert failed["failed"].tolist() == [3]


NONE = pd.DataFrame(columns=[*CELL, "low", "high", "source"])


@pytest.fixture
def against() -> pd.DataFrame:
    """What `reliability.reliability` gives of one metric."""
    row = {"dataset": "digits@1", "architecture": "mlp", "metric": "aopc"}
    return pd.DataFrame([row | {"reliable": False, "reason": "random is not placed above inverted"}])


@pytest.mark.parametrize("name", ["markdown", "latex", "csv", "html", "json"])
def test_every_format_is_the_same_twice(board: Leaderboard, name: str) -> None:
    assert RENDERERS[name](sheet(board, "caption")) == RENDERERS[name](sheet(board, "caption")) != ""


def test_caption_names_suite_seeds_version_and_command(board: Leaderboard) -> None:
    release = version("salbench")
    assert describe(board.seeds, "quick") == (
        f"Suite quick, 3 seeds (0, 1, 2), salbench {release}; made by: salbench table quick."
    )


def test_caption_names_the_very_command(board: Leaderboard) -> None:
    assert describe(board.seeds, "quick", command="salbench table quick --seeds 3").endswith("table quick --seeds 3.")


@pytest.mark.parametrize("name", ["markdown", "latex", "html", "csv", "json"])
def test_unreliable_metrics_are_marked_and_explained_in_every_format(
    name: str, board: Leaderboard, against: pd.DataFrame
) -> None:
    text = RENDERERS[name](sheet(board.with_evidence(intervals=NONE, reliability=against), ""))
    assert "random is not placed above inverted" in text
    if name not in {"csv", "json"}:  # there it is a column of the cells
        mark = r"$\ddagger$" if name == "latex" else "‡"
        assert text.count(mark) >= 3  # in the header, in the note, and where it is explained
