"""The log of a run, one JSON object a line: for whoever watches it from elsewhere, and for whoever asks later."""

import json
import os
import platform
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from filelock import FileLock, Timeout

from ..results.untrusted import parsed, visible
from .engines.events import Event, Kind, State
from .planning import Plan
from .reports.progress import FINISHED

_NAME = re.compile(r"run-(\d{4,})\.jsonl")


class RunLog:
    """A listener that writes each event to STORE/logs/run-NNNN.jsonl, and perhaps to a stream too.

    Runs are numbered, so that their order does not depend on a clock. A log that cannot be written, as on a full disk,
    ends without ending the run.
    """

    def __init__(self, store: Path, plan: Plan, *, stream: TextIO | None = None, **settings: Any) -> None:
        """Prepare a log; nothing is written before it is entered.

        Args:
            store: the store's folder.
            plan: the work.
            stream: gets the same lines, for other programs.
            settings: what else the first line should say, such as the number of workers.
        """
        self._folder = store / "logs"
        self._stream = stream
        self._started = time.monotonic()
        self._first = {
            "suite": plan.suite,
            "title": plan.title,
            "models": len(plan.models),
            "tasks": sum(1 + len(model.methods) for model in plan.models),
            "pid": os.getpid(),
            "host": platform.node(),
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "versions": {name: version(name) for name in ("salbench", "torch")},
            **settings,
        }
        self._file: TextIO | None = None
        self._lock: FileLock | None = None

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            while self._file is None:
                path = self._folder / f"run-{_highest(self._folder) + 1:04}.jsonl"
                try:
                    self._file = path.open("x", encoding="utf-8")
                except FileExistsError:  # another run has just taken the number
                    continue
                self._lock = FileLock(path.with_suffix(".running"))
                self._lock.acquire()
        except OSError:
            self._file = None
        self._write({"event": "start", **self._first})
        return self

    def __call__(self, event: Event) -> None:
        """Write one event."""
        fields = {"kind": event.kind, "name": event.name, "state": event.state}
        self._write({"event": "task", **fields, "seconds": round(event.seconds, 3), "note": event.note})

    def end(self, **outcome: Any) -> None:
        """Write the last line; a log without it is that of a run that was cut off."""
        self._write({"event": "end", **outcome})

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            self._write({"event": "interrupted"})
        elif error is not None:
            self._write({"event": "error", "reason": f"{type(error).__name__}: {error}"})
        if self._file is not None:
            self._file.close()
        if self._lock is not None:
            Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock.release()

    def _write(self, line: dict[str, Any]) -> None:
        text = json.dumps({**line, "elapsed": round(time.monotonic() - self._started, 3)}) + "\n"
        if self._file is not None:
            try:
                self._file.write(text)
                self._file.flush()
            except OSError:
                self._file = None
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """How far one run is, by its log."""

    number: int
    suite: str
    state: str  # running, ended, failed, interrupted or cut off
    where: str  # process and machine
    tasks: int  # trainings and map sets in all
    counts: dict[str, int]  # of those that are finished, by how
    now: tuple[str, ...]  # tasks under way, and how far they are
    elapsed: float  # seconds until its last sign
    silent: float | None  # seconds since then, by the clock of the store's disk; None if it runs no more
    seconds_left: float | None  # an estimate; None while there is nothing to estimate from
    reason: str = ""  # why it failed


def run_statuses(store: Path) -> list[RunStatus]:
    """The runs under way, or the last one if there is none; the oldest first.

    Raises:
        LookupError: no run has left a log.
    """
    logs = sorted((int(match[1]), path) for path, match in _logs(store / "logs"))
    if not logs:
        raise LookupError(f"no run has left a log in {store}; `salbench run --store {store}` does")
    running = [(number, path) for number, path in logs if _is_running(path)]
    return [_status(number, path, bool(running)) for number, path in running or logs[-1:]]


def _status(number: int, path: Path, running: bool) -> RunStatus:
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    states: Counter[str] = Counter()
    now: dict[tuple[str, str], str] = {}
    for line in _lines(path):
        last = line
        if line.get("event") == "start":
            first = line
        if line.get("event") != "task":
            continue
        task = (str(line.get("kind")), str(line.get("name")))
        if line.get("state") in {State.STARTED, State.UNDER_WAY}:
            now[task] = str(line.get("note", ""))
        elif line.get("state") in FINISHED:
            now.pop(task, None)
            if task[0] in {Kind.TRAIN, Kind.MEASURE}:
                states[str(line["state"])] += 1
    tasks, elapsed = _number(first.get("tasks")), _number(last.get("elapsed"))
    left = max(0.0, tasks - states.total())
    ending = {"end": "ended", "error": "failed", "interrupted": "interrupted"}.get(str(last.get("event")), "cut off")
    worked = states[State.DONE]
    return RunStatus(
        number=number,
        suite=visible(str(first.get("suite", "unknown"))),
        state="running" if running else ending,
        where=visible(f"process {first.get('pid')} on {first.get('host')}"),
        tasks=int(tasks),
        counts=dict(states),
        now=tuple(visible(": ".join(filter(None, (" ".join(task), note)))) for task, note in now.items())
        if running
        else (),
        elapsed=elapsed,
        silent=max(0.0, time.time() - path.stat().st_mtime) if running else None,
        seconds_left=left * elapsed / worked if running and worked else None,
        reason=visible(str(last.get("reason", ""))),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a log; one that a killed run has not finished is left out."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                yield parsed(line, path.name)
            except OSError:
                continue


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _is_running(path: Path) -> bool:
    """Does a process hold the log's lock? One that was killed no longer does, whoever has its number now."""
    mark = path.with_suffix(".running")
    if not mark.exists():
        return False
    lock = FileLock(mark)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:  # a store that can only be read
        return False
    lock.release()
    return False


def _logs(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _NAME.fullmatch(path.name)
        if match:
            yield path, match


def _highest(folder: Path) -> int:
    return max((int(match[1]) for _, match in _logs(folder)), default=0)
