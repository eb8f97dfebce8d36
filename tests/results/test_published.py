"""Published beside measured: verdicts by hand, and means over what a claim leaves open."""

from collections.abc import Callable
from math import sqrt

import pandas as pd
import pytest
from scipy.stats import t

from salbench.results.frame import to_frame
from salbench.results.published import KEY, compare, read_published, relative
from salbench.results.record import Record, Status

MakeRecord = Callable[..., Record]


def claim(value: float, **changes: str) -> dict[str, object]:
    keys = zip(KEY, ("digits", "mlp", "regular", "gradient", "aopc"), strict=True)
    return {**dict(keys), "value": value, **changes}


@pytest.fixture
def measured(make_record: MakeRecord) -> pd.DataFrame:
    """Three seeds with mean 0.5 and standard deviation 0.1."""
    return to_frame(make_record(seed=seed, value=value) for seed, value in enumerate([0.4, 0.5, 0.6]))


def test_a_number_agrees_inside_the_prediction_interval(measured: pd.DataFrame) -> None:
    reach = t.ppf(0.975, 2) * 0.1 * sqrt(1 / 3 + 1 / 5)
    inside, outside = 0.5 + 0.99 * reach, 0.5 + 1.01 * reach
    rows = compare(measured, pd.DataFrame([claim(inside), claim(outside)]))
    assert rows["verdict"].tolist() == ["agrees", "differs"]
    assert rows["measured"].tolist() == pytest.approx([0.5, 0.5])
    assert rows["difference"].tolist() == pytest.approx([-0.99 * reach, -1.01 * reach])
    assert rows["sd"].tolist() == pytest.approx([0.1, 0.1])
    assert rows["seeds"].tolist() == [3, 3]
    assert rows["by_seed"].tolist() == [{0: 0.4, 1: 0.5, 2: 0.6}] * 2


def test_one_seed_leaves_it_open(make_record: MakeRecord) -> None:
    rows = compare(to_frame([make_record(value=0.5)]), pd.DataFrame([claim(0.5)]))
    assert rows["verdict"].tolist() == ["open (one seed)"]


def test_equal_seeds_settle_no_difference(make_record: MakeRecord) -> None:
    same = to_frame(make_record(seed=seed, value=0.5) for seed in range(3))
    rows = compare(same, pd.DataFrame([claim(0.5), claim(0.6)]))
    assert rows["verdict"].tolist() == ["agrees", "open (no spread between seeds)"]


def test_what_was_rounded_agrees_with_what_may_have_been_meant(measured: pd.DataFrame) -> None:
    reach = t.ppf(0.975, 2) * 0.1 * sqrt(1 / 3 + 1 / 5)
    claims = [{**claim(0.5 + reach + 0.01), "rounding": rounding} for rounding in (0.0, 0.011)]
    assert compare(measured, pd.DataFrame(claims))["verdict"].tolist() == ["differs", "agrees"]


def test_a_model_that_the_suite_does_not_have_is_in_no_mean(make_record: MakeRecord) -> None:
    """Neither another data set in the store nor further seeds of a part of the data sets."""
    records = [
        make_record(dataset=f"{name}@1", seed=seed, value=value)
        for name, values in (("a", [0.1, 0.3, 0.9]), ("b", [0.5, 0.7]), ("mine", [5.0, 6.0]))
        for seed, value in enumerate(values)
    ]
    planned = pd.DataFrame(
        [(name, "mlp", "regular", seed) for name in ("a", "b") for seed in range(2)],
        columns=["dataset", "architecture", "training", "seed"],
    )
    claims = pd.DataFrame([claim(0.4, dataset="")])
    row = compare(to_frame(records), claims, planned=planned).iloc[0]
    assert row["by_seed"] == pytest.approx({0: 0.3, 1: 0.5})
    assert row["by_model"] == pytest.approx(
        {(0, "a", "mlp"): 0.1, (1, "a", "mlp"): 0.3, (0, "b", "mlp"): 0.5, (1, "b", "mlp"): 0.7}
    )
    assert compare(to_frame(records), claims, planned=planned[:0])["verdict"].tolist() == ["not measured"]


