from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from salbench.results.intervals import seed_interval
from salbench.results.leaderboard import CELL, Leaderboard
from salbench.results.record import Record, Status
from salbench.results.summary import summary

MakeRecord = Callable[..., Record]


def seeds(make_record: MakeRecord, values: Iterable[float | None], **fields: Any) -> list[Record]:
    return [make_record(seed=seed, value=value, **fields) for seed, value in enumerate(values)]


def only(leaderboard: Leaderboard) -> Any:
    (cell,) = leaderboard.cells.itertuples()
    return cell


def test_three_seeds_by_hand(make_record: MakeRecord) -> None:
    cell = only(Leaderboard.from_records(seeds(make_record, [1.0, 2.0, 6.0], count=100)))
    assert cell.mean == 3.0
    assert cell.sd == pytest.approx(7**0.5)  # (4 + 1 + 9) / 2
    assert (cell.seeds, cell.expected, cell.count, cell.status, cell.note) == (3, 3, 300, "ok", "")


def test_one_seed_has_no_spread(make_record: MakeRecord) -> None:
    cell = only(Leaderboard.from_records(seeds(make_record, [0.5])))
    assert cell.mean == 0.5
    assert pd.isna(cell.sd)


def test_value_that_is_lower_is_better_is_not_negated(make_record: MakeRecord) -> None:
    board = Leaderboard.from_records(seeds(make_record, [0.5, 0.7], higher_is_better=False))
    assert only(board).mean == pytest.approx(0.6)
    assert board.metrics[0].arrow == "↓"


@pytest.mark.parametrize("undefined", [None, float("nan"), float("inf")])
def test_undefined_seed_is_left_out_and_said_so(make_record: MakeRecord, undefined: float | None) -> None:
    cell = only(Leaderboard.from_records(seeds(make_record, [1.0, undefined, 3.0], count=10)))
    assert (cell.mean, cell.seeds, cell.expected, cell.count) == (2.0, 2, 3, 20)
    assert (cell.status, cell.note, cell.best) == ("partial", "value undefined", False)


def test_failed_seeds_give_their_reasons_once(make_record: MakeRecord) -> None:
    failed = [
        make_record(seed=seed, status=Status.FAILED, note=note)
        for seed, note in enumerate(["out of memory", "diverged", "out of memory"])
    ]
    cell = only(Leaderboard.from_records(failed))
    assert (cell.status, cell.failed, cell.seeds, cell.note) == ("failed", 3, 0, "out of memory; diverged")
    assert pd.isna(cell.mean)


def test_a_value_of_a_failed_record_is_not_used(make_record: MakeRecord) -> None:
    records = [make_record(seed=0, value=1.0), make_record(seed=1, value=9.0, status=Status.FAILED, note="killed")]
    cell = only(Leaderboard.from_records(records))
    assert (cell.mean, cell.status, cell.failed, cell.note) == (1.0, "partial", 1, "killed")


def test_skipped_seeds(make_record: MakeRecord) -> None:
    cell = only(Leaderboard.from_records([make_record(status=Status.SKIPPED, note="needs masks")]))
    assert (cell.status, cell.skipped, cell.failed, cell.note) == ("skipped", 1, 0, "needs masks")


def test_seed_that_only_others_have_is_missed(make_record: MakeRecord) -> None:
    records = seeds(make_record, [1.0, 2.0, 3.0]) + seeds(make_record, [5.0], training="scaat")
    regular, scaat = Leaderboard.from_records(records).cells.itertuples()
    assert (scaat.mean, scaat.seeds, scaat.expected, scaat.status) == (5.0, 1, 3, "partial")
    assert scaat.note == "2 seed(s) not measured"
    assert regular.status == "ok"


def test_metric_with_fewer_seeds_by_design_is_complete(make_record: MakeRecord) -> None:
    records = seeds(make_record, [1.0, 2.0, 3.0]) + seeds(make_record, [5.0], metric="roar")
    assert set(Leaderboard.from_records(records).cells["status"]) == {"ok"}


def test_rows_are_in_order_of_appearance_and_performance_comes_first(make_record: MakeRecord) -> None:
    records = [
        make_record(training=training, metric=metric, family=family)
        for training in ("scaat", "regular")
        for metric, family in (("sparseness", "complexity"), ("aopc", "faithfulness"), ("accuracy", "performance"))
    ]
    board = Leaderboard.from_records(records)
    assert [metric.name for metric in board.metrics] == ["accuracy", "sparseness", "aopc"]
    assert board.cells["training"].tolist() == ["scaat"] * 3 + ["regular"] * 3
    assert board.cells["metric"].tolist() == ["accuracy", "sparseness", "aopc"] * 2


