"""A long task says how far it is, and a short one says nothing."""

import io
from pathlib import Path

import pytest
import torch
from rich.console import Console
from rich.text import Text

from salbench.baselines.training.fit import EpochSummary
from salbench.benchmark.engines import how_far
from salbench.benchmark.engines.events import Event, Kind, State
from salbench.benchmark.engines.how_far import SECONDS, HowFar
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.planning import make_plan
from salbench.benchmark.reports.progress import RunProgress
from salbench.benchmark.reports.status import print_status
from salbench.benchmark.runlog import RunLog, run_statuses
from salbench.metrics import ROAR
from salbench.results.store import Store

from ..conftest import Heard, make_entries, make_suite


def test_a_training_speaks_every_few_seconds_and_not_at_the_end() -> None:
    now, said = 0.0, list[str]()
    training = HowFar(say=said.append, total=50, clock=lambda: now)
    for epoch, now in ((1, SECONDS - 1), (2, SECONDS), (3, SECONDS + 1), (7, 100.0), (50, 500.0)):  # noqa: B007
        training.epoch(EpochSummary(epoch, loss=0.5, seconds=60.0, accuracy=0.98125 if epoch == 7 else None))
    assert said == [
        "epoch 2 of 50, about 48 min to the last",
        "epoch 7 of 50, accuracy 0.981, about 43 min to the last",
    ]


def test_maps_speak_every_few_seconds_and_not_at_the_end() -> None:
    now, said = 0.0, list[str]()
    maps = HowFar(say=said.append, total=10_000, clock=lambda: now)
    for done, now in ((64, SECONDS - 1), (2000, SECONDS), (2064, SECONDS + 1), (5000, 600.0), (10_000, 900.0)):  # noqa: B007
        maps.samples(done)
    assert said == ["2,000 of 10,000 samples, about 40 s left", "5,000 of 10,000 samples, about 10 min left"]


def test_a_run_tells_of_its_epochs_between_start_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard, plan = Heard(), make_plan(make_suite(), make_entries())
    with Store(tmp_path) as store, monkeypatch.context() as patched:
        patched.setattr(how_far, "SECONDS", 0.0)
        Engine(store=store, data=tmp_path, device=torch.device("cpu"), listener=heard).run_model(plan, plan.models[0])
    trained = [event for event in heard.events if event.kind is Kind.TRAIN]
    assert [event.state for event in trained] == [State.STARTED, State.UNDER_WAY, State.UNDER_WAY, State.DONE]
    assert [event.note.split(",")[0] for event in trained] == ["", "epoch 1 of 3", "epoch 2 of 3", ""]


def test_status_and_the_bar_show_how_far_a_training_is(tmp_path: Path) -> None:
    plan = make_plan(make_suite(), make_entries())
    started = Event(kind=Kind.TRAIN, name="points/linear/regular seed 0", state=State.STARTED)
    under_way = Event(kind=Kind.TRAIN, name=started.name, state=State.UNDER_WAY, note="epoch 7 of 50")
    shown, terminal = io.StringIO(), io.StringIO()
    with RunLog(tmp_path, plan) as log:
        log(started)
        log(under_way)
        (status,) = run_statuses(tmp_path)
    assert status.now == ("train points/linear/regular seed 0: epoch 7 of 50",)
    print_status(status, Console(file=shown, width=200))
    assert "now: train points/linear/regular seed 0: epoch 7 of 50\nsince 0 s, last sign 0 s ago\n" in shown.getvalue()
    with RunProgress(plan, Console(file=terminal, width=60, force_terminal=True)) as progress:
        progress(started)
        progress(under_way)
    lines = Text.from_ansi(terminal.getvalue()).plain.splitlines()
    assert "0/8" in lines[lines.index("train points/linear/regular seed 0: epoch 7 of 50") - 1]


def test_maps_of_all_data_count_both_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard, plan = Heard(), make_plan(make_suite(metrics=(ROAR,)), make_entries())
    with Store(tmp_path) as store, monkeypatch.context() as patched:
        patched.setattr(how_far, "SECONDS", 0.0)
        Engine(store=store, data=tmp_path, device=torch.device("cpu"), listener=heard).run_model(plan, plan.models[0])
    notes = {event.note.split(",")[0] for event in heard.events if event.kind is Kind.EXPLAIN and event.note}
    assert notes == {"40 of 60 samples"}
