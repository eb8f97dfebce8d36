"""Stacked trainings in a run: which models share one, what is committed, and what becomes of those that fail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor, nn
from typer.testing import CliRunner

from salbench.baselines.architectures import Architecture
from salbench.baselines.training import SCAAT, Recipe, Regular, SaliencyGuided, TrainingState
from salbench.benchmark import Suite, commands
from salbench.benchmark.cli import app
from salbench.benchmark.command_line import command_line
from salbench.benchmark.engines.events import Kind, State
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.engines.stacking import stacks, with_stacks
from salbench.benchmark.keys import train_key
from salbench.benchmark.planning import Model, Plan, make_plan
from salbench.benchmark.request import Request
from salbench.datasets import Budget, Dataset, Samples, Split
from salbench.metrics import ACCURACY
from salbench.metrics.f_fidelity import F_FIDELITY_PLUS
from salbench.metrics.roar import ROAR
from salbench.results.record import Record, Status
from salbench.results.store import Store

from ..conftest import LINEAR, POINTS, Heard, load_points, make_entries, make_suite

BUDGET = POINTS.budget
STACKED = replace(BUDGET, stacked=True)
KEYS_BEFORE_STACKS = {  # of budgets that are neither stacked nor compiled, as they were before there were such options
    ("quick", "digits/mlp/regular"): "52f8ab011fb2417e8124bcc1deb4384ee2506d2c769b230873a36bd163e9297f",
    ("quick", "digits/mlp/saliency_guided"): "d0ce166ed3f519ed7edcf6da4663a50022be94e1f561955d68200fefe4a63415",
    ("sgt-table4", "mnist/sgt_cnn/fine_tuned"): "88f76c616c8de12f6cfaa1dc22493ed166a62783295fd56db9c0fc0c9b4cdd64",
}


def suite(recipe: Recipe | None = None, *, budget: Budget = STACKED) -> Suite:
    """The tiny suite of three seeds with accuracy alone, each entry with this budget."""
    made = [replace(entry, budget=budget) for entry in make_entries(recipe=recipe)]
    return replace(make_suite(metrics=(ACCURACY,), seeds=(0, 1, 2)), entries=tuple(made), controls=())


def run(folder: Path, heard: Heard, asked: Suite) -> list[Record]:
    with Store(folder) as opened:
        return Engine(store=opened, data=folder, device=torch.device("cpu"), listener=heard).run(make_plan(asked, ()))


def outcomes(folder: Path, asked: Suite) -> dict[int, dict[str, object]]:
    """What is kept of each training, by its seed."""
    keys = {train_key(model): model.seed for model in make_plan(asked, ()).models}
    with Store(folder, read_only=True) as store:
        return {keys[key]: found for key, found in store.outcomes(keys).items()}


class TestIdentity:
    @pytest.mark.parametrize(("name", "model"), KEYS_BEFORE_STACKS)
    def test_the_options_at_their_default_leave_every_key_as_it_was(self, name: str, model: str) -> None:
        found = [item for item in Request(suite=name).plan().models if item.name == model and item.seed == 0]
        assert [train_key(item) for item in found] == [KEYS_BEFORE_STACKS[name, model]]

    @pytest.mark.parametrize("option", ["stacked", "compiled"])
    def test_another_way_to_train_is_another_training(self, option: str) -> None:
        (plain,) = make_plan(suite(budget=BUDGET), (), seeds=[0]).models
        other = replace(plain, budget=replace(BUDGET, **{option: True}))  # type: ignore[arg-type]
        assert train_key(other) != train_key(plain)


class TestGroups:
    def plan(self, *models: Model) -> Plan:
        return replace(make_plan(suite(), ()), models=models)

    def test_seeds_and_data_of_one_shape_share_a_stack(self) -> None:
        first, second, third = make_plan(suite(), ()).models
        moved = replace(second, dataset=replace(POINTS, name="others"))
        assert stacks(self.plan(first, moved, third), range(3)) == [[0, 1, 2]]

    def test_other_recipes_budgets_and_shapes_do_not(self) -> None:
        first, second, third = make_plan(suite(), ()).models
        others = [
            replace(second, recipe=SaliencyGuided()),
            replace(second, budget=replace(STACKED, epochs=9)),
            replace(second, dataset=replace(POINTS, shape=(5,))),
            replace(second, budget=BUDGET),
        ]
        for other in others:
            assert stacks(self.plan(first, other, third), range(3)) == [[0, 2]]

    def test_a_model_without_like_is_in_none(self) -> None:
        assert stacks(make_plan(suite(), (), seeds=[0]), [0]) == []

    def test_large_groups_are_parted(self) -> None:
        plan = make_plan(suite(), (), seeds=range(5))
        assert stacks(plan, range(5), most=2) == [[0, 1], [2, 3]]

    def test_the_option_leaves_alone_what_cannot_be_stacked(self) -> None:
        def normalized(shape: tuple[int, ...], classes: int) -> nn.Module:
            return nn.Sequential(nn.BatchNorm1d(shape[0]), nn.Linear(shape[0], classes))

        (plain,) = make_plan(suite(budget=BUDGET), (), seeds=[0]).models
        layered: Architecture = replace(LINEAR, name="normalized", build=normalized)
        models = [plain, replace(plain, recipe=SCAAT()), replace(plain, architecture=layered)]
        assert [model.budget.stacked for model in with_stacks(models)] == [True, False, False]


class TestRun:
    @pytest.mark.parametrize("recipe", [Regular(), SaliencyGuided()])
    def test_the_numbers_are_those_of_models_trained_one_after_another(
        self, tmp_path: Path, heard: Heard, recipe: Recipe
    ) -> None:
        together = run(tmp_path / "together", heard, suite(recipe))
        alone = run(tmp_path / "alone", Heard(), suite(recipe, budget=BUDGET))
        assert [record.value for record in together] == [record.value for record in alone]
        found = outcomes(tmp_path / "together", suite(recipe))
        assert [found[seed]["stacked_with"] for seed in range(3)] == [3, 3, 3]
        with Store(tmp_path / "together") as first, Store(tmp_path / "alone") as second:
            for one, other in zip(together, alone, strict=True):
                for name, weights in first.get(one.weights).items():
                    torch.testing.assert_close(weights, second.get(other.weights)[name], atol=1e-6, rtol=1e-5)

    def test_each_is_announced_once_ahead_and_then_found_in_the_store(self, tmp_path: Path, heard: Heard) -> None:
        run(tmp_path, heard, suite())
        names = [f"points/linear/regular seed {seed}" for seed in range(3)]
        ahead = [name for name in heard.names(State.DONE) if name.startswith("prepare")]
        assert ahead == [f"prepare {name}" for name in names]
        assert [name for name in heard.names(State.CACHED) if "train" in name] == [f"train {name}" for name in names]

    def test_a_finished_run_again_trains_nothing(self, tmp_path: Path, heard: Heard) -> None:
        first = run(tmp_path, Heard(), suite())
        assert run(tmp_path, heard, suite()) == first
        assert heard.names(State.STARTED) == []

    def test_what_the_store_has_is_not_trained_again(self, tmp_path: Path, heard: Heard) -> None:
        run(tmp_path, Heard(), replace(suite(), seeds=(1,)))
        run(tmp_path, heard, suite())
        assert [name for name in heard.names(State.DONE) if name.startswith("prepare")] == [
            f"prepare points/linear/regular seed {seed}" for seed in (0, 2)
        ]

    def test_a_run_cut_off_in_a_stack_leaves_nothing_half_written(self, tmp_path: Path) -> None:
        class CutOffError(BaseException):
            pass

        def listen(event: object) -> None:
            raise CutOffError

        asked = suite()
        with Store(tmp_path) as opened, pytest.raises(CutOffError):
            Engine(store=opened, data=tmp_path, device=torch.device("cpu"), listener=listen).run(make_plan(asked, ()))
        assert outcomes(tmp_path, asked) == {}
        assert {record.status for record in run(tmp_path, Heard(), asked)} == {Status.OK}

    def test_data_sets_of_two_sizes_are_trained_in_two_stacks(self, tmp_path: Path, heard: Heard) -> None:
        def fewer(root: Path, split: Split) -> Samples:
            return load_points(root, split)[:16]

        smaller: Dataset = replace(POINTS, name="fewer", load=fewer)
        both = suite()
        asked = replace(both, entries=(*both.entries, *(replace(entry, dataset=smaller) for entry in both.entries)))
        plan = make_plan(replace(asked, datasets=(POINTS, smaller)), ())
        assert len(stacks(plan, range(6))) == 1
        with Store(tmp_path) as opened:
            records = Engine(store=opened, data=tmp_path, device=torch.device("cpu"), listener=heard).run(plan)
            found = opened.outcomes(map(train_key, plan.models))
        assert {record.status for record in records} == {Status.OK}
        assert [item["stacked_with"] for item in found.values()] == [3] * 6

    def test_roar_trains_its_fractions_at_once(self, tmp_path: Path, heard: Heard) -> None:
        asked = replace(suite(), metrics=(ROAR,), seeds=(0,))
        (record,) = run(tmp_path / "together", heard, asked)
        (alone,) = run(tmp_path / "alone", Heard(), replace(asked, entries=suite(budget=BUDGET).entries))
        assert record.curve == alone.curve
        states = [event.state for event in heard.events if event.kind is Kind.RETRAIN]
        assert states[:10] == [State.STARTED] * 5 + [State.DONE] * 5  # 10, 30, 50, 70 and 90 %

    def test_what_follows_a_stacked_model_is_trained_by_itself(self, tmp_path: Path, heard: Heard) -> None:
        records = run(tmp_path, heard, replace(suite(), metrics=(F_FIDELITY_PLUS,)))
        assert {record.status for record in records} == {Status.OK}

    @pytest.mark.slow
    def test_a_pool_gives_the_numbers_of_one_process(self, tmp_path: Path) -> None:
        only = {"dataset": ["breast_cancer"], "architecture": ["mlp"], "saliency": ["gradient"], "metric": ["accuracy"]}
        request = Request(seeds=[0, 1, 2], only=only, stacked=True)
        digests = []
        for workers in (1, 2):
            folder = tmp_path / str(workers)
            results = commands.run(request, store=folder, device="cpu", workers=workers)
            assert not results.failures
            with Store(folder, read_only=True) as store:
                digests.append(store.digest())
        assert digests[0] == digests[1]


ENTRIES = """
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from salbench.baselines.architectures import MLP
from salbench.baselines.saliency import GRADIENT
from salbench.baselines.training import Regular
from salbench.benchmark.entry import entries
from salbench.datasets import BREAST_CANCER


