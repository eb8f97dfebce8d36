"""Which metrics are marked: by their controls, by halves of the samples, by seeds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from salbench.results.leaderboard import Leaderboard
from salbench.results.record import Record
from salbench.results.reliability import reliability, split_half
from salbench.results.summary import summary

MakeRecord = Callable[..., Record]
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def nothing_kept(record: Record) -> Array | None:
    return None


def with_controls(make_record: MakeRecord, **values: float) -> list[Record]:
    controls = {"oracle", "random", "inverted"}
    return [
        make_record(saliency=name, control=name in controls, value=value, seed=seed)
        for name, value in values.items()
        for seed in (0, 1)
    ]


def judged(records: list[Record]) -> "pd.Series[Any]":
    return reliability(records, read_scores=nothing_kept).iloc[0]


@pytest.mark.parametrize(
    ("values", "reliable", "reason"),
    [
        ({"oracle": 3.0, "random": 2.0, "inverted": 1.0}, True, ""),
        ({"oracle": 1.0, "random": 2.0, "inverted": 0.0}, False, "oracle is not placed above random"),
        ({"oracle": 3.0, "random": 2.0, "inverted": 2.0}, False, "random is not placed above inverted"),
        ({"random": 2.0, "inverted": 1.0}, True, ""),
        ({"random": 1.0, "inverted": 2.0}, False, "random is not placed above inverted"),
    ],
)
def test_controls_must_be_placed_in_order(
    make_record: MakeRecord, values: dict[str, float], reliable: bool, reason: str
) -> None:
    row = judged(with_controls(make_record, **values))
    assert (row["reliable"], row["reason"]) == (reliable, reason)
    assert row["controls"] == " > ".join(values)
    assert row["placed"] == float(reliable)


def test_direction_is_taken_into_account(make_record: MakeRecord) -> None:
    records = [
        make_record(saliency=name, control=True, value=value, higher_is_better=False)
        for name, value in (("oracle", 1.0), ("random", 2.0), ("inverted", 3.0))
    ]
    assert judged(records)["reliable"]


def test_share_of_models_that_place_them(make_record: MakeRecord) -> None:
    values = {"random": [2.0, 2.0, 2.0, 2.0], "inverted": [1.0, 1.0, 1.0, 2.5]}
    records = [
        make_record(saliency=name, control=True, value=value, seed=seed)
        for name, of_seeds in values.items()
        for seed, value in enumerate(of_seeds)
    ]
    row = judged(records)
    assert (row["placed"], row["reliable"]) == (0.75, True)


def test_families_that_promise_no_order_are_not_asked(make_record: MakeRecord) -> None:
    records = [
        make_record(saliency=name, control=True, value=value, family="complexity", metric="gini")
        for name, value in (("random", 1.0), ("inverted", 2.0))
    ]
    row = judged(records)
    assert (row["controls"], row["reliable"]) == ("", True)
    assert np.isnan(row["placed"])


def test_performance_has_no_row(make_record: MakeRecord) -> None:
    assert reliability([make_record(family="performance", value=1.0)], read_scores=nothing_kept).empty


def test_seeds_are_compared_within_a_training_method(make_record: MakeRecord) -> None:
    by_seed = {0: [1.0, 2.0, 3.0, 4.0], 1: [1.0, 2.0, 4.0, 3.0], 2: [1.0, 2.0, 3.0, 4.0]}
    records = [
        make_record(training=training, saliency=f"s{place}", seed=seed, value=value * sign)
        for training, sign in (("x", 1), ("y", -1))
        for seed, values in by_seed.items()
        for place, value in enumerate(values)
    ]
    row = judged(records)
    assert row["seeds"] == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)  # of y the same, though it ranks the other way round
    assert row["reliable"]


def test_seeds_that_disagree_are_marked(make_record: MakeRecord) -> None:
    records = [
        make_record(saliency=f"s{place}", seed=seed, value=float(place if seed else -place))
        for seed in (0, 1)
        for place in range(4)
    ]
    row = judged(records)
    assert (row["reliable"], row["reason"]) == (False, "its ranking agrees between seeds only by tau -1.00")


def test_split_half_by_hand() -> None:
    assert split_half(np.repeat([[1.0], [2.0], [3.0]], 10, axis=1), seed=0) == 1.0
    assert np.isnan(split_half(np.ones((3, 10)), seed=0))


def test_split_half_is_kendalls_tau_of_two_halves() -> None:
    scores = np.random.default_rng(0).standard_normal((6, 2))  # a half is one sample
    assert split_half(scores, seed=0) == pytest.approx(kendalltau(scores[:, 0], scores[:, 1]).statistic)


def test_noise_has_no_ranking_and_signal_has(make_record: MakeRecord) -> None:
    records = [make_record(saliency=f"s{place}", value=0.0) for place in range(6)]
    noise = np.random.default_rng(0).standard_normal((6, 200))

    def halves(signal: float) -> "pd.Series[Any]":
        def read(record: Record) -> Array:
            place = int(record.saliency[1:])
            scores: Array = noise[place] + signal * place
            return scores

        return reliability(records, read_scores=read).iloc[0]

    assert "halves of the samples" in str(halves(0.0)["reason"])
    assert halves(1.0)["halves"] == pytest.approx(1.0)


def test_controls_do_not_help_a_ranking(make_record: MakeRecord) -> None:
    records = [
        make_record(saliency=f"c{place}", control=True, value=float(place), seed=s)
        for s in (0, 1)
        for place in range(4)
    ]
    row = judged(records)
    assert np.isnan(row["seeds"])


def test_marked_metrics_are_left_out_of_the_summary(make_record: MakeRecord) -> None:
    records = [
        make_record(training=training, dataset=dataset, metric=metric, value=0.5)
        for training in ("x", "y")
        for dataset in ("d1", "d2")
        for metric in ("aopc", "aup")
    ]
    leaderboard = Leaderboard.from_records(records)
    marks = pd.DataFrame(
        {"dataset": ["d1", "d2"], "architecture": "mlp", "metric": ["aup", "aup"], "reliable": [False, True]}
    )
    found = summary(leaderboard, marks)
    kept = set(zip(found["dataset"], found["metric"], strict=True))
    assert kept == {("d1", "aopc"), ("d2", "aopc"), ("d2", "aup")}
    pd.testing.assert_frame_equal(summary(leaderboard, marks.assign(reliable=True)), summary(leaderboard))
