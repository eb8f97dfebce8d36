from pathlib import Path

import torch

from salbench.benchmark.engines.events import Event, Kind, State
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.engines.watch import Casualties, Watch, overdue_reason
from salbench.benchmark.inventory import inventory
from salbench.benchmark.planning import make_plan
from salbench.results.record import Status
from salbench.results.store import Store

from ..conftest import Heard, make_entries, make_suite


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def event(state: State, kind: Kind = Kind.TRAIN, name: str = "m seed 0") -> Event:
    return Event(kind=kind, name=name, state=state)


def test_a_task_is_overdue_after_its_limit_and_not_before() -> None:
    clock = Clock()
    watch = Watch(limit=60.0, clock=clock)
    watch(event(State.STARTED))
    clock.now = 60.0
    assert not watch.overdue
    clock.now = 60.1
    assert watch.overdue
    assert overdue_reason(watch.at, 60.0) == "train m seed 0 took longer than 1 min, the limit of --task-minutes"
    watch(event(State.DONE))
    assert not watch.overdue


def test_a_sign_of_life_does_not_stop_the_clock() -> None:
    clock = Clock()
    watch = Watch(limit=60.0, clock=clock)
    watch(event(State.STARTED))
    clock.now = 59.0
    watch(event(State.UNDER_WAY))
    assert (watch.at, watch.overdue) == (event(State.STARTED), False)
    clock.now = 61.0
    assert watch.overdue


def test_without_a_limit_or_a_task_nothing_is_overdue() -> None:
    clock = Clock()
    endless, idle = Watch(limit=None, clock=clock), Watch(limit=1.0, clock=clock)
    endless(event(State.STARTED))
    clock.now = 1e9
    assert not endless.overdue
    assert not idle.overdue


def test_waiting_for_another_process_does_not_count() -> None:
    clock = Clock()
    watch = Watch(limit=60.0, clock=clock)
    watch(event(State.STARTED))
    watch(event(State.WAITING, Kind.PREPARE))
    clock.now = 1000.0
    assert not watch.overdue
    watch(event(State.CACHED, Kind.PREPARE))
    assert not watch.overdue
    clock.now = 1061.0
    assert watch.overdue


def test_what_a_task_needs_first_has_its_own_limit() -> None:
    clock = Clock()
    watch = Watch(limit=60.0, clock=clock)
    watch(event(State.STARTED))
    clock.now = 50.0
    watch(event(State.STARTED, Kind.PREPARE))
    clock.now = 100.0
    assert not watch.overdue
    watch(event(State.DONE, Kind.PREPARE))
    assert watch.at == event(State.STARTED)
    assert not watch.overdue


def test_a_model_is_tried_again_once_and_then_recorded_as_failed(tmp_path: Path, heard: Heard) -> None:
    plan = make_plan(make_suite(), make_entries())
    with Store(tmp_path) as store:
        casualties = Casualties(plan=plan, store=store, listener=heard, device="cpu")
        assert casualties.died(1, "ended by signal 9")
        assert not store.records()
        assert not casualties.died(1, "ended by signal 9")
        records = store.records()
        assert len(records) == 3 * 4
        assert {(record.status, record.seed) for record in records} == {(Status.FAILED, 1)}
        assert records[0].note == "its worker died 2 times: ended by signal 9"
    assert heard.names(State.FAILED) == ["train points/linear/regular seed 1"]
    assert len(heard.names(State.DROPPED)) == 3


def test_what_was_measured_before_is_kept(tmp_path: Path, heard: Heard) -> None:
    plan = make_plan(make_suite(seeds=(0,)), make_entries())
    half = make_plan(make_suite(seeds=(0,)), make_entries(), only={"saliency": ["gradient"]})
    with Store(tmp_path) as store:
        Engine(store=store, data=tmp_path, device=torch.device("cpu")).run(half)
        Casualties(plan=plan, store=store, listener=heard, device="cpu").fail(0, "took longer than 1 min")
        states = {(cell.method.name, record.status) for cell in inventory(plan, store) for record in cell.records}
    assert states == {("gradient", Status.OK), ("oracle", Status.FAILED), ("random", Status.FAILED)}
    assert heard.names(State.FAILED) == ["measure points/linear/regular/oracle seed 0"]
    assert heard.names(State.DROPPED) == ["measure points/linear/regular/random seed 0"]
