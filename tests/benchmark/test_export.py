import sqlite3
import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from types import ModuleType

import pytest
import torch
from typer.testing import CliRunner

from salbench.benchmark.cli import app
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.export import export, runs
from salbench.benchmark.planning import make_plan
from salbench.results.store import Store

from .conftest import POINTS, make_entries, make_suite

pytestmark = pytest.mark.filterwarnings("ignore")  # other packages' deprecations


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    with Store(folder) as opened:
        plan = make_plan(make_suite(seeds=(0, 1)), make_entries())
        Engine(store=opened, data=folder, device=torch.device("cpu")).run(plan)
    return folder


def optional(name: str) -> ModuleType:
    module: ModuleType = pytest.importorskip(name, exc_type=ImportError)
    return module


def test_each_model_and_each_entry_is_a_run_a_seed(store: Path) -> None:
    with Store(store, read_only=True) as opened:
        found = {run.name: run for run in runs(opened)}
    models = [name for name in found if len(name) == 4]
    assert sorted(models) == [("points", "linear", "regular", f"seed_{seed}") for seed in (0, 1)]
    assert len(found) == 2 + 2 * 3
    model = found["points", "linear", "regular", "seed_1"]
    assert [step for step, _ in model.curves["loss"]] == [1, 2, 3]
    entry = found["points", "linear", "regular", "gradient", "seed_1"]
    assert set(entry.numbers) == {"accuracy", "sufficiency", "gini", "aup_count"}
    assert entry.settings["weights"] == model.settings["weights"]


def test_tensorboard_reads_back_what_the_store_has(store: Path, tmp_path: Path) -> None:
    events = optional("tensorboard.backend.event_processing.event_accumulator")
    assert export(store, str(tmp_path), to="tensorboard") == (8, 0)
    assert export(store, str(tmp_path), to="tensorboard") == (0, 8), "what is there is left alone"
    with Store(store, read_only=True) as opened:
        written = list(runs(opened))
    for run in written:
        read = events.EventAccumulator(str(tmp_path.joinpath(*run.name))).Reload()
        tags = {f"training/{name}": curve for name, curve in run.curves.items()}
        tags |= {f"numbers/{name}": [(0, value)] for name, value in run.numbers.items()}
        assert set(read.Tags()["scalars"]) == set(tags)
        for tag, points in tags.items():
            back = [(point.step, point.value) for point in read.Scalars(tag)]
            assert [step for step, _ in back] == [step for step, _ in points]
            assert [value for _, value in back] == pytest.approx([value for _, value in points], rel=1e-6)


def test_models_of_one_name_and_other_settings_have_folders_of_their_own(store: Path, tmp_path: Path) -> None:
    optional("tensorboard")
    copytree(store, tmp_path / "both")
    with Store(tmp_path / "both") as both:
        longer = replace(POINTS.budget, epochs=4)
        entries = [replace(entry, budget=longer) for entry in make_entries()]
        Engine(store=both, data=tmp_path, device=torch.device("cpu")).run(make_plan(make_suite(seeds=(0,)), entries))
    logs = tmp_path / "logs"
    assert export(store, str(logs), to="tensorboard") == (8, 0)
    assert export(tmp_path / "both", str(logs), to="tensorboard") == (4, 8)
    assert export(tmp_path / "both", str(logs), to="tensorboard") == (0, 12)
    written = [path.parent for path in logs.rglob("events.*")]
    assert len(written) == len(set(written)) == 12
    models = sorted(path.name for path in (logs / "points" / "linear" / "regular").glob("seed_*"))
    assert [name.partition("-")[0] for name in models] == ["seed_0", "seed_0", "seed_1"]


def test_a_name_of_its_own_stays_as_more_is_measured(store: Path) -> None:
    with Store(store, read_only=True) as opened:
        run = next(run for run in runs(opened) if run.numbers)
    more = replace(run, numbers={**run.numbers, "entropy": 1.0}, alone=False)
    assert more.identity != run.identity
    assert more.own_place == run.own_place
    assert more.own_place[:-1] == run.place[:-1]
    assert more.own_place[-1].startswith(f"{run.place[-1]}-")
    assert replace(run, settings={**run.settings, "recipe": "other"}).own_place != run.own_place


def test_mlflow_reads_back_what_the_store_has(store: Path, tmp_path: Path) -> None:
    optional("sqlalchemy")
    tracking = optional("mlflow.tracking")
    address = f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert export(store, address, to="mlflow") == (8, 0)
    assert export(store, address, to="mlflow") == (0, 8), "what is there is left alone"
    client = tracking.MlflowClient(tracking_uri=address)
    found = client.search_runs([client.get_experiment_by_name("salbench").experiment_id])
    assert {run.info.status for run in found} == {"FINISHED"}
    by_name = {run.info.run_name: run for run in found}
    with Store(store, read_only=True) as opened:
        written = list(runs(opened))
    assert len(written) == len(found)
    for run in written:
        back = by_name["/".join(run.name)]
        assert back.data.params == run.settings
        for name, value in run.numbers.items():
            assert back.data.metrics[name] == value
        for name, curve in run.curves.items():
            history = client.get_metric_history(back.info.run_id, name)
            assert sorted((point.step, point.value) for point in history) == curve


def test_a_hostile_name_stays_in_the_folder(store: Path, tmp_path: Path) -> None:
    optional("tensorboard")
    with Store(store, read_only=True) as opened, Store(tmp_path / "hostile") as hostile:
        hostile.commit(records=opened.records())
    database = sqlite3.connect(tmp_path / "hostile" / "records.sqlite")
    database.execute("UPDATE records SET training = '..', saliency = '../../../outside'")
    database.commit()
    database.close()
    export(tmp_path / "hostile", str(tmp_path / "logs" / "here"), to="tensorboard")
    assert {path.name for path in tmp_path.iterdir()} == {"hostile", "logs"}
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["here"]
    assert list((tmp_path / "logs" / "here" / "points" / "linear").iterdir())


def test_an_empty_store_and_another_tracker_are_refused(store: Path, tmp_path: Path) -> None:
    Store(tmp_path / "empty").close()
    with pytest.raises(LookupError, match="no model and no number"):
        export(tmp_path / "empty", str(tmp_path), to="tensorboard")
    with pytest.raises(ValueError, match="tensorboard or mlflow, got 'wandb'"):
        export(store, str(tmp_path), to="wandb")


def test_a_tracker_that_is_not_installed_is_named(store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow.tracking", None)
    result = CliRunner().invoke(app, ["export", str(tmp_path / "x"), "--store", str(store), "--to", "mlflow"])
    assert result.exit_code == 2
    assert "salbench[tracking]" in result.stderr
