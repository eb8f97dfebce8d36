"""Times of the measurements that come with salbench: what they tell of a plan, and when one's own go first."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from salbench.baselines.training import FineTuned, Regular, SaliencyGuided
from salbench.benchmark import Request, Suite, run
from salbench.benchmark.estimate import Work, estimate
from salbench.benchmark.inventory import inventory
from salbench.benchmark.keys import train_key
from salbench.benchmark.rates import Basis, Rates
from salbench.benchmark.reference.rates import reference_rates
from salbench.benchmark.reference.writing import write_reference
from salbench.benchmark.registry import find_suite
from salbench.datasets import Budget, Counts
from salbench.metrics import ROAR
from salbench.results.store import Store

from ..conftest import POINTS, make_entries, make_suite

BUDGET = Budget(epochs=30, batch_size=10, learning_rate=0.05)  # more than the rows of a curve in a file
MINE = make_entries("mine", recipe=SaliencyGuided())
TUNED = make_entries("tuned", recipe=FineTuned(then=Regular(), first_budget=POINTS.budget))


def suite_of(*, seeds: tuple[int, ...] = (0,)) -> Suite:
    made = make_suite(seeds=seeds)
    entries = [replace(entry, budget=BUDGET) for entry in [*make_entries(), *TUNED]]
    return replace(made, metrics=(*made.metrics, ROAR), entries=tuple(entries))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place: Path = tmp_path_factory.mktemp("rates") / "store"
    run(Request(suite=suite_of()), store=place, device="cpu")
    return place


@pytest.fixture(scope="module")
def folder(store: Path) -> Path:
    write_reference(Request(suite=suite_of()), store=store, folder=store.parent / "files", device="two cores")
    return store.parent / "files"


def estimated(suite: Suite, rates: Rates) -> dict[str, Work]:
    plan = Request(suite=suite).plan()
    return {kind.what: kind for kind in estimate(plan, inventory(plan, None), rates)}


def test_everything_of_a_suite_takes_what_it_took_there(store: Path, folder: Path) -> None:
    plan = Request(suite=suite_of()).plan()
    found = estimated(suite_of(), Rates.of([], beyond=reference_rates(suite_of(), folder)))
    assert set(found) == {"trainings", "map sets", "curve sets", "map sets of all data", "retrainings", "numbers"}
    for kind in found.values():
        assert kind.known == {Basis.SAME: kind.count}
        assert kind.devices == {"two cores": kind.count}
    with Store(store, read_only=True) as opened:
        trained = opened.outcomes(train_key(model) for model in plan.models)
        assert {len(outcome["epochs"]) for outcome in trained.values()} == {30}
        seconds: Counter[str] = Counter()
        for outcome in opened.latest_outcomes():
            whole = outcome["task"] == "explain" and "samples" not in outcome
            seconds["all data" if whole else outcome["task"]] += outcome["seconds"]
    assert found["trainings"].seconds == pytest.approx(seconds["train"] + seconds["prepare"], rel=1e-3)
    assert found["map sets"].seconds == pytest.approx(seconds["explain"], rel=1e-3)
    assert found["map sets of all data"].seconds == pytest.approx(seconds["all data"], rel=1e-3)
    assert found["curve sets"].seconds == pytest.approx(seconds["perturb"], rel=1e-3)
    assert found["retrainings"].seconds >= seconds["retrain"]  # equal maps share theirs, which no plan can know


def test_own_times_of_the_same_data_go_first_and_of_other_data_last(store: Path, folder: Path) -> None:
    beyond = reference_rates(suite_of(), folder)
    mine = replace(suite_of(), entries=tuple(replace(entry, budget=BUDGET) for entry in MINE))
    with Store(store, read_only=True) as opened:
        own = estimated(mine, Rates.of([opened], beyond=beyond))["trainings"]
        assert (own.known, own.devices) == ({Basis.PLACE: 1}, {})
        elsewhere = replace(POINTS, name="elsewhere")
        other = [replace(entry, dataset=elsewhere) for entry in suite_of().entries]
        moved = replace(suite_of(), datasets=(elsewhere,), entries=tuple(other))
        own = estimated(moved, Rates.of([opened], beyond=beyond))["trainings"]
        assert (own.known, own.devices) == ({Basis.ARCHITECTURE: own.count}, {})
    run(Request(suite=moved), store=store.parent / "moved", device="cpu")
    with Store(store.parent / "moved", read_only=True) as there:
        theirs = estimated(suite_of(), Rates.of([there], beyond=beyond))["trainings"]
        assert (theirs.known, theirs.devices) == ({Basis.SAME: theirs.count}, {"two cores": theirs.count})


def test_a_small_scale_tells_of_the_full_one(folder: Path, tmp_path: Path) -> None:
    """Its data sets say how many samples they have, which older outcomes do not."""
    small = replace(suite_of(), datasets=(replace(POINTS, counts=Counts(40, 20)),))
    small = replace(
        small, entries=tuple(replace(entry, dataset=small.datasets[0], budget=BUDGET) for entry in suite_of().entries)
    )
    large = replace(POINTS, name="large", counts=Counts(400, 20))
    full = replace(
        small,
        datasets=(large,),
        entries=tuple(replace(entry, dataset=large, budget=BUDGET) for entry in suite_of().entries),
        small=small,
    )
    shutil.copy(folder / "tiny.jsonl", tmp_path / "tiny.small.jsonl")
    tenth = estimated(small, Rates.of([], beyond=reference_rates(small, folder)))["trainings"]
    found = estimated(full, Rates.of([], beyond=reference_rates(full, tmp_path)))["trainings"]
    assert found.known == {Basis.SAMPLES: found.count}
    assert found.seconds == pytest.approx(10 * tenth.seconds)


def test_a_suite_without_measurements_has_no_rates(tmp_path: Path) -> None:
    assert reference_rates(suite_of(), tmp_path) is None


@pytest.mark.parametrize("name", ["quick", "sgt-table2", "sgt-table4"])
def test_the_trainings_of_a_published_suite_are_known(name: str) -> None:
    suite = find_suite(name)
    found = estimated(suite, Rates.of([], beyond=reference_rates(suite)))
    assert found["trainings"].unknown == 0
    assert found["trainings"].seconds > 60
