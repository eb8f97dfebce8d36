"""Published beside measured as tables: what stands in rows, in columns and apart, and how a cell reads."""

from itertools import product

import pandas as pd
import pytest

from salbench.results.published import KEY
from salbench.results.published_tables import long_form, published_tables
from salbench.results.tables import MISSING, Table

SCAAT_REASON = "cannot be compared: other data"


def comparison(**values: list[str]) -> pd.DataFrame:
    """All combinations of the values of keys, in the columns of `published.compare`."""
    fixed = {"dataset": ["digits"], "architecture": ["mlp"], "training": [""], "saliency": [""], "metric": ["aup"]}
    names = pd.DataFrame(list(product(*(fixed | values).values())), columns=KEY)
    measured = {"measured": 0.5, "sd": 0.1, "seeds": 5, "difference": 0.25, "models": 5, "below": 0}
    by_seed = pd.Series([{0: 0.4, 1: 0.6}] * len(names), index=names.index, dtype=object)
    by_model = by_seed.map(of_one_model)
    return names.assign(published=0.25, **measured, by_seed=by_seed, by_model=by_model, verdict="agrees")


def of_one_model(by_seed: dict[int, float]) -> dict[tuple[int, str, str], float]:
    return {(seed, "digits", "mlp"): value for seed, value in by_seed.items()}


def texts(table: Table) -> dict[tuple[str, ...], list[str]]:
    return {row.names: [cell.text for cell in row.cells] for row in table.competitors}


def heads(table: Table) -> list[str]:
    return [str(head) for head in table.heads]


def test_training_methods_stand_side_by_side_and_metrics_apart() -> None:
    rows = comparison(
        dataset=["a", "b"], training=["regular", "guided"], saliency=["gradient", "smoothgrad"], metric=["aup", "aur"]
    )
    rows["published"] = [place / 100 for place in range(len(rows))]
    aup, aur = published_tables("table 8", rows)
    assert (aup.title, aur.title) == ("table 8 · mlp · aup", "table 8 · mlp · aur")
    assert aup.keys == ("dataset", "saliency")
    assert heads(aup) == ["regular · published", "regular · measured", "guided · published", "guided · measured"]
    assert list(texts(aup)) == [("a", "gradient"), ("a", "smoothgrad"), ("b", "gradient"), ("b", "smoothgrad")]
    assert texts(aup)["a", "smoothgrad"] == ["0.02", "0.500 ± 0.100", "0.06", "0.500 ± 0.100"]
    assert texts(aur)["b", "gradient"][::2] == ["0.09", "0.13"]
    assert {row.seeds for row in aup.competitors} == {5}


def test_many_training_methods_stand_below_each_other() -> None:
    many = [f"method_{number}" for number in range(9)]
    (table,) = published_tables("", comparison(training=many, metric=["accuracy", "loss"]))
    assert table.keys == ("training",)
    assert heads(table) == ["accuracy · published", "accuracy · measured", "loss · published", "loss · measured"]
    assert list(texts(table)) == [(name,) for name in many]
    metrics = published_tables("", comparison(training=many, metric=[f"metric_{number}" for number in range(9)]))
    assert len(metrics) == 9
    assert heads(metrics[0]) == ["published", "measured"]


def test_sparse_claims_have_a_row_each() -> None:
    own = [comparison(dataset=[name], training=[name]) for name in ("a", "b", "c")]
    (table,) = published_tables("", pd.concat(own, ignore_index=True))
    assert table.keys == ("dataset", "training")
    assert list(texts(table)) == [("a", "a"), ("b", "b"), ("c", "c")]


def test_one_number_is_a_row_named_by_its_metric() -> None:
    (table,) = published_tables("figure 5", comparison(training=["regular"]))
    assert table.title == "figure 5 · digits · mlp · regular"
    assert texts(table) == {("aup",): ["0.25", "0.500 ± 0.100"]}


