"""Measuring a suite: the run, its plan, and how far it is."""

import sys
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from ..command_line import STORE
from .command import INTERRUPTED, SOME_FAILED, command
from .options import DataFolder, Debug, Device, DeviceOption, StoreFolder

if TYPE_CHECKING:
    from ..request import Request


class EngineName(StrEnum):
    """What runs the work."""

    INLINE = "inline"
    PROCESSES = "processes"
    RAY = "ray"


Against = Annotated[
    str | None,
    typer.Option(help="Take over what is measured already: reference (comes with salbench), or a folder of *.jsonl."),
]


def _resumable(function: Callable[..., None]) -> Callable[..., None]:
    """Say, when a run is interrupted, that what it has measured is kept."""

    @wraps(function)
    def interruptible(*, store: Path, **given: Any) -> None:
        try:
            function(store=store, **given)
        except KeyboardInterrupt:
            Console(stderr=True).print(
                f"interrupted; what was measured is in {escape(str(store))}, and the same command goes on from there"
            )
            raise typer.Exit(INTERRUPTED) from None

    return interruptible


@_resumable
@command
def run(
    *,
    store: StoreFolder = STORE,
    data: DataFolder = None,
    device: DeviceOption = Device.AUTO,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that share the work; else one a core, or one on a GPU.")
    ] = None,
    engine: Annotated[
        EngineName | None, typer.Option(help="ray: a cluster of machines; else processes of this one, or inline.")
    ] = None,
    address: Annotated[
        str, typer.Option(help="Head of a Ray cluster, HOST:PORT; auto: the one this machine belongs to.")
    ] = "auto",
    gpu_fraction: Annotated[
        float, typer.Option(help="Of a GPU for one model on a cluster: 0.25 lets four models share one.")
    ] = 1.0,
    task_minutes: Annotated[
        float | None, typer.Option(help="Give a model up once one of its tasks takes longer.")
    ] = None,
    against: Against = None,
    request: "Request",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line on stdout for each event; no tables.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Measure a suite and print its leaderboard.

    What the store has is not computed again: stop at any time, and the same command goes on.
    """
    import torch

    from .. import commands
    from ..device import choose_device
    from ..engines.events import both
    from ..engines.pool import default_workers
    from ..reports.progress import RunProgress
    from ..reports.published import print_comparisons
    from ..reports.terminal import print_results, print_start, write_results
    from ..runlog import RunLog

    if debug and engine not in {None, EngineName.INLINE}:
        raise typer.BadParameter(
            f"--debug stops at the first error, in this process alone; leave out --engine {engine}"
        )
    console = Console(stderr=json)
    work = request.plan()
    # A cluster's nodes choose for themselves.
    chosen = torch.device("cpu") if engine is EngineName.RAY else choose_device(device)
    count = workers
    if debug or engine is EngineName.INLINE:
        count = workers or 1
    elif engine is not EngineName.RAY:
        count = workers or default_workers(chosen, len(work.models))
    print_start(work, chosen, count or 1, console)
    log = RunLog(store, work, stream=sys.stdout if json else None, engine=engine, workers=count, device=device)
    with log, RunProgress(work, console) as progress:
        results = commands.run(
            request,
            store=store,
            data=data,
            device=device,
            workers=1 if debug else count,
            engine=engine,
            address=address,
            gpu_fraction=gpu_fraction,
            task_minutes=task_minutes,
            against=_measurements(against),
            listener=both(progress, log),
            report=lambda line: console.print(escape(line), soft_wrap=True),
            stop_on_failure=debug,
        )
        log.end(records=len(results.records), failed=len(results.failures))
    if not json:
        print_results(results, console)
        print_comparisons(results, console)
    write_results(results, store, data, console)
    if results.failures:
        raise typer.Exit(SOME_FAILED)


def _measurements(place: str | None) -> Path | None:
    """The folder that `--against` means."""
    from ..reference.known import FOLDER, WORD

    if place is None:
        return None
    folder = FOLDER if place == WORD else Path(place)
    if not folder.is_dir():
        raise ValueError(f"--against takes {WORD!r} or a folder of *.jsonl files, got {place!r}, which is no folder")
    return folder


@command
def plan(
    *,
    store: StoreFolder = STORE,
    rates: Annotated[
        list[Path] | None,
        typer.Option(help="Another store whose measured times the estimate may use. May be repeated."),
    ] = None,
    against: Against = None,
    request: "Request",
) -> None:
    """Show what a run would do, what the store already has, and how long the rest will take; nothing is computed.

    Times are those of the store and of --rates, else those of the measurements that come with salbench, where they have
    the suite.
    """
    from ..command_line import command_line
    from ..estimate import forecast
    from ..reports.terminal import print_plan

    work, suite = request.plan(), replace(request, small=False).chosen_suite
    found = forecast(work, store=store, rates=rates or (), against=_measurements(against), suite=suite)
    console = Console()
    print_plan(work, *found, console)
    if found[1]:
        taken_over = () if against is None else ("--against", against)
        following = command_line("run", request, *taken_over, store=store)
    else:
        following = command_line("table", request, store=store)
    console.print(f"Next: {escape(following)}", soft_wrap=True, highlight=False)


@command
def status(
    *,
    store: StoreFolder = STORE,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show from another terminal how far a run is: what is done, what runs now, and how long it will still take."""
    from ..reports.status import print_status, status_line
    from ..runlog import run_statuses

    for found in run_statuses(store):
        if json:
            sys.stdout.write(status_line(found))
        else:
            print_status(found, Console())
