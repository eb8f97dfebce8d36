"""Two methods compared: pairs, verdicts, and what is left out."""

from collections.abc import Callable

import numpy as np
import pytest

from salbench.results.comparison import Comparison, compare_methods
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def nothing_kept(record: Record) -> Array | None:
    return None


def records(make_record: MakeRecord, *, seeds: int = 8, gap: float = 1.0, **changes: object) -> list[Record]:
    """Training b is better by the gap, and a bit more for a later seed; two maps of each model."""
    return [
        make_record(
            training=training,
            saliency=saliency,
            seed=seed,
            value=seed + place + (gap * (1 + seed / 100) if training == "b" else 0.0),
            **changes,
        )
        for seed in range(seeds)
        for training in ("a", "b")
        for place, saliency in enumerate(("gradient", "smoothgrad"))
    ]


def compared(found: list[Record], *, by: str = "training", first: str = "a", second: str = "b") -> Comparison:
    return compare_methods(found, first, second, by=by, read_scores=nothing_kept)


def test_by_hand(make_record: MakeRecord) -> None:
    row = compared(records(make_record)).table.iloc[0]
    assert (row["first"], row["second"]) == pytest.approx((4.0, 5.035))
    assert row["difference"] == pytest.approx(-1.035)
    assert row["low"] < -1.035 < row["high"] < 0
    assert row["source"] == "over training seeds"
    assert row["p"] == pytest.approx(2 / 2**8)
    assert row["effect"] == -1.0
    assert row["verdict"] == "b better"


def test_maps_of_one_model_are_one_pair(make_record: MakeRecord) -> None:
    assert compared(records(make_record, seeds=8)).table["pairs"].item() == 8


def test_direction_turns_the_verdict_and_not_the_values(make_record: MakeRecord) -> None:
    row = compared(records(make_record, higher_is_better=False)).table.iloc[0]
    assert row["difference"] == pytest.approx(-1.035)
    assert row["verdict"] == "a better"


def test_the_other_way_round_is_the_opposite(make_record: MakeRecord) -> None:
    found = records(make_record)
    one, other = compared(found).table.iloc[0], compared(found, first="b", second="a").table.iloc[0]
    assert (one["difference"], one["low"], one["effect"]) == (-other["difference"], -other["high"], -other["effect"])
    assert (one["p"], one["verdict"]) == (other["p"], other["verdict"])


def test_no_difference_is_tied(make_record: MakeRecord) -> None:
    row = compared(records(make_record, gap=0.0)).table.iloc[0]
    assert (row["difference"], row["p"], row["effect"], row["verdict"]) == (0.0, 1.0, 0.0, "tied")


@pytest.mark.parametrize(("seeds", "verdict"), [(2, "too few seeds"), (5, "too few seeds"), (6, "b better")])
def test_so_few_pairs_that_nothing_could_be_found_are_said_so(
    make_record: MakeRecord, seeds: int, verdict: str
) -> None:
    assert compared(records(make_record, seeds=seeds)).table["verdict"].item() == verdict


def test_correction_is_over_the_metrics(make_record: MakeRecord) -> None:
    found = [*records(make_record), *records(make_record, metric="other", gap=0.0)]
    table = compared(found).table
    assert table["metric"].tolist() == ["aopc", "other"]
    assert table["corrected_p"].tolist() == pytest.approx([2 * table["p"].iloc[0], 1.0])


def test_scale_of_the_model_is_left_out_between_trainings_only(make_record: MakeRecord) -> None:
    found = records(make_record, across_models=False)
    comparison = compared(found)
    assert comparison.table.empty
    assert "scale depends on the model" in comparison.left_out["aopc"]
    within = compared(found, by="saliency", first="gradient", second="smoothgrad").table.iloc[0]
    assert (within["pairs"], within["difference"], within["verdict"]) == (16, -1.0, "smoothgrad better")


def test_performance_is_of_no_saliency_method(make_record: MakeRecord) -> None:
    found = records(make_record, metric="accuracy", family="performance")
    assert "of the model" in compared(found, by="saliency", first="gradient", second="smoothgrad").left_out["accuracy"]
    assert compared(found).table["metric"].tolist() == ["accuracy"]


