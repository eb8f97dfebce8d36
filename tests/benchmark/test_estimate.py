from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console

from salbench.baselines.training import FineTuned, Regular
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.estimate import Work, estimate, forecast
from salbench.benchmark.inventory import inventory
from salbench.benchmark.keys import train_key
from salbench.benchmark.planning import Plan, make_plan
from salbench.benchmark.rates import Basis, Place, Rates
from salbench.benchmark.reports.terminal import print_plan
from salbench.datasets import Budget, Counts, Split
from salbench.metrics import ROAR
from salbench.results.errors import StoreError
from salbench.results.store import Store

from .conftest import LINEAR, POINTS, make_entries, make_suite

SUITE = replace(make_suite(seeds=(0,)), samples=10)


def measured(folder: Path, plan: Plan) -> Store:
    store = Store(folder)
    Engine(store=store, data=folder, device=torch.device("cpu")).run(plan)
    return store


def by_name(work: list[Work]) -> dict[str, Work]:
    return {kind.what: kind for kind in work}


def test_nothing_measured_is_all_unknown(tmp_path: Path) -> None:
    cells, work = forecast(make_plan(SUITE, make_entries()), store=tmp_path / "none")
    assert len(cells) == 3
    assert {kind.what: (kind.count, kind.unknown, kind.seconds) for kind in work} == {
        "trainings": (1, 1, 0.0),
        "map sets": (3, 3, 0.0),
        "curve sets": (3, 3, 0.0),
        "numbers": (12, 12, 0.0),
    }
    assert not (tmp_path / "none").exists()


def test_nothing_to_do_is_no_work(tmp_path: Path) -> None:
    plan = make_plan(SUITE, make_entries())
    measured(tmp_path, plan).close()
    cells, work = forecast(plan, store=tmp_path)
    assert work == []
    assert all(cell.weights for cell in cells)


def test_a_model_whose_weights_were_lost_is_trained_again(tmp_path: Path) -> None:
    """So it is said, too, where the store took over numbers of others without their weights."""
    first, more = (replace(SUITE, metrics=metrics) for metrics in (SUITE.metrics[:1], SUITE.metrics))
    with measured(tmp_path, make_plan(first, make_entries())) as store:
        trained = store.outcome(train_key(make_plan(first, make_entries()).models[0]))
    assert trained is not None
    plan = make_plan(more, make_entries())
    assert "trainings" not in by_name(forecast(plan, store=tmp_path)[1])
    (lost,) = tmp_path.glob(f"artifacts/*/*{trained['artifacts']['weights'][2:]}*")
    lost.unlink()
    assert by_name(forecast(plan, store=tmp_path)[1])["trainings"].count == 1


def test_another_seed_is_expected_to_take_what_the_first_took(tmp_path: Path) -> None:
    plan = make_plan(SUITE, make_entries())
    with measured(tmp_path, plan) as store:
        trained = store.outcome(train_key(plan.models[0]))
        assert trained is not None
        numbers = sum(record.seconds for record in store.records())
    cells, work = forecast(make_plan(SUITE, make_entries(), seeds=(0, 1)), store=tmp_path)
    assert len(cells) == 6
    found = by_name(work)
    assert found["trainings"].seconds == pytest.approx(trained["seconds"])
    assert found["numbers"].seconds == pytest.approx(numbers)
    assert all(kind.known == {Basis.SAME: kind.count} for kind in work)


def test_a_training_that_was_gone_on_with_counts_all_its_epochs() -> None:
    """The seconds of its outcome are those since it went on."""
    rates = Rates()
    epochs = [[1, 0.5, 100.0, None, None], [2, 0.4, 300.0, None, None]]
    rates.add([{"task": "train", "name": "d/a/t seed 0", "seconds": 310.0, "epochs": epochs}], [])
    found = rates.nearest(("epoch", "train"), Place("d", "a", "t"))
    assert found is not None
    assert found.seconds == pytest.approx(200.0)


def test_passes_are_counted_a_sample(tmp_path: Path) -> None:
    measured(tmp_path, make_plan(SUITE, make_entries())).close()
    found = by_name(forecast(make_plan(SUITE, make_entries(), seeds=(1,)), store=tmp_path)[1])
    (protocol,) = make_plan(SUITE, make_entries()).protocols
    assert found["curve sets"].passes == 3 * protocol.steps
    assert found["map sets"].passes == pytest.approx(2)  # the gradient's forward and backward; the controls need none


def test_twice_the_epochs_and_samples_take_twice_the_time(tmp_path: Path) -> None:
    measured(tmp_path, make_plan(SUITE, make_entries())).close()
    before = by_name(forecast(make_plan(SUITE, make_entries(), seeds=(1,)), store=tmp_path)[1])
    entries = [replace(entry, budget=replace(entry.budget, epochs=6)) for entry in make_entries()]
    after = by_name(forecast(make_plan(replace(SUITE, samples=20), entries, seeds=(1,)), store=tmp_path)[1])
    for what in ("trainings", "map sets", "curve sets"):
        assert after[what].seconds == pytest.approx(2 * before[what].seconds)


