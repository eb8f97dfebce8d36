"""Any layout holds the numbers of the leaderboard, in every format."""

from collections.abc import Callable

import pandas as pd
import pytest

from salbench.results.choice import Choice, choose
from salbench.results.chosen_tables import chosen_sheet, side_by_side
from salbench.results.formats.render import RENDERERS
from salbench.results.leaderboard import CELL, Leaderboard
from salbench.results.record import Record, Status
from salbench.results.scores import Scores
from salbench.results.sheet import Sheet
from salbench.results.tables import MISSING

MakeRecord = Callable[..., Record]
NONE = pd.DataFrame(columns=[*CELL, "low", "high", "source"])


def nothing_kept(record: Record) -> Scores | None:
    return None


def sheet_of(records: list[Record], choice: Choice) -> Sheet:
    board = Leaderboard.from_records(records)
    return chosen_sheet(records, board, choice, "Caption.", read_scores=nothing_kept)


@pytest.fixture
def records(make_record: MakeRecord) -> list[Record]:
    """Two data sets, two training methods, two saliency methods, a control; the value has a digit for each."""
    return [
        make_record(
            dataset=f"d{dataset}",
            training=f"t{training}",
            saliency=saliency,
            control=saliency == "random",
            metric=metric,
            higher_is_better=metric == "aopc",
            seed=seed,
            value=100.0 * dataset + 10 * training + place,
        )
        for seed in range(2)
        for dataset in (1, 2)
        for training in (1, 2)
        for metric in ("aopc", "aup")
        for place, saliency in enumerate(("s1", "s2", "random"), start=1)
    ]


def test_rows_and_columns_are_what_was_asked_for(records: list[Record]) -> None:
    found = sheet_of(records, choose(rows="saliency", columns="training,metric"))
    assert [table.title for table in found.tables] == ["d1 · mlp", "d2 · mlp"]
    table = found.tables[1]
    assert [str(head) for head in table.heads] == ["t1 · aopc ↑", "t1 · aup ↓", "t2 · aopc ↑", "t2 · aup ↓"]
    assert [row.names for row in table.competitors] == [("s1",), ("s2",)]
    assert [row.names for row in table.controls] == [("random",)]
    assert [cell.short for cell in table.competitors[1].cells] == ["212", "212", "222", "222"]


def test_seeds_as_columns_are_single_values(make_record: MakeRecord) -> None:
    found = sheet_of([make_record(seed=seed, value=seed + 0.5) for seed in range(3)], choose(columns="seed"))
    assert [table.title for table in found.tables] == ["digits@1 · mlp · aopc ↑"]
    assert [str(head) for head in found.tables[0].heads] == ["seed 0", "seed 1", "seed 2"]
    assert [cell.text for cell in found.tables[0].competitors[0].cells] == ["0.500", "1.50", "2.50"]


def test_metrics_as_rows_have_their_arrows(records: list[Record]) -> None:
    table = sheet_of(records, choose(rows="metric,saliency", columns="training")).tables[0]
    assert [row.names for row in table.competitors] == [
        ("aopc ↑", "s1"),
        ("aopc ↑", "s2"),
        ("aup ↓", "s1"),
        ("aup ↓", "s2"),
    ]
    assert [head.higher_is_better for head in table.heads] == [None, None]


def test_controls_as_columns_come_last_and_say_so(records: list[Record]) -> None:
    table = sheet_of(records, choose(rows="training", columns="saliency")).tables[0]
    assert [head.name for head in table.heads] == ["s1", "s2", "random (control)"]
    assert table.controls == ()


def test_best_is_marked_among_what_competes(records: list[Record]) -> None:
    table = sheet_of(records, choose(mean_over="dataset")).tables[0]
    best = {row.names: [cell.best for cell in row.cells] for row in table.competitors}
    assert best == {
        ("t1", "s1"): [False, True],
        ("t1", "s2"): [False, False],
        ("t2", "s1"): [False, False],
        ("t2", "s2"): [True, False],
    }
    data_sets = sheet_of(records, choose(rows="dataset", mean_over="training,saliency")).tables[0]
    assert not any(cell.best for row in data_sets.competitors for cell in row.cells)


def test_metric_that_does_not_apply_is_left_out_with_its_reason(make_record: MakeRecord) -> None:
    kept = [make_record(value=0.5), make_record(metric="aup", status=Status.SKIPPED, note="needs masks")]
    table = sheet_of(kept, choose(columns="metric")).tables[0]
    assert [head.name for head in table.heads] == ["aopc"]
    assert table.notes[0] == "left out: aup ↑: needs masks"


def test_cell_without_a_record_is_missing(make_record: MakeRecord) -> None:
    kept = [make_record(training=t, saliency=s, value=0.5) for t, s in (("x", "a"), ("x", "b"), ("y", "a"))]
    table = sheet_of(kept, choose(rows="saliency", columns="training")).tables[0]
    assert [[cell.short for cell in row.cells] for row in table.competitors] == [["0.500"] * 2, ["0.500", MISSING]]


def test_unreliable_cells_are_marked_where_the_column_has_reliable_ones(records: list[Record]) -> None:
    row = {"dataset": "d1", "architecture": "mlp", "metric": "aopc", "reliable": False, "reason": "noise"}
    board = Leaderboard.from_records(records).with_evidence(intervals=NONE, reliability=pd.DataFrame([row]))

    def made(rows: str) -> Sheet:
        return chosen_sheet(records, board, choose(rows=rows), "", read_scores=nothing_kept)

    mixed = made("dataset,training,saliency").tables[0]
    assert [head.arrow for head in mixed.heads] == ["↑", "↓"]
    assert [row.cells[0].short[-1] == "‡" for row in mixed.competitors] == [True] * 4 + [False] * 4
    assert "‡ unreliable here: aopc on d1: noise" in mixed.notes
    apart = made("training,saliency").tables
    assert [table.heads[0].arrow for table in apart] == ["↑‡", "↑"]


@pytest.mark.parametrize("form", ["markdown", "latex", "html", "csv", "json"])
def test_every_format_has_every_layout(form: str, records: list[Record]) -> None:
    for choice in (choose(mean_over="dataset"), choose(rows="dataset,seed"), choose(rows="metric", columns="training")):
        text = RENDERERS[form](sheet_of(records, choice))
        assert "aopc" in text
        assert "nan" not in text.lower()


def test_side_by_side_are_means_over_shared_saliency_methods(records: list[Record]) -> None:
    board = Leaderboard.from_records(records)
    table = side_by_side(records, board, read_scores=nothing_kept)
    assert table is not None
    assert [row.names for row in table.competitors] == [(f"d{d}", "mlp", f"t{t}") for d in (1, 2) for t in (1, 2)]
    assert [row.cells[0].short for row in table.competitors] == ["112", "122", "212", "222"]


def test_one_training_method_has_nothing_beside_it(make_record: MakeRecord) -> None:
    kept = [make_record(value=0.5)]
    assert side_by_side(kept, Leaderboard.from_records(kept), read_scores=nothing_kept) is None


def test_nothing_measured_has_no_table_in_any_layout() -> None:
    for choice in (choose(mean_over="dataset"), choose(columns="seed"), choose(rows="dataset")):
        assert sheet_of([], choice).tables == ()
