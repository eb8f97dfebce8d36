import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.architectures import Architecture
from salbench.baselines.saliency import GRADIENT, INVERTED, ORACLE, RANDOM, SaliencyMethod, attribute
from salbench.baselines.training import Recipe, Regular, SaliencyGuided, TrainingState, fit
from salbench.benchmark import Suite
from salbench.benchmark.engines.events import State
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.entry import Entry
from salbench.benchmark.inventory import inventory
from salbench.benchmark.planning import make_plan
from salbench.datasets import Modality, Samples, Split
from salbench.metrics import ACCURACY, GINI
from salbench.metrics.base import Case
from salbench.metrics.f_fidelity import F_FIDELITY_PLUS
from salbench.metrics.retraining import ROAR_SHARED
from salbench.metrics.roar import ROAR
from salbench.results.record import Record, Status
from salbench.results.store import Store

from ..conftest import LINEAR, POINTS, Heard, broken, build_linear, load_points, loads, make_entries, make_suite


def run(store: Path, entries: list[Entry], heard: Heard, suite: Suite | None = None, **options: bool) -> list[Record]:
    plan = make_plan(suite or make_suite(), entries)
    with Store(store) as opened:
        engine = Engine(store=opened, data=store, device=torch.device("cpu"), listener=heard, **options)
        return engine.run(plan)


def by_name(records: list[Record]) -> dict[tuple[str, str, int], Record]:
    return {(record.saliency, record.metric, record.seed): record for record in records}


def test_every_entry_metric_and_seed_has_a_record(tmp_path: Path, heard: Heard) -> None:
    records = run(tmp_path, make_entries(), heard)
    assert len(records) == 3 * 4 * 2  # saliency methods, metrics, seeds
    assert {record.status for record in records} == {Status.OK}
    assert by_name(records)["oracle", "aup_count", 0].value == pytest.approx(0.8, abs=1e-6)


def test_records_hold_their_provenance(tmp_path: Path, heard: Heard) -> None:
    record = run(tmp_path, make_entries(), heard)[0]
    assert record.entry == "points/linear/regular/gradient"
    assert record.count == 20
    assert {"salbench", "torch", "captum", "numpy", "python"} <= set(record.versions)
    with Store(tmp_path) as store:
        assert set(store.get(record.weights)) == {"weight", "bias"}
        assert store.get(record.attributions)["attributions"].shape == (20, 6)
        scores = store.get(record.scores)["accuracy"]
    assert scores.mean().item() == pytest.approx(record.value)


def test_second_run_computes_nothing_and_opens_no_data(tmp_path: Path, heard: Heard) -> None:
    first = run(tmp_path, make_entries(), Heard())
    loads.clear()
    second = run(tmp_path, make_entries(), heard)
    assert second == first
    assert not heard.names(State.STARTED)
    assert not loads


def test_new_metric_runs_without_training_explaining_or_perturbing_again(tmp_path: Path, heard: Heard) -> None:
    full = make_suite()
    run(tmp_path, make_entries(), Heard(), replace(full, metrics=full.metrics[:2]))
    records = run(tmp_path, make_entries(), heard, full)
    assert {name.split()[0] for name in heard.names(State.DONE)} == {"measure"}
    assert len(records) == 24


def test_maps_only_metrics_need_no_curves(tmp_path: Path, heard: Heard) -> None:
    run(tmp_path, make_entries(), heard, make_suite(metrics=(GINI,)))
    assert not [name for name in heard.names(State.DONE) if name.startswith("perturb")]


