import io
import json
from pathlib import Path

import pytest

from salbench.benchmark.engines.events import Event, Kind, State
from salbench.benchmark.planning import Plan, make_plan
from salbench.benchmark.runlog import RunLog, run_statuses

from .conftest import make_entries, make_suite


@pytest.fixture
def plan() -> Plan:
    return make_plan(make_suite(), make_entries())  # 2 models of 3 methods


def event(state: State, name: str = "points/linear/regular seed 0", kind: Kind = Kind.TRAIN, note: str = "") -> Event:
    return Event(kind=kind, name=name, state=state, note=note, seconds=0.5)


def test_every_event_is_one_line_of_json_for_file_and_stream(tmp_path: Path, plan: Plan) -> None:
    stream = io.StringIO()
    with RunLog(tmp_path, plan, stream=stream, workers=2) as log:
        log(event(State.STARTED))
        log(event(State.FAILED, note="a\nb \x1b[31m"))
        log.end(records=24)
    text = (tmp_path / "logs" / "run-0001.jsonl").read_text()
    assert text == stream.getvalue()
    first, started, failed, last = map(json.loads, text.splitlines())
    assert (first["event"], first["suite"], first["tasks"], first["workers"]) == ("start", "tiny", 8, 2)
    assert (started["kind"], started["state"]) == ("train", "started")
    assert failed["note"] == "a\nb \x1b[31m"
    assert (last["event"], last["records"]) == ("end", 24)
    assert sorted(path.name for path in (tmp_path / "logs").iterdir()) == ["run-0001.jsonl"]


def test_a_run_under_way_tells_counts_and_what_runs_now(tmp_path: Path, plan: Plan) -> None:
    with RunLog(tmp_path, plan) as log:
        log(event(State.STARTED))
        log(event(State.DONE))
        log(event(State.CACHED, "points/linear/regular/gradient seed 0", Kind.MEASURE))
        log(event(State.STARTED, "points/linear/regular/oracle seed 0", Kind.EXPLAIN))
        (status,) = run_statuses(tmp_path)
    assert (status.state, status.tasks, status.counts) == ("running", 8, {"done": 1, "cached": 1})
    assert status.now == ("explain points/linear/regular/oracle seed 0",)
    assert status.seconds_left is not None
    (status,) = run_statuses(tmp_path)
    assert (status.state, status.now) == ("cut off", ())


def test_how_a_run_ended_is_told(tmp_path: Path, plan: Plan) -> None:
    with RunLog(tmp_path, plan) as log:
        log.end()
    assert run_statuses(tmp_path)[0].state == "ended"
    with pytest.raises(OSError, match="full"), RunLog(tmp_path, plan):
        raise OSError("the disk is full")
    (status,) = run_statuses(tmp_path)
    assert (status.number, status.state, status.reason) == (2, "failed", "OSError: the disk is full")


def test_a_killed_run_is_not_taken_for_one_under_way(tmp_path: Path, plan: Plan) -> None:
    with RunLog(tmp_path, plan):
        pass
    mark = tmp_path / "logs" / "run-0001.running"  # what a killed process leaves: the file without the lock
    mark.touch()
    assert run_statuses(tmp_path)[0].state == "cut off"


def test_runs_are_numbered_whatever_the_clock_says(tmp_path: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    for now in (2e9, 1e9, 0.0):
        monkeypatch.setattr("time.time", lambda now=now: now)
        with RunLog(tmp_path, plan) as log:
            log.end()
    assert run_statuses(tmp_path)[0].number == 3


def test_two_runs_at_once_have_two_logs(tmp_path: Path, plan: Plan) -> None:
    with RunLog(tmp_path, plan), RunLog(tmp_path, plan):
        assert [status.number for status in run_statuses(tmp_path)] == [1, 2]


def test_a_log_that_cannot_be_written_does_not_end_the_run(tmp_path: Path, plan: Plan) -> None:
    (tmp_path / "logs").write_text("in the way")
    with RunLog(tmp_path, plan) as log:
        log(event(State.DONE))


def test_a_log_of_somebody_else_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    lines = [
        {"event": "start", "suite": "\x1b]0;mine\x07", "tasks": "many", "pid": [1]},
        {"event": "task", "kind": "train", "name": {"a": 1}, "state": "done"},
        {"event": "error", "reason": "\x1b[2J", "elapsed": None},
    ]
    text = "\n".join([*map(json.dumps, lines), "[" * 100_000, "not json"])
    (tmp_path / "logs" / "run-0001.jsonl").write_text(text)
    (status,) = run_statuses(tmp_path)
    assert status.suite == r"\x1b]0;mine\x07"
    assert status.reason == r"\x1b[2J"
    assert status.counts == {"done": 1}


def test_a_store_without_logs_says_so(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no run has left a log in"):
        run_statuses(tmp_path)


def test_a_run_that_its_user_stopped_has_not_failed(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(KeyboardInterrupt), RunLog(tmp_path, plan):
        raise KeyboardInterrupt
    (status,) = run_statuses(tmp_path)
    assert (status.state, status.reason) == ("interrupted", "")
