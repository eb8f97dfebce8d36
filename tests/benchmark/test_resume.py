"""Runs as a user starts them, killed in the middle and started again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from salbench.results.store import Store

REQUEST = ["quick", "--seeds", "2", "--only", "dataset=breast_cancer", "--only", "dataset=digits"]
REQUEST += ["--only", "architecture=mlp", "--only", "saliency=gradient", "--only", "saliency=random"]
CSV = Path("reports/quick/leaderboard.csv")


def start(store: Path, *extra: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "salbench.benchmark", "run", *REQUEST, "--store", str(store), *extra]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)


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
def test_killed_worker_is_reported_and_loses_nothing(undisturbed: Path, tmp_path: Path) -> None:
    process = start(tmp_path, "--workers", "2")
    while not records(tmp_path) and process.poll() is None:
        time.sleep(0.05)
    children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=True).stdout
    os.kill(int(children.split()[-1]), signal.SIGKILL)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "1 of 2 workers died" in output.decode()
    finished(start(tmp_path))
    assert (tmp_path / CSV).read_bytes() == (undisturbed / CSV).read_bytes()