def test_what_is_missing_or_failed_is_not_measured(make_record: MakeRecord, measured: pd.DataFrame) -> None:
    failed = to_frame([make_record(status=Status.FAILED, note="no")])
    assert compare(failed, pd.DataFrame([claim(0.5)]))["verdict"].tolist() == ["not measured"]
    other = compare(measured, pd.DataFrame([claim(0.5, training="scaat")]))
    assert other["verdict"].tolist() == ["not measured"]


def test_a_reason_comes_before_a_verdict(measured: pd.DataFrame) -> None:
    rows = compare(measured, pd.DataFrame([claim(0.5, reason="other data"), claim(0.5)]), obstacle="small scale")
    assert rows["verdict"].tolist() == ["cannot be compared: other data", "cannot be compared: small scale"]


def test_what_a_claim_leaves_open_is_averaged_within_each_seed(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=f"{name}@1", seed=seed, value=value)
        for name, values in (("a", [0.1, 0.3]), ("b", [0.5, 0.7]))
        for seed, value in enumerate(values)
    ]
    row = compare(to_frame(records), pd.DataFrame([claim(0.4, dataset="")])).iloc[0]
    assert row["measured"] == pytest.approx(0.4)
    assert row["sd"] == pytest.approx(0.2 / sqrt(2))  # of the seeds' means 0.3 and 0.5
    assert row["verdict"] == "agrees"


def test_every_table_of_the_publications_is_there() -> None:
    assert len(read_published("sgt_table2")) == 96
    assert len(read_published("scaat_table1")) == 135
    table2 = read_published("sgt_table2").groupby(["metric", "architecture", "saliency", "training"])["value"].mean()
    series = {"lstm": 8, "lstm_input_cell_attention": 9, "tcn": 10, "transformer": 11}
    for architecture, number in series.items():  # table 2 is the mean of the tables of single data sets
        single = read_published(f"sgt_table{number}")
        means = single.groupby(["metric", "saliency", "training"])["value"].agg(["mean", "size"])
        whole = means[means["size"] == 10]["mean"]
        printed = table2.xs(architecture, level="architecture")
        assert whole.to_dict() == pytest.approx({place: printed[place] for place in whole.index}, abs=1.1e-3)


def test_an_unknown_table_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        read_published("sgt_table99")


def test_shares_of_regular_training_are_made_seed_by_seed(make_record: MakeRecord) -> None:
    values = {("regular", 0): 2.0, ("regular", 1): 4.0, ("scaat", 0): 1.0, ("scaat", 1): 3.0}
    records = to_frame(make_record(training=name, seed=seed, value=value) for (name, seed), value in values.items())
    claims = pd.DataFrame([claim(3.0), claim(1.5, training="scaat")])
    rows = compare(*relative(records, claims, base="regular"))
    assert rows["metric"].tolist() == ["aopc/regular"]
    assert rows["training"].tolist() == ["scaat"]
    assert rows["published"].tolist() == [0.5]
    assert rows["measured"].tolist() == pytest.approx([(1 / 2 + 3 / 4) / 2])
    assert rows["seeds"].tolist() == [2]


def test_a_base_that_is_not_positive_makes_no_share(make_record: MakeRecord) -> None:
    records = to_frame(
        [
            make_record(value=-0.1),
            make_record(training="scaat", value=1.0),
            make_record(training="sgt", seed=1, value=1),
        ]
    )
    claims = pd.DataFrame([claim(3.0), claim(1.5, training="scaat"), claim(1.5, training="scaat", saliency="random")])
    mine, theirs = relative(records, claims, base="regular")
    assert len(mine) == 0
    assert theirs["value"].tolist() == [0.5]
    assert compare(mine, theirs)["verdict"].tolist() == ["not measured"]