def test_order_of_work_does_not_change_the_numbers(tmp_path: Path, heard: Heard) -> None:
    suite = make_suite()
    forward = run(tmp_path / "a", make_entries(), heard, suite)
    backward = run(tmp_path / "b", make_entries(), heard, replace(suite, seeds=(1, 0)))
    values = [{key: record.value for key, record in by_name(records).items()} for records in (forward, backward)]
    assert values[0] == values[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverging(Recipe):
    reference: ClassVar[str] = "ross2017right"

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        loss: Tensor = model(batch.inputs).sum() * torch.tensor(float("nan"))
        return loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Exits(Regular):
    """Ends the process that trains."""

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        sys.exit(0)


def test_a_training_that_exits_has_failed_like_any_other(tmp_path: Path, heard: Heard) -> None:
    records = run(tmp_path, [*make_entries("exits", recipe=Exits()), *make_entries()], heard)
    notes = {record.note for record in records if record.status is Status.FAILED}
    assert notes == {"training failed: SystemExit: 0"}
    assert {record.status for record in records if record.training == "regular"} == {Status.OK}
    with pytest.raises(RuntimeError, match="SystemExit: 0"):
        run(tmp_path, make_entries("exits", recipe=Exits()), heard, stop_on_failure=True)


def test_failed_training_is_recorded_and_the_others_go_on(tmp_path: Path, heard: Heard) -> None:
    records = run(tmp_path, [*make_entries("broken", recipe=Diverging()), *make_entries()], heard)
    failed = [record for record in records if record.training == "broken"]
    assert {record.status for record in failed} == {Status.FAILED}
    assert all("loss became nan in epoch 1" in record.note for record in failed)
    assert {record.status for record in records if record.training == "regular"} == {Status.OK}
    assert len(heard.names(State.FAILED)) == 2  # one a seed
    assert len(heard.names(State.DROPPED)) == 6


def saliency(explain: Callable[[nn.Module, Samples, int], Tensor], name: str = "broken") -> SaliencyMethod:
    return replace(GRADIENT, name=name, explain=explain)


@pytest.mark.parametrize(
    ("explain", "reason"),
    [
        (broken("out of ideas"), "out of ideas"),
        (lambda model, samples, seed: sys.exit(0), "SystemExit: 0"),
        (lambda model, samples, seed: samples.inputs[:, :3], r"returned shape (20, 3)"),
        (lambda model, samples, seed: samples.inputs * float("nan"), "NaN or infinite values for 20 of 20"),
        (lambda model, samples, seed: [0.0], "list"),
    ],
)
def test_failed_saliency_method_is_recorded_with_its_reason(
    tmp_path: Path, heard: Heard, explain: Callable[[nn.Module, Samples, int], Tensor], reason: str
) -> None:
    method = saliency(explain)
    suite = replace(make_suite(seeds=(0,)), saliency=(method, GRADIENT))
    records = run(tmp_path, make_entries(saliency=(method, GRADIENT)), heard, suite)
    failed = [record for record in records if record.status is Status.FAILED]
    assert {record.saliency for record in failed} == {"broken"}
    assert len(failed) == 4
    assert reason in failed[0].note


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda network: nn.Sequential(network, nn.Softmax(dim=1)), "leave the softmax out"),
        (lambda network: nn.Sequential(network, nn.LogSoftmax(dim=1)), "leave the log-softmax out"),
        (lambda network: nn.Sequential(network, nn.Linear(2, 3)), r"of shape (8, 2), got (8, 3)"),
        (lambda network: nn.Sequential(network, nn.Threshold(float("inf"), float("nan"))), "NaN"),
        (lambda network: "a model", "built str"),
    ],
)
def test_architecture_that_returns_no_logits_is_refused(
    tmp_path: Path, heard: Heard, change: Callable[[nn.Module], nn.Module], reason: str
) -> None:
    architecture: Architecture = replace(LINEAR, build=lambda shape, classes: change(LINEAR.build(shape, classes)))
    suite = replace(make_suite(seeds=(0,)), architectures=(architecture,))
    records = run(tmp_path, make_entries(architecture=architecture), heard, suite)
    assert {record.status for record in records} == {Status.FAILED}
    assert reason in records[0].note


def test_failed_metric_fails_alone(tmp_path: Path, heard: Heard) -> None:
    out_of_bounds = replace(GINI, name="beyond", score=lambda case: torch.full((len(case.samples),), 7.0))
    wrong_shape = replace(GINI, name="scalar", score=lambda case: torch.tensor(0.5))
    exits = replace(GINI, name="exits", score=lambda case: sys.exit(0))
    undefined = replace(GINI, name="undefined", score=lambda case: torch.full((len(case.samples),), float("nan")))
    suite = make_suite(metrics=(ACCURACY, out_of_bounds, wrong_shape, exits, undefined), seeds=(0,))
    records = {record.metric: record for record in run(tmp_path, make_entries(), heard, suite)}
    assert records["accuracy"].status is Status.OK
    assert "must lie in [0.0, 1.0], got 7" in records["beyond"].note
    assert "one score a sample" in records["scalar"].note
    assert (records["exits"].status, records["exits"].note) == (Status.FAILED, "SystemExit: 0")
    blank = records["undefined"]
    assert (blank.status, blank.value, blank.note) == (Status.OK, None, "undefined for all 20 samples")


def test_undefined_samples_are_left_out_and_counted(tmp_path: Path, heard: Heard) -> None:
    def half(case: Case) -> Tensor:
        scores = torch.full((len(case.samples),), 0.25)
        scores[::2] = float("nan")
        return scores

    records = run(tmp_path, make_entries(), heard, make_suite(metrics=(replace(GINI, score=half),), seeds=(0,)))
    assert (records[0].value, records[0].count) == (0.25, 10)


