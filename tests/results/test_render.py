import csv
from collections.abc import Callable
from importlib.metadata import version
from io import StringIO

import pandas as pd
import pytest

from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record
from salbench.results.render import RENDERERS, describe, to_csv


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


@pytest.mark.parametrize("name", ["markdown", "latex", "csv"])
def test_every_format_is_the_same_twice(board: Leaderboard, name: str) -> None:
    assert RENDERERS[name](board, "caption") == RENDERERS[name](board, "caption") != ""


def test_caption_names_suite_seeds_version_and_command(board: Leaderboard) -> None:
    release = version("salbench")
    assert describe(board, "quick") == (
        f"Suite quick, 3 seeds (0, 1, 2), salbench {release}; made by: salbench table quick."
    )
