"""What models and maps cost, from the tasks of a small run."""

from pathlib import Path

import pytest
import torch

from salbench.baselines.training import FineTuned, SaliencyGuided
from salbench.benchmark.costs import explanation_costs, metric_costs, training_costs, training_curves
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.keys import train_key
from salbench.benchmark.planning import make_plan
from salbench.metrics import ACCURACY, F_FIDELITY_PLUS, ROAR, SUFFICIENCY_AOPC
from salbench.results.store import Store

from .conftest import make_entries, make_suite


def test_costs_of_a_run_beside_regular_training(tmp_path: Path) -> None:
    plan = make_plan(make_suite(), [*make_entries(), *make_entries("guided", recipe=SaliencyGuided())])
    with Store(tmp_path) as store:
        Engine(store=store, data=tmp_path, device=torch.device("cpu")).run(plan)
        training, explanation = training_costs(plan, store), explanation_costs(plan, store)
    assert training["training"].tolist() == ["regular", "guided"]
    assert training["seeds"].tolist() == [2, 2]
    assert (training["seconds"] > 0).all()
    regular, guided = training["memory_ratio"]
    assert regular == 1.0
    assert guided > 1.5
    passes = explanation.set_index("saliency")[["forwards", "backwards"]].to_dict("index")
    assert passes["gradient"] == {"forwards": 1.0, "backwards": 1.0}
    assert passes["random"] == {"forwards": 0.0, "backwards": 0.0}


def test_without_regular_training_there_is_no_ratio(tmp_path: Path) -> None:
    plan = make_plan(make_suite(seeds=(0,)), make_entries("guided", recipe=SaliencyGuided()))
    with Store(tmp_path) as store:
        assert training_costs(plan, store).empty
        assert explanation_costs(plan, store).empty
        Engine(store=store, data=tmp_path, device=torch.device("cpu")).run(plan)
        training = training_costs(plan, store)
    assert training["ratio"].isna().tolist() == [True]
    assert training["step_megabytes"].item() == pytest.approx(training["step_megabytes"].item())


def test_a_metric_costs_what_was_done_for_it(tmp_path: Path) -> None:
    metrics = (ACCURACY, SUFFICIENCY_AOPC, ROAR, F_FIDELITY_PLUS)
    plan = make_plan(make_suite(seeds=(0,), metrics=metrics), make_entries())
    with Store(tmp_path) as store:
        assert metric_costs(plan, store).empty
        Engine(store=store, data=tmp_path, device=torch.device("cpu")).run(plan)
        found = metric_costs(plan, store).set_index("metric")
    assert found["trainings"].to_dict() == {
        "sufficiency": "0 a map",
        "roar_area": "5 a map",
        "f_fidelity_plus": "0 a map + 1 fine-tuning a model",
    }
    seconds = found["seconds"].to_dict()
    assert seconds["roar_area"] > seconds["sufficiency"] > 0


def test_curves_of_training_know_their_epochs(tmp_path: Path) -> None:
    plan = make_plan(make_suite(seeds=(0,)), make_entries())
    (key,) = map(train_key, plan.models)
    kept = [[3, 0.5, 1.0, None, 8], [6, 0.25, 1.0, 0.75, None]]  # as measurements that come with salbench keep them
    with Store(tmp_path) as store:
        store.commit(outcomes={key: {"epochs": kept}})
        (curve,) = training_curves(plan, store)
    assert (curve.losses, curve.accuracies) == ({3: 0.5, 6: 0.25}, {6: 0.75})


def test_fine_tuning_costs_what_it_started_from_too(tmp_path: Path) -> None:
    plan = make_plan(make_suite(seeds=(0,)), make_entries("fine_tuned", recipe=FineTuned()))
    (model,) = plan.models
    assert model.predecessor is not None
    with Store(tmp_path) as store:
        Engine(store=store, data=tmp_path, device=torch.device("cpu")).run(plan)
        outcomes = [store.outcome(train_key(one)) for one in (model.predecessor, model)]
        found = training_costs(plan, store)["seconds"].item()
    epochs = [sum(epoch[2] for epoch in outcome["epochs"]) for outcome in outcomes if outcome is not None]
    assert found == pytest.approx(sum(epochs))
    assert len(epochs) == 2