def test_controls_do_not_count_between_trainings(make_record: MakeRecord) -> None:
    found = records(make_record)
    found += [
        make_record(training=training, saliency="random", control=True, seed=seed, value=100.0 * (training == "a"))
        for training in ("a", "b")
        for seed in range(8)
    ]
    assert compared(found).table["difference"].item() == pytest.approx(-1.035)
    assert compared(found, by="saliency", first="gradient", second="random").table["pairs"].item() == 16


def test_map_that_failed_once_counts_for_nobody(make_record: MakeRecord) -> None:
    found = records(make_record)
    broken = found.index(next(item for item in found if item.training == "b" and item.saliency == "smoothgrad"))
    found[broken] = make_record(training="b", saliency="smoothgrad", status=Status.FAILED, note="diverged")
    row = compared(found).table.iloc[0]
    assert (row["first"], row["pairs"]) == (3.5, 8)  # gradient alone, all seeds


def test_never_measured_together_is_said_so(make_record: MakeRecord) -> None:
    found = [item for item in records(make_record) if item.training == "a"]
    assert compared(found).left_out == {"aopc": "both were never measured together"}
    skipped = records(make_record, seeds=1, status=Status.SKIPPED, note="needs masks")
    assert compared(skipped).left_out == {"aopc": "needs masks"}


def test_interval_over_seeds_and_samples_is_paired(make_record: MakeRecord) -> None:
    shared = 100 * np.random.default_rng(0).standard_normal((8, 50))
    own = np.random.default_rng(1).standard_normal((2, 8, 50))

    def read(record: Record) -> Array:
        better = int(record.training == "b")
        scores: Array = shared[record.seed] + own[better, record.seed] + better
        return scores

    row = compare_methods(records(make_record), "a", "b", by="training", read_scores=read).table.iloc[0]
    assert row["source"] == "over training seeds and samples"
    assert -2 < row["low"] < row["difference"] < row["high"] < 0  # the unpaired means vary by tens


def test_samples_that_one_lacks_count_for_nobody(make_record: MakeRecord) -> None:
    def read(record: Record) -> Array:
        return np.array([1.0, 2.0, np.nan if record.training == "a" else 90.0])

    row = compare_methods(records(make_record), "a", "b", by="training", read_scores=read).table.iloc[0]
    assert (row["first"], row["second"]) == (1.5, 1.5)


def test_one_seed_has_the_interval_of_its_samples(make_record: MakeRecord) -> None:
    def read(record: Record) -> Array:
        return np.arange(30.0) * (1 + (record.training == "b"))

    row = compare_methods(records(make_record, seeds=1), "a", "b", by="training", read_scores=read).table.iloc[0]
    assert (row["source"], row["verdict"]) == ("over samples, one pair", "too few seeds")
    assert row["low"] < -14.5 < row["high"] < 0


def test_methods_must_differ(make_record: MakeRecord) -> None:
    with pytest.raises(ValueError, match="two different methods must be given, got 'a' twice"):
        compared([], second="a")
    with pytest.raises(ValueError, match="by must be training or saliency, got 'dataset'"):
        compared([], by="dataset")


def test_where_a_metric_is_unreliable_it_is_left_out(make_record: MakeRecord) -> None:
    found = [
        *records(make_record, dataset="d1", metric="gini"),
        *records(make_record, dataset="d2", metric="gini"),
        *records(make_record, dataset="d1", metric="entropy"),
    ]
    unreliable = {("d1", "mlp", "gini"), ("d1", "mlp", "entropy")}
    kept = compare_methods(found, "a", "b", by="training", read_scores=nothing_kept, unreliable=unreliable)
    assert kept.table[["metric", "pairs"]].to_dict("records") == [{"metric": "gini", "pairs": 8}]
    assert kept.unreliable == {"gini": "1 of 2"}
    assert kept.left_out == {"entropy": "unreliable (‡) wherever it was measured"}
