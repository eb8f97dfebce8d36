"""Published beside measured: verdicts by hand, means over what a claim leaves open, and signs of effects."""

from collections.abc import Callable
from math import sqrt

import pandas as pd
import pytest
from scipy.stats import t

from salbench.results.frame import to_frame
from salbench.results.published import KEY, compare, read_published, signs
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


def test_one_seed_leaves_it_open(make_record: MakeRecord) -> None:
    rows = compare(to_frame([make_record(value=0.5)]), pd.DataFrame([claim(0.5)]))
    assert rows["verdict"].tolist() == ["open (one seed)"]


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


def test_signs_of_effects(make_record: MakeRecord) -> None:
    values = {("regular", "x"): 0.5, ("guided", "x"): 0.7, ("regular", "y"): 0.5, ("guided", "y"): 0.4}
    records = [make_record(training=training, saliency=name, value=value) for (training, name), value in values.items()]
    claims = pd.DataFrame(
        claim(value, training=training, saliency=name)
        for name in ("x", "y")
        for training, value in (("regular", 0.1), ("guided", 0.2))
    )
    found = signs(compare(to_frame(records), claims), method="guided")
    assert found["saliency"].tolist() == ["x", "y"]
    assert found["published"].tolist() == pytest.approx([0.1, 0.1])
    assert found["measured"].tolist() == pytest.approx([0.2, -0.1])
    assert found["same_sign"].tolist() == [True, False]


def test_no_effect_claims_no_sign(measured: pd.DataFrame) -> None:
    claims = pd.DataFrame([claim(0.1), claim(0.1, training="guided")])
    assert signs(compare(measured, claims), method="guided").empty
    assert signs(compare(measured, claims[:1]), method="guided").empty


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
