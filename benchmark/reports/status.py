"""What `salbench status` shows."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape

from ..runlog import RunStatus
from ..wording import duration


def print_status(status: RunStatus, console: Console) -> None:
    """A few lines about one run."""
    finished = sum(status.counts.values())
    counts = ", ".join(f"{count} {state}" for state, count in status.counts.items()) or "none yet"
    console.print(
        f"run {status.number} of {escape(status.suite)}: {status.state}, {escape(status.where)}", soft_wrap=True
    )
    if status.reason:
        console.print(escape(status.reason), soft_wrap=True)
    console.print(f"{finished} of {status.tasks} trainings and map sets: {counts}", highlight=False)
    for task in status.now:
        console.print(f"now: {escape(task)}", soft_wrap=True, highlight=False)
    if status.silent is None:
        console.print(f"last sign after {duration(status.elapsed)}", highlight=False)
        return
    left = "" if status.seconds_left is None else f", about {duration(status.seconds_left)} left"
    whole = duration(status.elapsed + status.silent)
    console.print(f"since {whole}, last sign {duration(status.silent)} ago{left}", highlight=False)


def status_line(status: RunStatus) -> str:
    """The same for programs, with the end of the line."""
    return json.dumps(asdict(status), sort_keys=True) + "\n"