def test_failure_is_tried_again_and_then_forgotten(tmp_path: Path, heard: Heard) -> None:
    works = saliency(GRADIENT.explain, "moody")
    suite = replace(make_suite(seeds=(0,)), saliency=(works,))
    failing = saliency(broken("not today"), "moody")
    first = run(tmp_path, make_entries(saliency=(failing,)), heard, replace(suite, saliency=(failing,)))
    assert any(record.status is Status.FAILED for record in first)
    second = run(tmp_path, make_entries(saliency=(works,)), heard, suite)
    assert {record.status for record in second} == {Status.OK}


def test_debug_raises_the_first_error(tmp_path: Path, heard: Heard) -> None:
    with pytest.raises(FloatingPointError):
        run(tmp_path, make_entries(recipe=Diverging()), heard, stop_on_failure=True)


@pytest.mark.parametrize("damage", ["remove", "overwrite"])
def test_lost_artifact_is_made_again(tmp_path: Path, heard: Heard, damage: str) -> None:
    full = make_suite(seeds=(0,))
    first = run(tmp_path, make_entries(), Heard(), replace(full, metrics=full.metrics[:1]))
    for artifact in (tmp_path / "artifacts").rglob("*.safetensors"):
        if damage == "remove":
            artifact.unlink()
        else:
            artifact.write_bytes(artifact.read_bytes()[:-1] + b"?")
    second = run(tmp_path, make_entries(), heard, full)
    assert {record.status for record in second} == {Status.OK}
    assert first[0] in second
    undisturbed = run(tmp_path / "other", make_entries(), Heard(), full)
    assert [record.value for record in second] == [record.value for record in undisturbed]


def test_one_thread_whatever_the_machine(tmp_path: Path, heard: Heard) -> None:
    seen = []

    def explain(model: nn.Module, samples: Samples, seed: int) -> Tensor:
        seen.append(torch.get_num_threads())
        return samples.inputs

    before = torch.get_num_threads()
    method = saliency(explain)
    run(tmp_path, make_entries(saliency=(method,)), heard, replace(make_suite(seeds=(0,)), saliency=(method,)))
    assert seen == [1]
    assert torch.get_num_threads() == before


def test_roar_trains_anew_and_places_the_controls(tmp_path: Path, heard: Heard) -> None:
    suite = replace(make_suite(metrics=(ROAR,), seeds=(0,)), controls=(ORACLE, RANDOM, INVERTED))
    both = [*make_entries(), *make_entries("guided", recipe=SaliencyGuided())]
    records = run(tmp_path, both, heard, suite)
    area = {(record.training, record.saliency): record.value or 0.0 for record in records}
    assert area["regular", "oracle"] < area["regular", "random"] < area["regular", "inverted"]
    assert records[0].curve["percent"] == [0.0, 10.0, 30.0, 50.0, 70.0, 90.0]
    assert records[0].count == 20
    random = [name for name in heard.names(State.DONE) if name.startswith("retrain") and "/random" in name]
    assert len(random) == 5, "the random baseline is one and the same for all training methods"
    whole = {record.training: record.curve["accuracy"][0] for record in records}
    assert whole["regular"] == whole["guided"], "both curves begin with the model trained regularly on whole samples"


def test_roar_retrains_what_a_plain_loop_retrains(tmp_path: Path, heard: Heard) -> None:
    suite = replace(make_suite(metrics=(ROAR,), seeds=(0,)), controls=())
    record = run(tmp_path, make_entries(), heard, suite)[0]
    train, test = (load_points(tmp_path, split) for split in (Split.TRAIN, Split.TEST))

    def fresh(samples: Samples) -> nn.Module:
        torch.manual_seed(0)
        model = build_linear((6,), 2)
        fit(model, samples, recipe=Regular(), budget=POINTS.budget, seed=0)
        return model

    explained = fresh(train)
    maps = {samples: attribute(GRADIENT, explained, samples, seed=0) for samples in (train, test)}
    accuracies = [(explained(test.inputs).argmax(1) == test.targets).float().mean().item()]
    for percent in (10, 30, 50, 70, 90):
        less = {s: ROAR_SHARED.degraded(s, maps[s], Modality.TABULAR, percent=percent) for s in (train, test)}
        correct = fresh(less[train])(less[test].inputs).argmax(1) == test.targets
        accuracies.append(correct.float().mean().item())
    assert record.curve["accuracy"] == pytest.approx([100 * accuracy for accuracy in accuracies])
    assert record.value == pytest.approx(np.trapezoid(record.curve["accuracy"], record.curve["percent"]))