def test_a_claim_over_all_methods_says_so() -> None:
    (table,) = published_tables("", comparison(training=["regular", "guided"], saliency=["", "gradient"]))
    assert list(texts(table)) == [("mean over all",), ("gradient",)]


@pytest.mark.parametrize(
    ("changes", "text", "short"),
    [
        ({}, "0.500 ± 0.100", "0.500"),
        ({"verdict": "differs"}, "0.500 ± 0.100 ≠", "0.500 ≠"),
        ({"verdict": "differs: 1 of 5 models below", "below": 1}, "0.500 ± 0.100 (4/5) ≠", "0.500 (4/5) ≠"),
        ({"verdict": "open (one seed)", "sd": float("nan")}, "0.500", "0.500"),
        ({"verdict": "not measured", "measured": float("nan"), "sd": float("nan")}, MISSING, MISSING),
        (
            {"verdict": "not measured: …", "measured": float("nan"), "sd": float("nan"), "below": 5},
            f"{MISSING} (0/5)",
            f"{MISSING} (0/5)",
        ),
    ],
)
def test_a_cell_says_what_became_of_it(changes: dict[str, str | float], text: str, short: str) -> None:
    (table,) = published_tables("", comparison(training=["regular"]).assign(**changes))
    cell = table.competitors[0].cells[1]
    assert (cell.text, cell.short) == (text, short)


@pytest.mark.parametrize(
    ("published", "measured", "expected"),
    [
        ([0.25, 0.5], [0.251, 0.4996], ["0.25", "0.251", "0.50", "0.500"]),
        ([5432.0, 61.0], [5123.4, 60.2], ["5432", "5123", "61", "60"]),
        ([440.0, 1.53], [1.316, 1.1], ["440.00", "1.32", "1.53", "1.10"]),
        ([1 / 3, 2.0], [0.25, 2.0], ["0.3333", "0.2500", "2.0000", "2.0000"]),
    ],
)
def test_digits_are_those_published_or_three(
    published: list[float], measured: list[float], expected: list[str]
) -> None:
    rows = comparison(training=["regular", "guided"]).assign(published=published, measured=measured, sd=float("nan"))
    (table,) = published_tables("", rows)
    assert [cell for row in texts(table).values() for cell in row] == expected


def test_below_the_last_table_stands_what_follows_from_all() -> None:
    rows = comparison(dataset=["a", "b"], training=["regular", "guided"], metric=["aup", "aur"])
    rows["published"] = [0.25 if training == "regular" else 0.5 for training in rows["training"]]
    rows["by_seed"] = rows["training"].map({"regular": {0: 0.4}, "guided": {0: 0.6}})
    rows["by_model"] = rows["by_seed"].map(of_one_model)
    rows.loc[0, "verdict"] = SCAAT_REASON
    first, last = published_tables("", rows, methods=["guided"])
    assert first.notes == ()
    assert last.notes == (
        "8 published numbers: 7 agrees, 1 cannot be compared",
        SCAAT_REASON,
        "cells in which guided moves the number as published: 4 of 4",
        "… aup: 2 of 2",
        "… aur: 2 of 2",
    )


def test_a_short_table_begins_with_what_is_measured_and_says_how_to_see_the_rest() -> None:
    rows = comparison(dataset=list("abcd"), training=["regular", "guided"])
    rows.loc[:1, "verdict"] = "not measured"
    (table,) = published_tables("", rows, most_rows=2, more="salbench table --published")
    assert list(texts(table)) == [("b",), ("c",)]
    assert table.notes[0] == "1 more rows: salbench table --published"
    assert table.notes[1] == "8 published numbers: 6 agrees, 2 not measured"


def test_long_form_has_every_number_and_the_table_that_it_is_of() -> None:
    whole = long_form([("table 1", comparison(training=["regular"])), ("table 2", comparison(training=["guided"]))])
    assert whole[["table", "training", "published"]].to_numpy().tolist() == [
        ["table 1", "regular", 0.25],
        ["table 2", "guided", 0.25],
    ]
    assert "by_seed" not in whole
