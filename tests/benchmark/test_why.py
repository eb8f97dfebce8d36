"""From a number back to what made it, and from two stores to what differs."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from salbench.baselines.training import SaliencyGuided
from salbench.benchmark import Request, Suite
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.entry import Entry
from salbench.benchmark.planning import make_plan
from salbench.benchmark.why import diff, why
from salbench.results.record import Status
from salbench.results.store import Store

from .conftest import make_entries, make_suite

ENTRY = "points/linear/regular/gradient"


def run(folder: Path, suite: Suite, entries: list[Entry]) -> Path:
    with Store(folder) as store:
        plan = make_plan(replace(suite, entries=tuple(entries)), ())
        Engine(store=store, data=folder, device=torch.device("cpu")).run(plan)
    return folder


@pytest.fixture
def suite() -> Suite:
    return replace(make_suite(seeds=(0, 1)), entries=tuple(make_entries()))


def test_every_link_of_the_chain_is_named_and_there(tmp_path: Path, suite: Suite) -> None:
    run(tmp_path, suite, make_entries())
    frame = why(Request(suite=suite), ENTRY, "sufficiency", seed=1, store=tmp_path)
    links = dict(zip(frame["link"], frame["detail"], strict=True))
    assert list(links) == [
        *("value", "metric", "data", "record", "training", "budget", "weights", "map", "curves", "scores", "made by"),
    ]
    for link in ("weights", "map", "scores"):
        path = tmp_path / links[link].split(" ")[0]
        assert path.exists()
    assert "torch" in links["made by"]
    assert links["data"] == "seed 1"


@pytest.mark.parametrize(
    ("entry", "metric", "seed", "message"),
    [
        ("points/linear/regular/gradent", "gini", 0, "did you mean 'points/linear/regular/gradient'"),
        (ENTRY, "ginni", 0, "did you mean 'gini'"),
        (ENTRY, "gini", 7, "no seed '7'"),
    ],
)
def test_what_is_not_there_gets_the_nearest_name(
    tmp_path: Path, suite: Suite, entry: str, metric: str, seed: int, message: str
) -> None:
    run(tmp_path, suite, make_entries())
    with pytest.raises(KeyError, match=message):
        why(Request(suite=suite), entry, metric, seed=seed, store=tmp_path)


def test_equal_stores_do_not_differ(tmp_path: Path, suite: Suite) -> None:
    stores = [run(tmp_path / name, suite, make_entries()) for name in ("a", "b")]
    assert diff(*stores).empty


def test_a_difference_is_traced_to_its_first_link(tmp_path: Path, suite: Suite) -> None:
    first = run(tmp_path / "a", suite, make_entries())
    second = run(tmp_path / "b", suite, make_entries(recipe=SaliencyGuided()))
    frame = diff(first, second)
    assert set(frame["because"]) == {"another recipe or budget"}
    assert "points/linear/regular/gradient" in set(frame["entry"])


def test_what_one_store_lacks_is_said(tmp_path: Path, suite: Suite) -> None:
    first = run(tmp_path / "a", suite, make_entries())
    second = run(tmp_path / "b", replace(suite, metrics=suite.metrics[:1]), make_entries())
    frame = diff(first, second)
    assert set(frame["because"]) == {"only in the first"}
    assert set(frame["metric"]) == {metric.name for metric in suite.metrics[1:]}


def test_several_settings_of_one_method_are_compared_with_their_own(tmp_path: Path, suite: Suite) -> None:
    both, one = tmp_path / "both", tmp_path / "one"
    for recipe in (SaliencyGuided(), SaliencyGuided(masked_fraction=0.3)):
        run(both, suite, make_entries(recipe=recipe))
    run(one, suite, make_entries(recipe=SaliencyGuided(masked_fraction=0.3)))
    frame = diff(both, one)
    assert set(frame["because"]) == {"only in the first"}
    assert len(diff(one, both)) == len(frame)


def test_a_failure_that_was_mended_is_no_difference(tmp_path: Path, suite: Suite) -> None:
    stores = [run(tmp_path / name, suite, make_entries()) for name in ("a", "b")]
    with Store(stores[0]) as store:
        number = store.records()[0]
        store.commit(records=[replace(number, key="failed before", status=Status.FAILED, value=None, note="no time")])
    assert diff(*stores).empty
