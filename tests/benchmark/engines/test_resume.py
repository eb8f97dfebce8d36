"""Runs as a user starts them, killed in the middle and started again.

The kills at random points are three in a row; all 25 by

    SALBENCH_KILLS=25 pytest -m slow tests/benchmark/engines/test_resume.py -k random
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from salbench.results.store import Store

from ..conftest import hear_interrupts

REQUEST = ["quick", "--seeds", "2", "--only", "dataset=breast_cancer", "--only", "dataset=digits"]
REQUEST += ["--only", "architecture=mlp", "--only", "saliency=gradient", "--only", "saliency=random"]
CSV = Path("reports/quick/leaderboard.csv")


def start(store: Path, *extra: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "salbench.benchmark", "run", *REQUEST, "--store", str(store), *extra]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=hear_interrupts,
    )


def records(store: Path) -> int:
    if not (store / "records.sqlite").exists():
        return 0
    with Store(store, create=False) as opened:
        return len(opened.records())


def finished(process: subprocess.Popen[bytes]) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output.decode()
    return output.decode()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("undisturbed")
    finished(start(store, "--workers", "1"))
    return store


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("wanted", [1, 70])  # of 256 records
def test_killed_run_goes_on_to_the_same_table(undisturbed: Path, tmp_path: Path, workers: str, wanted: int) -> None:
    process = start(tmp_path, "--workers", workers)
    while records(tmp_path) < wanted and process.poll() is None:
        time.sleep(0.05)
    assert process.poll() is None, "the run ended before it could be killed"
    process.kill()
    process.communicate()  # until the workers too have let go of the pipe
    kept = records(tmp_path)
    assert wanted <= kept < 256
    finished(start(tmp_path, "--workers", workers))
    assert (tmp_path / CSV).read_bytes() == (undisturbed / CSV).read_bytes()


@pytest.mark.slow
def test_interrupted_run_says_so_and_goes_on(undisturbed: Path, tmp_path: Path) -> None:
    process = start(tmp_path, "--workers", "2")
    while not records(tmp_path) and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted; what was measured is in" in output.decode()
    assert "Traceback" not in output.decode()
    finished(start(tmp_path))
    assert (tmp_path / CSV).read_bytes() == (undisturbed / CSV).read_bytes()


@pytest.mark.slow
def test_killed_worker_loses_nothing_and_its_model_is_tried_again(undisturbed: Path, tmp_path: Path) -> None:
    process = start(tmp_path, "--workers", "2")
    while not records(tmp_path) and process.poll() is None:
        time.sleep(0.05)
    os.kill(children(process)[-1], signal.SIGKILL)
    finished(process)
    assert (tmp_path / CSV).read_bytes() == (undisturbed / CSV).read_bytes()


@pytest.mark.slow
def test_kills_at_random_points_change_nothing(undisturbed: Path, tmp_path: Path) -> None:
    """The driver, or one of its workers, or all at once; whenever, and again until it is enough."""
    generator = random.Random(0)
    kept: set[str] = set()
    for kill in range(int(os.environ.get("SALBENCH_KILLS", "3"))):
        process = start(tmp_path, "--workers", "2")
        while len(events(tmp_path, kill + 1)) < 2 and process.poll() is None:
            time.sleep(0.02)
        time.sleep(generator.uniform(0.0, 1.5))
        target = generator.choice(["driver", "worker", "group"])
        if target == "worker" and (found := children(process)):
            kill_at(generator.choice(found), os.kill)
            time.sleep(generator.uniform(0.0, 0.5))
        kill_at(process.pid, os.killpg if target == "group" else os.kill)
        process.communicate()
        now = keys(tmp_path)
        assert kept <= now  # what was committed before is there
        kept = now
    finished(start(tmp_path, "--workers", "2"))
    assert (tmp_path / CSV).read_bytes() == (undisturbed / CSV).read_bytes()
    assert digest(tmp_path) == digest(undisturbed)
    done = [
        (line["kind"], line["name"])
        for log in (tmp_path / "logs").glob("run-*.jsonl")
        for line in map(json.loads, log.read_text().splitlines())
        if line.get("state") == "done"
    ]
    assert len(done) == len(set(done))  # nothing that was committed was computed again


def kill_at(pid: int, kill: Callable[[int, int], None]) -> None:
    with suppress(ProcessLookupError):
        kill(pid, signal.SIGKILL)


def children(process: subprocess.Popen[bytes]) -> list[int]:
    """The workers; the first child of a driver that spawns is multiprocessing's own."""
    found = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in found.split()][1:]


def events(store: Path, run: int) -> list[str]:
    path = store / "logs" / f"run-{run:04}.jsonl"
    return path.read_text().splitlines() if path.exists() else []


def keys(store: Path) -> set[str]:
    if not (store / "records.sqlite").exists():
        return set()
    with Store(store, read_only=True) as opened:
        return {record.key for record in opened.records()}


def digest(store: Path) -> str:
    with Store(store, read_only=True) as opened:
        return opened.digest()
