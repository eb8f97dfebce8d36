from collections.abc import Callable

import pytest

from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]


def best(records: list[Record]) -> set[str]:
    cells = Leaderboard.from_records(records).cells
    return set(cells.loc[cells["best"], "training"])


def values(make_record: MakeRecord, *, higher_is_better: bool = True, **trainings: list[float]) -> list[Record]:
    return [
        make_record(training=training, seed=seed, value=value, higher_is_better=higher_is_better)
        for training, of_training in trainings.items()
        for seed, value in enumerate(of_training)
    ]


@pytest.mark.parametrize(("higher_is_better", "winner"), [(True, "b"), (False, "a")])
def test_direction_decides(make_record: MakeRecord, higher_is_better: bool, winner: str) -> None:
    assert best(values(make_record, a=[-0.2], b=[0.3], higher_is_better=higher_is_better)) == {winner}


def test_one_seed_ties_only_at_the_printed_precision(make_record: MakeRecord) -> None:
    assert best(values(make_record, a=[0.5001], b=[0.5004], c=[0.499])) == {"a", "b"}  # 0.500, 0.500, 0.499


def test_within_the_standard_error_of_the_difference_is_tied(make_record: MakeRecord) -> None:
    # Each sd is 0.1, so the standard error of a difference is sqrt(0.01 / 3 + 0.01 / 3) = 0.0816.
    spread = [-0.1, 0.0, 0.1]
    records = values(
        make_record,
        first=[0.70 + step for step in spread],
        near=[0.62 + step for step in spread],
        far=[0.61 + step for step in spread],
    )
    assert best(records) == {"first", "near"}


def test_what_has_no_rival_is_not_best(make_record: MakeRecord) -> None:
    assert best(values(make_record, a=[0.5])) == set()
    alone = [make_record(training=name, across_models=False, value=0.5) for name in ("a", "b")]  # each in its own model
    assert best(alone) == set()


def test_control_is_never_best(make_record: MakeRecord) -> None:
    records = [*values(make_record, a=[0.2], b=[0.1]), make_record(training="oracle", control=True, value=0.9)]
    assert best(records) == {"a"}


def test_incomplete_value_is_never_best(make_record: MakeRecord) -> None:
    records = values(make_record, a=[0.2, 0.2], b=[0.1, 0.1])
    lucky = [
        make_record(training="lucky", value=0.9),
        make_record(training="lucky", seed=1, status=Status.FAILED, note="diverged"),
    ]
    assert best(records + lucky) == {"a"}


def test_all_failed_marks_none(make_record: MakeRecord) -> None:
    assert best([make_record(status=Status.FAILED, note="diverged")]) == set()


def test_each_group_and_metric_has_its_own_best(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=dataset, metric=metric, training=training, value=value)
        for dataset, metric, training, value in (
            ("a@1", "aopc", "x", 0.9),
            ("a@1", "aopc", "y", 0.1),
            ("b@1", "aopc", "x", 0.2),
            ("b@1", "aopc", "y", 0.3),
            ("a@1", "aup", "x", 0.4),
            ("a@1", "aup", "y", 0.8),
        )
    ]
    cells = Leaderboard.from_records(records).cells
    marked = cells[cells["best"]]
    rows = set(zip(marked["dataset"], marked["metric"], marked["training"], strict=True))
    assert rows == {("a@1", "aopc", "x"), ("b@1", "aopc", "y"), ("a@1", "aup", "y")}


@pytest.mark.parametrize(
    ("value", "decimals"), [(3360.4, 0), (33.6, 1), (5.89, 2), (1.0, 3), (0.97, 3), (-0.05, 4), (0.0, 3), (1e-12, 6)]
)
def test_three_significant_digits_of_the_largest(make_record: MakeRecord, value: float, decimals: int) -> None:
    cells = Leaderboard.from_records(values(make_record, a=[value], b=[value / 7])).cells
    assert cells["decimals"].tolist() == [decimals, decimals]


def test_a_huge_control_does_not_cost_the_competitors_their_digits(make_record: MakeRecord) -> None:
    records = [*values(make_record, a=[0.2]), make_record(training="random", control=True, value=1e6)]
    assert set(Leaderboard.from_records(records).cells["decimals"]) == {3}


def test_a_metric_that_depends_on_the_model_is_compared_within_a_training_method(make_record: MakeRecord) -> None:
    rows = [("x", "gradient", 0.9), ("x", "smoothgrad", 0.8), ("y", "gradient", 0.2), ("y", "smoothgrad", 0.3)]
    records = [
        make_record(training=training, saliency=saliency, value=value, across_models=False)
        for training, saliency, value in rows
    ]
    cells = Leaderboard.from_records(records).cells
    marked = cells[cells["best"]]
    assert set(zip(marked["training"], marked["saliency"], strict=True)) == {("x", "gradient"), ("y", "smoothgrad")}
