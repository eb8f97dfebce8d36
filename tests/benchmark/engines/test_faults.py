"""Runs that are cut off, starved or lied to end with the numbers of an undisturbed one, or with a reason."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.saliency import GRADIENT
from salbench.benchmark import Suite, commands
from salbench.benchmark.engines.events import Event, State
from salbench.benchmark.request import Request
from salbench.benchmark.runlog import run_statuses
from salbench.datasets import Samples
from salbench.results.errors import StoreError
from salbench.results.record import Status
from salbench.results.store import Store

from ..conftest import Heard, hear_interrupts, loads, make_entries, make_suite


def tiny() -> Suite:
    return replace(make_suite(), entries=tuple(make_entries()))


def digest(folder: Path) -> str:
    with Store(folder, read_only=True) as store:
        return store.digest()


@pytest.fixture
def undisturbed(tmp_path: Path) -> str:
    commands.run(Request(suite=tiny()), store=tmp_path / "undisturbed", device="cpu")
    return digest(tmp_path / "undisturbed")


class CutOffError(BaseException):
    """Nothing in a run may catch it."""


@pytest.mark.parametrize("step", [11, pytest.param(1, marks=pytest.mark.slow)])
def test_a_run_cut_off_at_any_event_goes_on_and_does_nothing_twice(tmp_path: Path, undisturbed: str, step: int) -> None:
    request, events = Request(suite=tiny(), seeds=[0, 1]), Heard()
    commands.run(request, store=tmp_path / "counted", device="cpu", listener=events)
    for cut in range(0, len(events.events), step):
        heard = Heard()

        def listen(event: Event, heard: Heard = heard, cut: int = cut) -> None:
            heard(event)
            if len(heard.events) == cut + 1:
                raise CutOffError

        folder = tmp_path / str(cut)
        with pytest.raises(CutOffError):
            commands.run(request, store=folder, device="cpu", listener=listen)
        commands.run(request, store=folder, device="cpu", listener=heard)
        assert digest(folder) == undisturbed
        done = heard.names(State.DONE)
        assert len(done) == len(set(done)) == len(events.names(State.DONE))


def test_a_damaged_database_is_set_aside_and_nothing_is_trained_again(tmp_path: Path, undisturbed: str) -> None:
    folder, said, heard = tmp_path / "store", list[str](), Heard()
    request = Request(suite=tiny())
    commands.run(request, store=folder, device="cpu")
    with Store(folder) as store:  # many rows, so that the damage hits some and not all
        store.commit(outcomes={f"other {task}": {"artifacts": {}, "note": "x" * 1000} for task in range(200)})
    path = folder / "records.sqlite"
    content = bytearray(path.read_bytes())
    for page in range(len(content) // 2 // 4096, len(content) // 4096):
        content[page * 4096 : (page + 1) * 4096] = random.Random(page).randbytes(4096)
    path.write_bytes(content)
    commands.run(request, store=folder, device="cpu", listener=heard, report=said.append)
    assert digest(folder) == undisturbed
    assert "is not a readable database" in said[0]
    assert "set aside as" in said[0]
    assert list(folder.glob("records.sqlite.damaged-*"))


def test_a_table_of_a_damaged_database_says_what_to_do(tmp_path: Path) -> None:
    commands.run(Request(suite=tiny()), store=tmp_path, device="cpu")
    (tmp_path / "records.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match="`salbench run` sets it aside"):
        commands.table(Request(suite=tiny()), store=tmp_path)


def test_a_clock_that_jumps_changes_nothing(tmp_path: Path, undisturbed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(0)
    for name in ("time.time", "time.time_ns"):
        monkeypatch.setattr(name, lambda: generator.randrange(2_000_000_000))
    request, heard = Request(suite=tiny()), Heard()
    commands.run(request, store=tmp_path / "store", device="cpu")
    assert digest(tmp_path / "store") == undisturbed
    commands.run(request, store=tmp_path / "store", device="cpu", listener=heard)
    assert not heard.names(State.STARTED)


def test_a_finished_run_opens_no_data_and_starts_nothing(tmp_path: Path, heard: Heard) -> None:
    request = Request(suite=tiny())
    first = commands.run(request, store=tmp_path, device="cpu")
    loads.clear()
    second = commands.run(request, store=tmp_path, device="cpu", workers=4, listener=heard)
    assert second.records == first.records
    assert not heard.names(State.STARTED)
    assert not loads
    assert len(heard.names(State.CACHED)) == 2 * 4


class Cramped:
    """A saliency method for which there is memory for so many samples at once."""

    def __init__(self, room: int, error: Exception) -> None:
        self.room, self.error, self.asked = room, error, list[int]()

    def __call__(self, model: nn.Module, samples: Samples, seed: int) -> Tensor:
        self.asked.append(len(samples))
        if len(samples) > self.room:
            raise self.error
        return GRADIENT.explain(model, samples, seed)


ERRORS = [torch.OutOfMemoryError(), MemoryError(), RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate")]


@pytest.mark.parametrize("error", ERRORS)
def test_maps_are_made_in_smaller_chunks_when_memory_runs_out(tmp_path: Path, error: Exception) -> None:
    cramped = Cramped(3, error)
    method = replace(GRADIENT, name="cramped", explain=cramped)
    suite = replace(
        make_suite(seeds=(0,)), saliency=(method, GRADIENT), entries=tuple(make_entries(saliency=(method,)))
    )
    results = commands.run(Request(suite=suite), store=tmp_path, device="cpu")
    assert not results.failures
    assert cramped.asked[:4] == [20, 10, 5, 2]


@pytest.mark.parametrize("error", ERRORS)
def test_where_one_sample_does_not_fit_the_record_says_so(tmp_path: Path, error: Exception) -> None:
    method = replace(GRADIENT, name="cramped", explain=Cramped(0, error))
    suite = replace(
        make_suite(seeds=(0,)), saliency=(method, GRADIENT), entries=tuple(make_entries(saliency=(method,)))
    )
    results = commands.run(Request(suite=suite), store=tmp_path, device="cpu")
    assert {record.saliency for record in results.failures} == {"cramped"}
    assert results.failures[0].note.startswith(type(error).__name__)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers must be at least 1, got 0"),
        ({"task_minutes": 0.0}, "task_minutes must be positive, got 0.0"),
        ({"engine": "slurm"}, "engine must be inline, processes or ray, got 'slurm'"),
        ({"engine": "inline", "workers": 2}, "engine inline has one worker"),
    ],
)
def test_bad_settings_are_refused(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        commands.run(Request(suite=tiny()), store=tmp_path, **options)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


ENTRIES = """
import os, signal, time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from salbench.baselines.architectures import MLP
from salbench.baselines.saliency import GRADIENT
from salbench.baselines.training import Regular
from salbench.benchmark.entry import entries
from salbench.datasets import BREAST_CANCER