def test_one_fine_tuning_serves_all_maps_of_a_model(tmp_path: Path, heard: Heard) -> None:
    suite = replace(make_suite(metrics=(F_FIDELITY_PLUS,), seeds=(0,)), controls=(ORACLE, RANDOM, INVERTED))
    records = run(tmp_path, make_entries(), heard, suite)
    loss = {record.saliency: record.value or 0.0 for record in records}
    assert loss["oracle"] > loss["random"] > loss["inverted"]
    assert len([name for name in heard.names(State.DONE) if name.startswith("prepare")]) == 1


def load_fixed(root: Path, split: Split) -> Samples:
    """The points, whose last feature may not be removed."""
    samples = load_points(root, split)
    return replace(samples, removable=(torch.arange(6) < 5).expand_as(samples.inputs))


def test_metrics_that_cannot_spare_a_feature_are_skipped_and_nothing_is_trained_for_them(
    tmp_path: Path, heard: Heard
) -> None:
    fixed = replace(POINTS, name="fixed_points", load=load_fixed)
    suite = replace(make_suite(metrics=(GINI, F_FIDELITY_PLUS, ROAR), seeds=(0,)), datasets=(fixed,), controls=())
    entries = [replace(entry, dataset=fixed) for entry in make_entries()]
    records = {record.metric: record for record in run(tmp_path, entries, heard, suite)}
    assert records["gini"].status is Status.OK
    for name in ("f_fidelity_plus", "roar_area"):
        assert records[name].status is Status.SKIPPED
        assert "may not be ranked or removed" in records[name].note
    assert not any(name.startswith(("retrain", "prepare")) for name in heard.names(State.DONE))


def test_a_method_that_ruins_the_model_fails_alone(tmp_path: Path, heard: Heard) -> None:
    """What comes after it is what it is without it."""

    def ruin(model: nn.Module, samples: Samples, seed: int) -> Tensor:
        samples.inputs.zero_()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.zero_()
        return samples.inputs

    ruining = saliency(ruin, "a_ruin")
    with_it = replace(make_suite(seeds=(0,)), saliency=(ruining, GRADIENT))
    found = run(tmp_path / "with", make_entries(saliency=(ruining, GRADIENT)), heard, with_it)
    alone = run(tmp_path / "alone", make_entries(), Heard(), make_suite(seeds=(0,)))
    assert "changes the model in place" in next(record.note for record in found if record.saliency == "a_ruin")
    kept = by_name(found)
    assert len(alone) > 4
    assert all(kept[place].value == record.value for place, record in by_name(alone).items())


def test_a_metric_that_failed_is_tried_again(tmp_path: Path, heard: Heard) -> None:
    short = [True]

    def score(case: Case) -> Tensor:
        if short[0]:
            raise MemoryError("short of memory")
        return torch.zeros(len(case.samples))

    moody = replace(GINI, name="moody", score=score)
    suite = make_suite(metrics=(ACCURACY, moody), seeds=(0,))
    first = run(tmp_path, make_entries(), heard, suite)
    assert {record.metric for record in first if record.status is Status.FAILED} == {"moody"}
    plan = make_plan(suite, make_entries())
    with Store(tmp_path) as store:
        cells = inventory(plan, store)
    assert all([metric.name for metric in cell.missing] == ["moody"] for cell in cells)
    notes = {record.note for cell in cells for record in cell.records if record.status is Status.FAILED}
    assert notes == {"MemoryError: short of memory"}
    short[0] = False
    second = run(tmp_path, make_entries(), Heard(), suite)
    assert {record.status for record in second} == {Status.OK}
    with Store(tmp_path) as store:
        assert not any(cell.missing for cell in inventory(plan, store))


def test_debug_raises_the_error_of_a_metric(tmp_path: Path, heard: Heard) -> None:
    suite = make_suite(metrics=(replace(GINI, score=broken("no gini")),), seeds=(0,))
    with pytest.raises(RuntimeError, match="no gini"):
        run(tmp_path, make_entries(), heard, suite, stop_on_failure=True)


def test_an_artifact_that_comes_out_different_is_told(tmp_path: Path, heard: Heard) -> None:
    """Here the maps are lost, and those that are made again are others."""
    size = [1.0]
    method = saliency(lambda model, samples, seed: torch.full_like(samples.inputs, size[0]), "moody")
    suite = replace(make_suite(seeds=(0,)), saliency=(method,), controls=())
    entries = make_entries(saliency=(method,))
    run(tmp_path, entries, Heard(), replace(suite, metrics=suite.metrics[:1]))
    for artifact in (tmp_path / "artifacts").rglob("*.safetensors"):
        artifact.unlink()
    size[0] = 2.0
    records = run(tmp_path, entries, heard, suite)
    assert {record.status for record in records} == {Status.OK}
    (told,) = [event for event in heard.events if event.state is State.CHANGED]
    assert "came out different" in told.note
    assert "its numbers are measured anew" in told.note