def test_groups_are_kept_apart(make_record: MakeRecord) -> None:
    board = Leaderboard.from_records(
        make_record(dataset=dataset, architecture=architecture, value=value)
        for dataset, architecture, value in (("a@1", "mlp", 1.0), ("a@1", "tcn", 2.0), ("b@1", "mlp", 3.0))
    )
    groups = [(dataset, architecture, cells["mean"].tolist()) for dataset, architecture, cells in board.groups()]
    assert groups == [("a@1", "mlp", [1.0]), ("a@1", "tcn", [2.0]), ("b@1", "mlp", [3.0])]


def test_two_records_of_one_seed_are_refused(make_record: MakeRecord) -> None:
    records = [make_record(seed=3, key=key, recipe=key) for key in ("a", "b")]
    with pytest.raises(ValueError, match=r"two records of digits@1/mlp/regular/gradient/aopc, seed 3, differ"):
        Leaderboard.from_records(records)


def test_versions_of_a_metric_do_not_mix(make_record: MakeRecord) -> None:
    records = [make_record(seed=seed, metric_version=seed) for seed in (1, 2)]
    with pytest.raises(ValueError, match=r"'aopc' come from more than one version"):
        Leaderboard.from_records(records)


def test_no_records_make_an_empty_leaderboard() -> None:
    board = Leaderboard.from_records([])
    assert len(board.cells) == 0
    assert len(board.metrics) == len(board.seeds) == 0
    assert list(board.groups()) == []


def test_interval_is_that_of_the_seeds_until_there_is_evidence(make_record: MakeRecord) -> None:
    values = [0.1, 0.2, 0.6]
    board = Leaderboard.from_records(make_record(seed=seed, value=value) for seed, value in enumerate(values))
    expected, cell = seed_interval(np.array(values)), board.cells.iloc[0]
    assert (cell["low"], cell["high"]) == (pytest.approx(expected.low), pytest.approx(expected.high))
    assert (cell["source"], cell["unreliable"]) == ("over training seeds", "")


def test_too_few_seeds_have_no_interval_and_no_value_has_no_source(make_record: MakeRecord) -> None:
    board = Leaderboard.from_records(
        [make_record(value=0.5), make_record(training="scaat", status=Status.FAILED, note="diverged")]
    )
    assert board.cells["source"].tolist() == ["too few: 1 training seed, 3 needed", ""]
    assert board.cells["low"].isna().all()
    assert board.cells["high"].isna().all()


def test_evidence_reaches_the_cells_that_it_is_about(make_record: MakeRecord) -> None:
    board = Leaderboard.from_records(
        make_record(dataset=dataset, metric=metric, value=0.5) for dataset in ("a", "b") for metric in ("aopc", "aup")
    )
    one = dict(zip(CELL, ("b", "mlp", "regular", "gradient", False, "aopc"), strict=True))
    intervals = pd.DataFrame([one | {"low": 0.4, "high": 0.7, "source": "over samples, one model"}])
    marks = pd.DataFrame(
        {"dataset": ["a", "b"], "architecture": "mlp", "metric": "aup", "reliable": [True, False], "reason": ["", "no"]}
    )
    cells = board.with_evidence(intervals=intervals, reliability=marks).cells.set_index(["dataset", "metric"])
    found = cells[["low", "high", "source"]].loc[[("b", "aopc")]]
    assert found.to_numpy().tolist() == [[0.4, 0.7, "over samples, one model"]]
    assert cells["low"].notna().sum() == 1
    assert cells["unreliable"].to_dict() == {("a", "aopc"): "", ("a", "aup"): "", ("b", "aopc"): "", ("b", "aup"): "no"}
    assert (board.cells["unreliable"] == "").all()


def test_unreliable_metrics_are_no_part_of_averages(make_record: MakeRecord) -> None:
    board = Leaderboard.from_records(
        make_record(training=training, metric=metric, value=0.5) for training in "xy" for metric in ("aopc", "aup")
    )
    marks = pd.DataFrame(
        [{"dataset": "digits@1", "architecture": "mlp", "metric": "aup", "reliable": False, "reason": "x"}]
    )
    nothing = pd.DataFrame(columns=[*CELL, "low", "high", "source"])
    assert set(summary(board.with_evidence(intervals=nothing, reliability=marks))["metric"]) == {"aopc"}
