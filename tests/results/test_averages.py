"""Means over data sets and methods: by hand, only of what all share, and never of what cannot be averaged."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from salbench.results.averages import Averages, averages
from salbench.results.choice import choose
from salbench.results.intervals import grouped_interval, grouped_sample_interval, grouped_seed_interval
from salbench.results.leaderboard import CELL, Leaderboard
from salbench.results.record import Record, Status
from salbench.results.scores import ReadScores, Scores

MakeRecord = Callable[..., Record]
NONE = pd.DataFrame(columns=[*CELL, "low", "high", "source"])


def nothing_kept(record: Record) -> Scores | None:
    return None


def mean_over(
    keys: str, records: list[Record], read: ReadScores = nothing_kept, within: tuple[str, ...] = (), **layout: str
) -> Averages:
    board = Leaderboard.from_records(records)
    return averages(records, board, choose(mean_over=keys, **layout), read_scores=read, within=within)


def by_training(found: Averages) -> "pd.Series[Any]":
    return found.cells.set_index("training")["mean"]


@pytest.fixture
def grid(make_record: MakeRecord) -> Callable[..., list[Record]]:
    """Records by training and data set; a list has a value for each seed, None is a failure."""

    def make(values: dict[tuple[str, str], list[float] | None], **changes: Any) -> list[Record]:
        return [
            make_record(training=training, dataset=dataset, seed=seed, value=value, **changes)
            if value is not None
            else make_record(training=training, dataset=dataset, seed=seed, status=Status.FAILED, note="no", **changes)
            for (training, dataset), of_seeds in values.items()
            for seed, value in enumerate(of_seeds or [None, None])
        ]

    return make


def test_means_by_hand(grid: Callable[..., list[Record]]) -> None:
    found = mean_over(
        "dataset",
        grid({("x", "a"): [1.0, 2.0], ("x", "b"): [3.0, 6.0], ("y", "a"): [0.0, 0.0], ("y", "b"): [1.0, 1.0]}),
    )
    cells = found.cells.set_index("training")
    assert cells["mean"].to_dict() == {"x": 3.0, "y": 0.5}
    assert cells["sd"]["x"] == pytest.approx(np.std([2.0, 4.0], ddof=1))  # of each seed's mean over data sets
    assert cells["averaged"].tolist() == [2, 2]
    assert cells["best"].to_dict() == {"x": True, "y": False}
    assert found.notes == {("mlp",): ["mean over dataset (a, b): aopc"]}


def test_only_what_all_share_is_averaged_and_said(grid: Callable[..., list[Record]]) -> None:
    values = {("x", "a"): [1.0, 1.0], ("x", "b"): [9.0, 9.0], ("y", "a"): [2.0, 2.0], ("y", "b"): None}
    found = mean_over("dataset", grid(values))
    assert by_training(found).to_dict() == {"x": 1.0, "y": 2.0}
    assert found.notes == {("mlp",): ["mean over dataset (1 of 2, shared by all: a): aopc"]}


def test_a_lacking_seed_is_not_shared(grid: Callable[..., list[Record]]) -> None:
    records = grid({("x", "a"): [1.0, 1.0], ("x", "b"): [9.0, 9.0], ("y", "a"): [2.0, 2.0], ("y", "b"): [9.0]})
    assert by_training(mean_over("dataset", records)).to_dict() == {"x": 1.0, "y": 2.0}


def test_what_failed_everywhere_costs_nobody_else_a_mean(grid: Callable[..., list[Record]]) -> None:
    found = mean_over(
        "dataset", grid({("x", "a"): [1.0, 1.0], ("x", "b"): [3.0, 3.0], ("y", "a"): None, ("y", "b"): None})
    )
    cells = found.cells.set_index("training")
    assert cells["mean"]["x"] == 2.0
    assert cells["status"].to_dict() == {"x": "ok", "y": "failed"}
    assert cells["note"]["y"] == "no"


def test_nothing_shared_is_no_mean(grid: Callable[..., list[Record]]) -> None:
    found = mean_over("dataset", grid({("x", "a"): [1.0, 1.0], ("y", "b"): [3.0, 3.0]}))
    assert found.cells["mean"].isna().all()
    assert set(found.cells["note"]) == {"nothing is shared by all"}
    assert found.notes == {("mlp",): ["mean over dataset (0 of 2, shared by all: nothing): aopc"]}


def test_metrics_of_a_models_own_scale_are_not_averaged_over_models(grid: Callable[..., list[Record]]) -> None:
    values = {("x", "a"): [1.0, 1.0], ("x", "b"): [3.0, 3.0]}
    records = grid(values) + grid(values, metric="morf", across_models=False)
    for keys in ("dataset", "architecture", "training"):
        found = mean_over(keys, records)
        assert set(found.cells["metric"]) == {"aopc"}
        notes = [note for texts in found.notes.values() for note in texts]
        assert "not averaged, for their scale depends on the model (†): morf" in notes
    assert set(mean_over("saliency", records).cells["metric"]) == {"aopc", "morf"}


def test_unreliable_metrics_are_left_out_where_they_are_marked(grid: Callable[..., list[Record]]) -> None:
    records = grid({("x", "a"): [1.0, 1.0], ("x", "b"): [3.0, 3.0]})
    against = pd.DataFrame(
        [{"dataset": "b", "architecture": "mlp", "metric": "aopc", "reliable": False, "reason": "noise"}]
    )
    board = Leaderboard.from_records(records).with_evidence(intervals=NONE, reliability=against)
    found = averages(records, board, choose(mean_over="dataset"), read_scores=nothing_kept)
    assert found.cells["mean"].tolist() == [1.0]
    assert "left out as unreliable (‡) on b/mlp: aopc" in found.notes[("mlp",)]


def test_controls_do_not_decide_what_is_shared(make_record: MakeRecord) -> None:
    records = [make_record(dataset=dataset, value=value) for dataset, value in (("a", 1.0), ("b", 3.0))]
    records += [make_record(dataset="a", saliency="oracle", control=True, value=9.0)]
    cells = mean_over("dataset", records).cells.set_index("saliency")
    assert cells["mean"]["gradient"] == 2.0
    assert (cells["status"]["oracle"], cells["note"]["oracle"]) == ("undefined", "lacks b")


def test_controls_are_no_part_of_a_mean_over_saliency_methods(make_record: MakeRecord) -> None:
    records = [make_record(saliency=name, control=name == "r", value=value) for name, value in (("s", 1.0), ("r", 9.0))]
    assert mean_over("saliency", records).cells["mean"].tolist() == [1.0]


def test_within_groups_others_need_not_share(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=dataset, saliency=saliency, value=1.0)
        for dataset, saliency in (("a", "s"), ("a", "t"), ("b", "s"))
    ]
    rows = "dataset,architecture,training"
    assert mean_over("saliency", records, rows=rows).cells["averaged"].tolist() == [1, 1]
    apart = mean_over("saliency", records, within=("dataset", "architecture"), rows=rows)
    assert apart.cells["averaged"].tolist() == [2, 1]


SCORES = np.random.default_rng(0).standard_normal((2, 3, 40))  # data sets, seeds, samples


def of_scores(make_record: MakeRecord, seeds: int) -> list[Record]:
    return [
        make_record(dataset="ab"[place], seed=seed, value=SCORES[place, seed].mean(), scores="kept")
        for place in range(2)
        for seed in range(seeds)
    ]


def read(record: Record) -> Scores | None:
    found: Scores = SCORES["ab".index(record.dataset), record.seed]
    return found


def test_interval_is_over_seeds_and_samples_of_these_data_sets(make_record: MakeRecord) -> None:
    row = mean_over("dataset", of_scores(make_record, 3), read).cells.iloc[0]
    expected = grouped_interval([scores[:, np.newaxis] for scores in SCORES], names=["a", "b"])
    assert (row["low"], row["high"], row["source"]) == (expected.low, expected.high, "over training seeds and samples")
    assert row["mean"] == pytest.approx(SCORES.mean())


def test_interval_without_scores_is_over_seeds(make_record: MakeRecord) -> None:
    row = mean_over("dataset", of_scores(make_record, 3)).cells.iloc[0]
    expected = grouped_seed_interval([scores.mean(axis=1) for scores in SCORES])
    assert (row["low"], row["source"]) == (pytest.approx(expected.low), "over training seeds")


@pytest.mark.parametrize(
    ("seeds", "source"), [(1, "over samples, these 2 models"), (2, "too few: 2 training seeds, 3 needed")]
)
def test_interval_of_few_seeds(make_record: MakeRecord, seeds: int, source: str) -> None:
    row = mean_over("dataset", of_scores(make_record, seeds), read).cells.iloc[0]
    assert row["source"] == source
    if seeds == 1:
        groups = [scores[:1, np.newaxis] for scores in SCORES]
        assert row["low"] == grouped_sample_interval(groups, names=["a", "b"]).low


def test_each_seed_can_be_a_column(make_record: MakeRecord) -> None:
    cells = mean_over("dataset", of_scores(make_record, 3), read, columns="metric,seed").cells
    assert cells["seed"].tolist() == [0, 1, 2]
    assert cells["mean"].tolist() == pytest.approx(SCORES.mean(axis=(0, 2)).tolist())


def test_notes_reach_the_table_of_a_metric(grid: Callable[..., list[Record]]) -> None:
    found = mean_over("dataset", grid({("x", "a"): [1.0, 1.0]}), rows="saliency", columns="training")
    assert found.notes == {("mlp", "aopc"): ["mean over dataset (a): aopc"]}