@dataclass(frozen=True, slots=True, kw_only=True)
class Hangs(Regular):
    def loss(self, model, batch, state):
        time.sleep(10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed(Regular):
    mark: str = ""

    def loss(self, model, batch, state):
        if not (self.mark and Path(self.mark).exists()):
            if self.mark:
                Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Regular.loss(self, model, batch, state)


def one(training, recipe):
    return entries(
        training=training, recipe=recipe, datasets=[BREAST_CANCER], architectures=[MLP], saliency=[GRADIENT]
    )


ENTRIES = [
    *one("hangs", Hangs()),
    *one("killed", Killed()),
    *one("killed_once", Killed(mark=MARK)),
]
"""


@pytest.mark.slow
def test_what_hangs_or_kills_its_worker_is_recorded_and_the_others_go_on(tmp_path: Path, heard: Heard) -> None:
    file = tmp_path / "faulty.py"
    file.write_text(ENTRIES.replace("MARK)", f"{str(tmp_path / 'mark')!r})"))
    only = {"dataset": ["breast_cancer"], "architecture": ["mlp"], "saliency": ["gradient"], "metric": ["accuracy"]}
    request = Request(entries=[file], seeds=[0], only=only)
    results = commands.run(
        request, store=tmp_path / "store", device="cpu", workers=2, task_minutes=0.75, listener=heard
    )
    notes = {record.training: record.note for record in results.failures}
    assert set(notes) == {"hangs", "killed"}
    assert "took longer than 0.75 min, the limit of --task-minutes" in notes["hangs"]
    assert "its worker died 2 times: ended by signal 9, mostly for lack of memory" in notes["killed"]
    rest = {record.training for record in results.records if record.status is Status.OK}
    assert {"regular", "killed_once"} <= rest


@pytest.mark.slow
def test_two_runs_on_one_store_share_the_work_and_the_table(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "salbench.benchmark", "run", "quick", "--seeds", "2", "--workers", "1"]
    command += ["--only", "dataset=breast_cancer", "--only", "saliency=gradient", "--only", "saliency=random"]
    command += ["--json", "--store", str(tmp_path / "store")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [run.communicate(timeout=500) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    lines = [line for output, _ in outputs for line in output.splitlines() if '"state": "done"' in line]
    tasks = [line.split('"seconds"')[0] for line in lines]
    assert tasks
    assert len(tasks) == len(set(tasks))  # whoever came second took what the first had committed
    commands.run(
        Request(seeds=[0, 1], only={"dataset": ["breast_cancer"], "saliency": ["gradient", "random"]}),
        store=tmp_path / "alone",
        device="cpu",
    )
    assert digest(tmp_path / "store") == digest(tmp_path / "alone")


@pytest.mark.slow
def test_an_interrupted_pool_leaves_no_process_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "salbench.benchmark", "run", "quick", "--workers", "2", "--json"]
    run = subprocess.Popen(
        [*command, "--store", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    assert run.stdout is not None
    while b'"started"' not in run.stdout.readline():
        assert run.poll() is None
    os.kill(run.pid, signal.SIGKILL)
    with run.stdout:
        run.stdout.read()  # ends when the last process that holds it has ended
    run.wait()


@pytest.mark.slow
def test_an_interrupted_start_of_workers_shows_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "salbench.benchmark", "run", "quick", "--workers", "2"]
    run = subprocess.Popen(
        [*command, "--store", str(tmp_path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=hear_interrupts,
        env={**os.environ, "COLUMNS": "160"},
    )
    with killed_at_last(run):
        while not workers_of(run.pid):
            assert run.poll() is None
            time.sleep(0.02)
        time.sleep(0.2)  # its workers have not imported torch yet
        os.killpg(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert b"interrupted; what was measured is in" in said
    assert b"Traceback" not in said
    (status,) = run_statuses(tmp_path)
    assert status.state == "interrupted"


@contextmanager
def killed_at_last(run: subprocess.Popen[bytes]) -> Iterator[None]:
    """However a test ends, the run does too, and its pipes are closed."""
    with run:
        try:
            yield
        finally:
            run.kill()


def workers_of(pid: int) -> list[str]:
    """The command lines of the workers that a run has started."""
    children = ["ps", "-ww", "--ppid", str(pid), "-o", "args="]  # -ww: whole, however narrow the terminal
    listed = subprocess.run(children, capture_output=True, text=True, check=False)
    return [line for line in listed.stdout.splitlines() if "spawn_main" in line]
