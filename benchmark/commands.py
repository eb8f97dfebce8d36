"""The commands as functions: what the command line does, for notebooks and scripts."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ..results.errors import DamagedRecords
from ..results.record import Record
from ..results.recovery import set_aside
from ..results.store import Store
from .command_line import STORE, command_line
from .engines.events import Listener
from .engines.execution import Execution
from .inventory import Cell, inventory
from .plan_results import Results
from .planning import Plan
from .reference.known import FOLDER, bring_in, file_name, filled_records, reference_cells
from .request import Request

_LOG = logging.getLogger(__name__)


def plan(request: Request | str = "quick") -> Plan:
    """The work that answers a request; a text is the name of a suite.

    Raises:
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    return _asked(request).plan()


def run(
    request: Request | str = "quick",
    *,
    store: Path = STORE,
    data: Path | None = None,
    device: str = "auto",
    workers: int | None = 1,
    engine: str | None = None,
    address: str = "auto",
    gpu_fraction: float = 1.0,
    task_minutes: float | None = None,
    against: Path | None = None,
    listener: Listener = lambda event: None,
    report: Callable[[str], object] = _LOG.warning,
    stop_on_failure: bool = False,
) -> Results:
    """Measure what the store does not have yet.

    Args:
        request: what to measure; a text is the name of a suite.
        store: the folder that keeps every measurement; made if needed.
        data: the folder that holds all data; None takes SALBENCH_DATA or the user's cache.
        device: "auto", "cpu" or "cuda".
        workers: processes that share the work; one works in this process. The numbers are the same for any. On a
            cluster the most models at one time, or None for as many as fit.
        engine: "inline", "processes" or "ray"; None takes processes if there are several or a task has a limit.
        address: of a Ray cluster's head, host:port; "auto" is the one that this machine belongs to.
        gpu_fraction: of a GPU, for one model on a cluster.
        task_minutes: how long one task may take before its model is given up; None: as long as it takes.
        against: a folder of measurements to take over before anything is computed, such as `reference.FOLDER`, those
            that come with salbench; only what they lack is measured.
        listener: is told of each task.
        report: is told, a line at a time, where files of data sets are fetched from.
        stop_on_failure: raise the first error instead of recording it and going on; with one worker.

    Returns:
        All records of the plan, new and old.

    Raises:
        StoreError: the store cannot be used.
        FetchError: none of the data sets can be had; if only some are missing, their entries fail and others go on.
        ConnectionError: there is no Ray cluster at the address.
        ModuleNotFoundError: Ray is asked for, and it is not installed.
        RuntimeError: a node of the cluster has other versions.
        KeyError, EntriesError, ValueError: as for `Request.plan`; also a device that is not there, or no worker.
    """
    execution = Execution(
        data=data,
        device=device,
        workers=workers,
        engine=engine,
        address=address,
        gpu_fraction=gpu_fraction,
        task_minutes=task_minutes,
        listener=listener,
        report=report,
        stop_on_failure=stop_on_failure,
    )
    request = _asked(request)
    work = request.plan()

    def measured() -> list[Record]:
        with Store(store) as opened:
            if against is not None:
                report(f"{bring_in(work, opened, against)} numbers taken over from {against}")
            execution.fill(opened, work, request)
            return [record for cell in inventory(work, opened) for record in cell.records]

    try:
        records = measured()
    except DamagedRecords as error:
        found = set_aside(store)
        if found.aside is None:
            raise
        what = error.args[0].split(";")[0]
        report(f"{what}: set aside as {found.aside}; {found.kept} finished tasks were sound in it")
        records = measured()
    return Results(request=request, plan=work, records=tuple(records), store=store)


def table(request: Request | str = "quick", *, store: Path = STORE, reference: Path | None = None) -> Results:
    """What the store has of a plan, with nothing computed.

    Args:
        request: what to show; a text is the name of a suite.
        store: the folder that keeps every measurement.
        reference: a folder of measurements that fill in for entries and seeds of which the store has no number, and for
            metrics that it lacks of the same maps, such as `reference.FOLDER`, those that come with salbench; then
            there need not be a store.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: there is no number of this plan.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    request = _asked(request)
    work = request.plan()
    cells = reference_cells(work, reference) if reference else []
    records = [record for cell in cells for record in cell.records]
    if reference is None or (store / "records.sqlite").exists():
        with Store(store, read_only=True) as opened:
            own = inventory(work, opened)
        pairs = zip(own, cells or own, strict=True)
        records = [record for mine, theirs in pairs for record in filled_records(work, mine, theirs)]
    if not records:
        way_out = f"`{command_line('run', request, store=store)}` makes them"
        if reference and (FOLDER / file_name(work.suite, small=not request.small)).exists():
            other = command_line("table", replace(request, small=not request.small), "--reference", store=store)
            way_out = f"`{other}` has some of the other scale"
        raise LookupError(
            f"{'the reference' if reference else store} has no results of suite {work.suite!r}; {way_out}"
        )
    return Results(request=request, plan=work, records=tuple(records), store=store, reference=reference)


def status(request: Request | str = "quick", *, store: Path = STORE) -> list[Cell]:
    """What of a plan is done, one cell for each entry and seed.

    Raises:
        StoreError: the store cannot be used; that there is none yet is no error.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    work = plan(request)
    if not (store / "records.sqlite").exists():
        return inventory(work, None)
    with Store(store, read_only=True) as opened:
        return inventory(work, opened)


def _asked(request: Request | str) -> Request:
    return Request(suite=request) if isinstance(request, str) else request