@pytest.mark.parametrize(("stop_accuracy", "patience"), [(None, None), (1.0, None), (None, 2)])
def test_trainings_that_may_stop_early_are_told(
    tmp_path: Path, stop_accuracy: float | None, patience: int | None
) -> None:
    rule = stop_accuracy is not None or patience is not None
    measured(tmp_path, make_plan(SUITE, make_entries())).close()
    entries = [
        replace(entry, budget=replace(entry.budget, stop_accuracy=stop_accuracy, patience=patience))
        for entry in make_entries()
    ]
    plan = make_plan(SUITE, entries, seeds=(1, 2))
    cells, work = forecast(plan, store=tmp_path)
    assert by_name(work)["trainings"].may_stop == (2 if rule else 0)
    console = Console(file=StringIO(), width=200)
    print_plan(plan, cells, work, console)
    assert isinstance(console.file, StringIO)
    said = console.file.getvalue()
    assert ("all epochs of 2 trainings that may stop before" in said) is rule


def test_the_nearest_measured_thing_is_taken(tmp_path: Path) -> None:
    other = replace(POINTS, name="elsewhere")
    places = {
        Basis.PLACE: make_entries("mine"),
        Basis.ARCHITECTURE: [replace(entry, dataset=other) for entry in make_entries("mine")],
        None: make_entries("mine", architecture=replace(LINEAR, name="other")),
    }
    with measured(tmp_path, make_plan(SUITE, make_entries())) as store:
        rates = Rates.of([store])
    for basis, entries in places.items():
        dataset, architecture = entries[0].dataset, entries[0].architecture
        suite = replace(SUITE, datasets=(dataset,), architectures=(architecture,))
        plan = make_plan(suite, entries)
        training = by_name(estimate(plan, inventory(plan, None), rates))["trainings"]
        assert training.known == ({} if basis is None else {basis: 1})
        assert training.unknown == (basis is None)


def test_other_data_take_the_time_of_their_training_samples(tmp_path: Path) -> None:
    train = len(POINTS.load(tmp_path, Split.TRAIN))
    with measured(tmp_path, make_plan(SUITE, make_entries())) as store:
        rates = Rates.of([store])
        trained = store.outcome(train_key(make_plan(SUITE, make_entries()).models[0]))
    assert trained is not None
    assert trained["training_samples"] == train
    tenfold = replace(POINTS, name="elsewhere", counts=Counts(10 * train, 20))
    entries = [replace(entry, dataset=tenfold) for entry in make_entries("mine")]
    plan = make_plan(replace(SUITE, datasets=(tenfold,)), entries)
    training = by_name(estimate(plan, inventory(plan, None), rates))["trainings"]
    assert training.known == {Basis.SAMPLES: 1}
    assert training.seconds == pytest.approx(10 * trained["seconds"])


def test_all_test_samples_are_counted_where_it_is_known_how_many_there_are(tmp_path: Path) -> None:
    """The plan explains ten of twenty; then all of them, whose number is known or is not."""
    measured(tmp_path, make_plan(SUITE, make_entries())).close()
    ten = by_name(forecast(make_plan(SUITE, make_entries(), seeds=(1,)), store=tmp_path)[1])
    for counts, factor in ((Counts(40, 20), 2), (None, 1)):
        points = replace(POINTS, counts=counts)
        whole = replace(SUITE, datasets=(points,), samples=None)
        entries = [replace(entry, dataset=points) for entry in make_entries()]
        found = by_name(forecast(make_plan(whole, entries, seeds=(1,)), store=tmp_path)[1])
        for what in ("map sets", "curve sets", "numbers"):
            assert found[what].seconds == pytest.approx(factor * ten[what].seconds)


def test_times_of_another_store_may_be_used(tmp_path: Path) -> None:
    plan = make_plan(SUITE, make_entries())
    measured(tmp_path / "there", plan).close()
    _, work = forecast(plan, store=tmp_path / "here", rates=[tmp_path / "there"])
    assert not any(kind.unknown for kind in work)
    with pytest.raises(StoreError, match="no store"):
        forecast(plan, store=tmp_path / "here", rates=[tmp_path / "nowhere"])


def test_models_that_others_start_from_are_trained_once(tmp_path: Path) -> None:
    tuned = [
        entry
        for name, epochs in (("tuned", 1), ("longer", 2))
        for entry in make_entries(name, recipe=FineTuned(then=Regular(), first_budget=POINTS.budget))
        for entry in [replace(entry, budget=Budget(epochs=epochs))]
    ]
    found = by_name(forecast(make_plan(SUITE, tuned), store=tmp_path)[1])
    assert found["trainings"].count == 3


def test_a_model_that_another_starts_from_takes_what_it_took_with_another_seed(tmp_path: Path) -> None:
    both = [*make_entries(), *make_entries("tuned", recipe=FineTuned(then=Regular(), first_budget=POINTS.budget))]
    measured(tmp_path, make_plan(SUITE, both)).close()
    _, work = forecast(make_plan(SUITE, both, seeds=(1,)), store=tmp_path)
    trainings = by_name(work)["trainings"]
    assert trainings.known == {Basis.SAME: trainings.count}


def test_models_trained_anew_are_counted(tmp_path: Path) -> None:
    found = by_name(forecast(make_plan(replace(SUITE, metrics=(ROAR,)), make_entries()), store=tmp_path)[1])
    percents = sum(len(retraining.percents) for retraining in ROAR.retrainings)
    assert found["retrainings"].count == 3 * percents
    assert found["map sets of all data"].count == 3 * len(ROAR.retrainings)
    assert found["trainings"].count == 1  # the yardstick is the regular model that is explained