def test_fewer_published_runs_reach_further(measured: pd.DataFrame) -> None:
    value = 0.5 + 0.99 * t.ppf(0.975, 2) * 0.1 * sqrt(1 / 3 + 1)
    rows = compare(measured, pd.DataFrame([{**claim(value), "runs": 1}, claim(value)]))
    assert [verdict.split(":")[0] for verdict in rows["verdict"]] == ["agrees", "differs"]


def test_models_below_the_published_accuracy_are_left_out_and_counted(make_record: MakeRecord) -> None:
    records = [
        make_record(seed=seed, metric=metric, value=value)
        for seed, values in enumerate([(0.99, 0.4), (0.97, 0.6), (0.50, -9.0)])
        for metric, value in zip(("accuracy", "aopc"), values, strict=True)
    ]
    asked = {**claim(0.5), "min_accuracy": 0.97}
    row = compare(to_frame(records), pd.DataFrame([asked])).iloc[0]
    assert (row["measured"], row["seeds"]) == (pytest.approx(0.5), 2)
    assert (row["below"], row["models"]) == (1, 3)
    assert row["verdict"] == "agrees: 1 of 3 models below the published accuracy, left out"
    both = compare(to_frame(records), pd.DataFrame([asked, claim(0.5)]), obstacle="small scale")["verdict"].tolist()
    assert both[0].startswith("cannot be compared: small scale; 1 of 3 models")
    assert both[1] == "cannot be compared: small scale"


def test_models_without_an_accuracy_do_not_reach_it(measured: pd.DataFrame) -> None:
    row = compare(measured, pd.DataFrame([{**claim(0.5), "min_accuracy": 0.97}])).iloc[0]
    assert row["verdict"] == "not measured: 3 of 3 models below the published accuracy, left out"
    assert pd.isna(row["measured"])


def test_a_model_below_in_one_data_set_counts_once_for_all_its_maps(make_record: MakeRecord) -> None:
    records = [
        make_record(dataset=f"{name}@1", saliency=saliency, metric=metric, value=value)
        for name, accuracy in (("a", 1.0), ("b", 0.5))
        for saliency in ("x", "y")
        for metric, value in (("accuracy", accuracy), ("aopc", 0.3 if name == "a" else 0.9))
    ]
    asked = {**claim(0.3, dataset="", saliency=""), "min_accuracy": 0.97}
    row = compare(to_frame(records), pd.DataFrame([asked])).iloc[0]
    assert row["measured"] == pytest.approx(0.3)
    assert (row["below"], row["models"]) == (1, 2)


def test_a_mean_over_data_sets_waits_for_all_of_them(make_record: MakeRecord) -> None:
    there = [("a", 0), ("b", 0), ("a", 1)]
    records = to_frame(
        make_record(dataset=f"{name}@1", seed=seed, value=1.0 if name == "a" else 3.0) for name, seed in there
    )
    planned = pd.DataFrame(
        [(name, "mlp", "regular", seed) for name in "ab" for seed in (0, 1)],
        columns=["dataset", "architecture", "training", "seed"],
    )
    claims = pd.DataFrame([claim(2.0, dataset=""), claim(1.0, dataset="a")])
    rows = compare(records, claims, planned=planned)
    assert rows["measured"].tolist() == [2.0, 1.0]  # of seed 0 alone, since b lacks seed 1
    assert rows["seeds"].tolist() == [1, 2]

    first = compare(records[records["dataset"] == "a@1"], claims, planned=planned)
    assert first["verdict"].iloc[0].startswith("incomplete: 2 models")
    assert first["seeds"].tolist() == [0, 2]


def test_an_undefined_value_is_a_measured_one(make_record: MakeRecord) -> None:
    records = to_frame([make_record(dataset="a@1", value=1.0), make_record(dataset="b@1", value=None)])
    planned = pd.DataFrame([(name, "mlp", "regular", 0) for name in "ab"])
    planned.columns = pd.Index(["dataset", "architecture", "training", "seed"])
    rows = compare(records, pd.DataFrame([claim(2.0, dataset="")]), planned=planned)
    assert rows["measured"].tolist() == [1.0]
