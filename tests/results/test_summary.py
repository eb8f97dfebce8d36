from collections.abc import Callable

from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record, Status
from salbench.results.summary import summary


def test_averages_by_hand_without_controls(make_record: Callable[..., Record]) -> None:
    values = {("x", "a"): 0.2, ("x", "b"): 0.4, ("y", "a"): 0.6, ("y", "b"): 0.8, ("x", "r"): 9.0, ("y", "r"): 9.0}
    averages = summary(
        Leaderboard.from_records(
            make_record(training=training, saliency=saliency, control=saliency == "r", value=value)
            for (training, saliency), value in values.items()
        )
    )
    assert averages["training"].tolist() == ["x", "y"]
    assert averages["mean"].round(12).tolist() == [0.3, 0.7]
    assert averages["methods"].tolist() == [2, 2]


def test_saliency_method_that_failed_once_counts_for_nobody(make_record: Callable[..., Record]) -> None:
    records = [
        make_record(training="x", saliency="a", value=0.2),
        make_record(training="x", saliency="b", status=Status.FAILED, note="diverged"),
        make_record(training="y", saliency="a", value=0.6),
        make_record(training="y", saliency="b", value=0.0),
    ]
    averages = summary(Leaderboard.from_records(records))
    assert averages["mean"].tolist() == [0.2, 0.6]
    assert averages["methods"].tolist() == [1, 1]


def test_single_training_method_has_nothing_beside_it(make_record: Callable[..., Record]) -> None:
    assert summary(Leaderboard.from_records([make_record(value=0.5)])).empty


def test_metric_whose_scale_depends_on_the_model_is_not_averaged(make_record: Callable[..., Record]) -> None:
    records = [
        make_record(training=training, metric=metric, value=0.5, across_models=metric != "aopc")
        for training in ("x", "y")
        for metric in ("aopc", "aup")
    ]
    assert set(summary(Leaderboard.from_records(records))["metric"]) == {"aup"}
