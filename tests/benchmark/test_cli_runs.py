"""Watching a run, and what its command line says for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salbench.benchmark.cli import app

RUN = ["run", "quick", "--seeds", "1", "--only", "dataset=breast_cancer", "--only", "architecture=mlp"]
RUN += ["--only", "saliency=gradient", "--only", "metric=accuracy", "--workers", "1"]


def test_events_are_lines_of_json_and_status_and_digest_follow(tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(app, [*RUN, "--store", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["event"] == "start"
    assert lines[-1]["event"] == "end"
    assert lines[-1]["failed"] == 0
    assert {line["state"] for line in lines[1:-1]} == {"started", "done"}
    shown = runner.invoke(app, ["status", "--store", str(tmp_path)])
    assert "run 1 of quick: ended" in shown.output
    status = json.loads(runner.invoke(app, ["status", "--store", str(tmp_path), "--json"]).stdout)
    assert sum(status["counts"].values()) == status["tasks"]
    digests = [runner.invoke(app, ["digest", "--store", str(tmp_path)]).stdout for _ in range(2)]
    assert digests[0] == digests[1]
    assert len(digests[0]) == 65


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "0"], "--workers"),
        (["--engine", "slurm"], "'slurm' is not one of"),
        (["--task-minutes", "-1"], "task_minutes must be positive"),
    ],
)
def test_bad_options_are_refused(tmp_path: Path, options: list[str], message: str) -> None:
    refused = CliRunner(env={"COLUMNS": "200"}).invoke(app, [*RUN[:-2], *options, "--store", str(tmp_path)])
    assert refused.exit_code == 2
    assert message in refused.output


def test_status_without_a_run_says_so(tmp_path: Path) -> None:
    refused = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["status", "--store", str(tmp_path)])
    assert refused.exit_code == 2
    assert "no run has left a log" in refused.output