@dataclass(frozen=True, slots=True, kw_only=True)
class KilledOnce(Regular):
    mark: str

    def stacked_loss(self, models, inputs, targets, states):
        if not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Regular.stacked_loss(self, models, inputs, targets, states)


ENTRIES = entries(
    training="killed_once",
    recipe=KilledOnce(mark=MARK),
    datasets=[BREAST_CANCER],
    architectures=[MLP],
    saliency=[GRADIENT],
)
"""


@pytest.mark.slow
def test_a_stack_whose_worker_is_killed_is_trained_again(tmp_path: Path, heard: Heard) -> None:
    file, mark = tmp_path / "killed.py", tmp_path / "mark"
    file.write_text(ENTRIES.replace("MARK", repr(str(mark))))
    only = {"training": ["killed_once"], "saliency": ["gradient"], "metric": ["accuracy"]}
    request = Request(entries=[file], seeds=[0, 1], only=only, stacked=True)
    results = commands.run(request, store=tmp_path / "store", device="cpu", workers=2, listener=heard)
    assert mark.exists()
    assert [record.status for record in results.records] == [Status.OK, Status.OK]
    assert len([name for name in heard.names(State.DONE) if name.startswith("train")]) == 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowded(Recipe):
    """Regular training that runs out of memory with more than two models, as a GPU would."""

    reference: ClassVar[str] = "none"

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        return Regular().loss(model, batch, state)

    def stacked_loss(
        self, models: nn.Module, inputs: Tensor, targets: Tensor, states: Sequence[TrainingState]
    ) -> Tensor:
        if len(states) > 2:
            raise torch.OutOfMemoryError(f"{len(states)} models")
        return Regular().stacked_loss(models, inputs, targets, states)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlucky(Recipe):
    """Regular training in which the second of several models meets an infinite loss, and no model alone."""

    reference: ClassVar[str] = "none"

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        return Regular().loss(model, batch, state)

    def stacked_loss(
        self, models: nn.Module, inputs: Tensor, targets: Tensor, states: Sequence[TrainingState]
    ) -> Tensor:
        losses = Regular().stacked_loss(models, inputs, targets, states)
        return losses if len(losses) < 3 else losses * torch.tensor([1.0, float("inf"), 1.0])


class TestFailures:
    def test_a_stack_that_does_not_fit_is_halved(self, tmp_path: Path, heard: Heard) -> None:
        asked = replace(suite(Crowded()), seeds=(0, 1, 2, 3, 4))
        assert {record.status for record in run(tmp_path, heard, asked)} == {Status.OK}
        found = outcomes(tmp_path, asked)
        assert [found[seed]["stacked_with"] for seed in range(5)] == [2, 2, 1, 2, 2]

    def test_a_model_that_leaves_its_stack_says_why_and_is_tried_alone(self, tmp_path: Path, heard: Heard) -> None:
        assert {record.status for record in run(tmp_path, heard, suite(Unlucky()))} == {Status.OK}
        dropped = [event for event in heard.events if event.state is State.DROPPED]
        assert [event.name for event in dropped] == ["points/linear/regular seed 1"]
        assert "left its stack: the loss became nan in epoch 1" in dropped[0].note
        found = outcomes(tmp_path, suite(Unlucky()))
        assert "stacked_with" not in found[1]
        assert found[0]["stacked_with"] == found[2]["stacked_with"] == 3

    def test_a_recipe_that_cannot_be_stacked_fails_with_the_reason(self, tmp_path: Path, heard: Heard) -> None:
        records = run(tmp_path, heard, suite(SCAAT()))
        assert {record.status for record in records} == {Status.FAILED}
        assert "SCAAT cannot be trained in a stack" in records[0].note


def test_a_run_cannot_be_both_stacked_and_compiled() -> None:
    with pytest.raises(ValueError, match="a stacked training cannot be compiled"):
        Request(stacked=True, compiled=True).plan()


@pytest.mark.parametrize("command", ["run", "plan", "table", "report"])
def test_the_command_line_takes_both_options(tmp_path: Path, command: str) -> None:
    out = ["--out", str(tmp_path / "out")] if command == "report" else []
    asked = [command, "quick", "--store", str(tmp_path), "--stacked", "--compile", *out]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 2
    assert "a stacked training cannot be compiled" in result.stderr


def test_a_command_that_asks_the_same_names_the_options() -> None:
    assert command_line("table", Request(stacked=True)).endswith("quick --stacked")
    assert command_line("table", Request(compiled=True)).endswith("quick --compile")


def test_the_options_reach_every_budget_of_a_plan() -> None:
    only = {"dataset": ["digits"], "architecture": ["mlp"]}
    assert all(model.budget.compiled for model in Request(only=only, compiled=True).plan().models)
    assert {model.training: model.budget.stacked for model in Request(only=only, stacked=True).plan().models} == {
        "regular": True,
        "saliency_guided": True,
    }
