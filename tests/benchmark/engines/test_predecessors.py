"""Models that start from others: what is trained first is trained once, and the rest begins where it ended."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor, nn

from salbench.baselines.training import FineTuned, Predecessor, Recipe, Regular, TrainingState, fit
from salbench.benchmark.engines.events import State
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.entry import Entry
from salbench.benchmark.keys import train_key
from salbench.benchmark.planning import make_plan
from salbench.datasets import Samples, Split
from salbench.metrics import ACCURACY
from salbench.results.record import Record, Status
from salbench.results.store import Store

from ..conftest import LINEAR, POINTS, Heard, load_points, make_entries, make_suite

SUITE = make_suite(metrics=(ACCURACY,), seeds=(0,))
ONE_MORE_EPOCH = FineTuned(then=Regular())


@dataclass(frozen=True, slots=True, kw_only=True)
class Still(Recipe):
    """A loss without a slope, so that the model stays what it was at the start."""

    reference: ClassVar[str] = "none"
    continues: ClassVar[bool] = True

    @property
    def predecessor(self) -> Predecessor:
        return Predecessor(ONE_MORE_EPOCH)

    def start(self, samples: Samples, state: TrainingState) -> None:
        assert len(state.predecessors) == 2  # regular, then fine-tuned

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        loss: Tensor = 0.0 * model(batch.inputs).sum()
        return loss


def run(store: Path, entries: list[Entry], heard: Heard) -> list[Record]:
    with Store(store) as opened:
        engine = Engine(store=opened, data=store, device=torch.device("cpu"), listener=heard)
        return engine.run(make_plan(SUITE, entries))


def weights(store: Path, records: list[Record], training: str) -> dict[str, Tensor]:
    digest = next(record.weights for record in records if record.training == training)
    with Store(store) as opened:
        return opened.get(digest)


def test_fine_tuning_goes_on_where_its_predecessor_ended(tmp_path: Path, heard: Heard) -> None:
    records = run(tmp_path, make_entries("tuned", recipe=ONE_MORE_EPOCH), heard)
    train = load_points(tmp_path, Split.TRAIN)
    torch.manual_seed(0)
    model = LINEAR.build(POINTS.shape, POINTS.classes)
    for _ in range(2):
        fit(model, train, recipe=Regular(), budget=POINTS.budget, seed=0)
    found = weights(tmp_path, records, "tuned")
    assert all(torch.allclose(found[name], tensor) for name, tensor in model.state_dict().items())


def test_what_several_models_start_from_is_trained_once(tmp_path: Path, heard: Heard) -> None:
    entries = [*make_entries(), *make_entries("tuned", recipe=ONE_MORE_EPOCH), *make_entries("still", recipe=Still())]
    records = run(tmp_path, entries, heard)
    assert {record.status for record in records} == {Status.OK}
    done = [name for name in heard.names(State.DONE) if name.startswith(("train", "prepare"))]
    assert len(done) == 3
    tuned, still = (weights(tmp_path, records, training) for training in ("tuned", "still"))
    assert all(torch.equal(tuned[name], still[name]) for name in tuned)


def test_its_predecessors_are_written_down(tmp_path: Path, heard: Heard) -> None:
    records = run(tmp_path, [*make_entries(), *make_entries("tuned", recipe=ONE_MORE_EPOCH)], heard)
    regular = next(record.weights for record in records if record.training == "regular")
    plan = make_plan(SUITE, make_entries("tuned", recipe=ONE_MORE_EPOCH))
    with Store(tmp_path) as store:
        outcome = store.outcome(train_key(plan.models[0]))
    assert outcome is not None
    assert outcome["predecessors"] == [regular]
    assert [len(epoch) for epoch in outcome["epochs"]] == [5] * POINTS.budget.epochs


def test_a_predecessor_that_fails_fails_those_that_follow(tmp_path: Path, heard: Heard) -> None:
    class Broken(Regular):
        def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
            raise RuntimeError("no first model")

    records = run(tmp_path, [*make_entries(), *make_entries("tuned", recipe=FineTuned(first=Broken()))], heard)
    failed = {record.training: record.note for record in records if record.status is Status.FAILED}
    assert set(failed) == {"tuned"}
    assert "no first model" in failed["tuned"]
