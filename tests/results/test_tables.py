from collections.abc import Callable

import pytest

from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record, Status
from salbench.results.tables import MISSING, Table, tables


def only(leaderboard: Leaderboard) -> Table:
    (table,) = tables(leaderboard)
    return table


def test_controls_stand_apart(board: Leaderboard) -> None:
    table = only(board)
    assert [row.names[1] for row in table.competitors] == ["gradient", "<script>"] * 2
    assert [row.names[1] for row in table.controls] == ["[bold]"]
    assert not any(cell.best for row in table.controls for cell in row.cells)


def test_cells_of_a_row(board: Leaderboard) -> None:
    best = only(board).competitors[1]
    assert [cell.text for cell in best.cells] == ["0.900 [0.900, 0.900]", "0.500 [0.252, 0.748]"]
    assert [cell.spread for cell in best.cells] == ["0.900 ± 0.000", "0.500 ± 0.100"]
    assert [cell.best for cell in best.cells] == [True, True]
    assert best.seeds == 3


def test_metric_skipped_by_all_has_a_note_but_no_column(board: Leaderboard) -> None:
    table = only(board)
    assert [head.name for head in table.heads] == ["accuracy", "aopc"]
    assert table.notes[0] == "left out: aup: needs masks"


def test_metric_skipped_by_one_keeps_its_column(make_record: Callable[..., Record]) -> None:
    records = [make_record(value=0.5), make_record(training="scaat", status=Status.SKIPPED, note="needs masks")]
    table = only(Leaderboard.from_records(records))
    assert [row.cells[0].text for row in table.competitors] == ["0.500", "skipped"]
    assert table.notes[:-1] == ("aopc skipped for scaat/gradient: needs masks",)


def test_failed_cell_has_its_reason_below(board: Leaderboard) -> None:
    table = only(board)
    assert table.competitors[3].cells[1].text == "failed"
    assert table.notes[1] == "aopc failed for a_b & 50% | $x/<script>: out of memory: <3 GiB>"


def test_partial_cell_shows_how_many_seeds_it_has(make_record: Callable[..., Record]) -> None:
    records = [make_record(seed=seed, value=value) for seed, value in enumerate([0.5, 0.5, None])]
    table = only(Leaderboard.from_records(records))
    assert table.competitors[0].cells[0].text == "0.500 ± 0.000 (2/3)"
    assert table.notes[:-1] == ("aopc partial for regular/gradient: value undefined",)


def test_cell_without_a_record_is_missing(make_record: Callable[..., Record]) -> None:
    records = [make_record(value=0.5), make_record(training="scaat", metric="aup", value=0.5)]
    table = only(Leaderboard.from_records(records))
    assert [[cell.text for cell in row.cells] for row in table.competitors] == [["0.500", MISSING], [MISSING, "0.500"]]


def test_one_reason_of_many_entries_is_one_note(make_record: Callable[..., Record]) -> None:
    records = [make_record(training=f"t{index}", status=Status.FAILED, note="diverged") for index in range(6)]
    names = ", ".join(f"t{index}/gradient" for index in range(4))
    assert only(Leaderboard.from_records(records)).notes == (f"aopc failed for {names} and 2 more: diverged",)


@pytest.mark.parametrize(("value", "text"), [(-1e-9, "0.000000"), (-0.0123, "-0.0123"), (1234.5, "1234")])
def test_numbers(make_record: Callable[..., Record], value: float, text: str) -> None:
    table = only(Leaderboard.from_records([make_record(value=value)]))
    assert table.competitors[0].cells[0].text == text


def test_too_few_seeds_say_so_instead_of_an_interval(make_record: Callable[..., Record]) -> None:
    table = only(Leaderboard.from_records(make_record(seed=seed, value=0.5) for seed in range(2)))
    assert table.competitors[0].cells[0].text == "0.500 ± 0.000"
    assert table.notes == ("95% intervals: none (too few: 2 training seeds, 3 needed)",)


def test_sources_that_differ_name_their_metrics(make_record: Callable[..., Record]) -> None:
    records = [
        make_record(saliency=saliency, metric=metric, seed=seed, value=0.5)
        for saliency in ("a", "b")
        for metric in ("aopc", "aup")
        for seed in range(2 if (saliency, metric) == ("b", "aup") else 3)
    ]
    assert only(Leaderboard.from_records(records)).notes[-1] == (
        "95% intervals: over training seeds; none (too few: 2 training seeds, 3 needed) for aup (1 of 2)"
    )
