from collections.abc import Callable
from typing import Any

import pytest
from scipy.stats import friedmanchisquare

from salbench.results.cell_intervals import cell_intervals
from salbench.results.kept_scores import kept_scores
from salbench.results.leaderboard import Leaderboard
from salbench.results.page.ranks import ranks_payload
from salbench.results.record import Record
from salbench.results.reliability import reliability

VALUES = {"gradient": [0.1, 0.2, 0.1, 0.3], "smoothgrad": [0.3, 0.5, 0.2, 0.2], "deeplift": [0.5, 0.6, 0.9, 0.9]}


@pytest.fixture
def make_records(make_record: Callable[..., Record]) -> Callable[..., list[Record]]:
    """One record of each method on each of some data sets, a block each."""

    def make(values: dict[str, list[float]], **fields: Any) -> list[Record]:
        return [
            make_record(**{"saliency": saliency, "dataset": f"data_{place}@1", "value": value} | fields)
            for saliency, row in values.items()
            for place, value in enumerate(row)
        ]

    return make


def payload(records: list[Record]) -> dict[str, Any]:
    read_scores = kept_scores(None)
    intervals = cell_intervals(records, read_scores=read_scores)
    trust = reliability(records, read_scores=read_scores)
    return ranks_payload(Leaderboard.from_records(records).with_evidence(intervals=intervals, reliability=trust))


def test_worked_example(make_records: Callable[..., list[Record]]) -> None:
    (diagram,) = payload(make_records(VALUES))["diagrams"]
    assert (diagram["metric"], diagram["by"]) == ("aopc", "saliency methods")
    assert diagram["average"] == [["deeplift", 1], ["smoothgrad", 2.25], ["gradient", 2.75]]
    assert (diagram["blocks"], diagram["left_out"]) == (4, 0)
    assert diagram["p"] == pytest.approx(friedmanchisquare(*VALUES.values()).pvalue, rel=1e-5)
    assert diagram["difference"] == pytest.approx(
        2.343 * (3 * 4 / 24) ** 0.5, abs=1e-3
    )  # demsar2006statistical, table 5
    assert diagram["groups"] == (("deeplift", "smoothgrad"), ("smoothgrad", "gradient"))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({name: VALUES[name] for name in ("gradient", "smoothgrad")}, "too few methods: 2, 3 needed"),
        ({name: row[:2] for name, row in VALUES.items()}, "too few blocks: 2, 3 needed"),
        ({name: row[:1] for name, row in VALUES.items()}, "too few blocks: 1, 3 needed"),
    ],
)
def test_too_few_are_named_and_not_drawn(
    make_records: Callable[..., list[Record]], values: dict[str, list[float]], reason: str
) -> None:
    found = payload(make_records(values))
    assert found["diagrams"] == []
    assert found["absent"]["saliency methods"] == {reason: ["aopc"]}


def test_a_method_that_few_blocks_have_is_named_and_left_out(make_records: Callable[..., list[Record]]) -> None:
    (diagram,) = payload(make_records(VALUES | {"lrp": [0.5]}))["diagrams"]
    assert diagram["average"] == [["deeplift", 1], ["smoothgrad", 2.25], ["gradient", 2.75]]
    assert (diagram["blocks"], diagram["left_out"], diagram["without"]) == (4, 0, ("lrp",))


def test_too_many_methods_are_not_drawn(make_records: Callable[..., list[Record]]) -> None:
    found = payload(make_records({f"method_{number}": [0.1, 0.2, 0.3] for number in range(41)}))
    assert found["absent"]["saliency methods"] == {"too many methods to draw: 41, at most 40": ["aopc"]}


def test_blocks_where_the_metric_is_unreliable_are_left_out(make_records: Callable[..., list[Record]]) -> None:
    records = make_records(VALUES, family="faithfulness")
    for name, value in (("random", 0.0), ("inverted", 1.0)):
        records += make_records({name: [value]}, family="faithfulness", control=True)
    (diagram,) = payload(records)["diagrams"]
    assert diagram["blocks"] == 3


def test_performance_ranks_training_and_never_maps(make_records: Callable[..., list[Record]]) -> None:
    records = [
        record
        for training, row in VALUES.items()
        for record in make_records({"gradient": row}, training=training, metric="accuracy", family="performance")
    ]
    (diagram,) = payload(records)["diagrams"]
    assert diagram["by"] == "training methods"
