"""The commands as functions: what the command line does, for notebooks and scripts."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import torch

from ..datasets.base import Dataset
from ..datasets.fetch import FetchError, data_root, fetch
from ..results.derived import with_ratios
from ..results.frame import to_frame
from ..results.leaderboard import Leaderboard
from ..results.published import compare
from ..results.record import Record, Status
from ..results.store import Store
from .engine import Engine
from .events import Listener
from .inventory import Cell, inventory
from .planning import Plan
from .pool import Pool
from .request import Request
from .suite import Published, Suite

STORE = Path("salbench-store")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Results:
    """The records of a plan, and what they sum up to."""

    plan: Plan
    suite: Suite
    records: tuple[Record, ...]

    @cached_property
    def comparisons(self) -> list[tuple[Published, pd.DataFrame]]:
        """Each published table that the suite answers, with our numbers beside it."""
        frame = to_frame(with_ratios(self.records))
        return [(table, compare(frame, table.claims(), obstacle=self.suite.obstacle)) for table in self.suite.published]

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """Means over seeds, with their spread."""
        return Leaderboard.from_records(with_ratios(self.records))

    @property
    def failures(self) -> list[Record]:
        """The records that failed."""
        return [record for record in self.records if record.status is Status.FAILED]


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
    workers: int = 1,
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
        workers: processes that share the work; one works in this process. The numbers are the same for any.
        listener: is told of each task.
        report: is told, a line at a time, where files of data sets are fetched from.
        stop_on_failure: raise the first error instead of recording it and going on; with one worker.

    Returns:
        All records of the plan, new and old.

    Raises:
        StoreError: the store cannot be used.
        FetchError: none of the data sets can be had; if only some are missing, their entries fail and others go on.
        RuntimeError: a worker died.
        KeyError, EntriesError, ValueError: as for `Request.plan`; also a device that is not there, or no worker.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    request = _asked(request)
    work, chosen, data = request.plan(), choose_device(device), data or data_root()
    with Store(store) as opened:
        unfinished = [cell.model.dataset for cell in inventory(work, opened) if cell.missing]
        _fetch_files(dict.fromkeys(unfinished), data, report)
        if workers > 1 and unfinished:
            pool = Pool(store=store, data=data, device=chosen, workers=workers, listener=listener)
            pool.run(work, request)
            records = _records(work, opened)
        else:
            engine = Engine(store=opened, data=data, device=chosen, listener=listener, stop_on_failure=stop_on_failure)
            records = engine.run(work)
    return Results(plan=work, suite=request.chosen_suite, records=tuple(records))


def table(request: Request | str = "quick", *, store: Path = STORE) -> Results:
    """What the store has of a plan, with nothing computed.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: the store has no number of this plan.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    request = _asked(request)
    work = request.plan()
    with Store(store, create=False) as opened:
        records = _records(work, opened)
    if not records:
        raise LookupError(f"{store} has no results of suite {work.suite!r}; `salbench run {work.suite}` makes them")
    return Results(plan=work, suite=request.chosen_suite, records=tuple(records))


def status(request: Request | str = "quick", *, store: Path = STORE) -> list[Cell]:
    """What of a plan is done, one cell for each entry and seed.

    Raises:
        StoreError: the store cannot be used; that there is none yet is no error.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    work = plan(request)
    if not (store / "records.sqlite").exists():
        return inventory(work, None)
    with Store(store, create=False) as opened:
        return inventory(work, opened)


def _fetch_files(datasets: Iterable[Dataset], data: Path, report: Callable[[str], object]) -> None:
    """Fetch once what the tasks will read, before several processes ask for it."""
    failures, others = [], 0
    for dataset in datasets:
        try:
            for source in (dataset.source, dataset.vector_source):
                if source is not None:
                    fetch(source, data, report=report)
            others += 1
        except FetchError as error:
            failures.append(error)
    if failures and not others:
        raise failures[0]
    for failure in failures:
        report(str(failure))


def _asked(request: Request | str) -> Request:
    return Request(suite=request) if isinstance(request, str) else request


def _records(work: Plan, store: Store) -> list[Record]:
    return [record for cell in inventory(work, store) for record in cell.records]


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" is a GPU where there is one.

    Raises:
        ValueError: an unknown name, or a GPU where there is none.
    """
    if name not in {"auto", "cpu", "cuda"}:
        raise ValueError(f"device must be auto, cpu or cuda, got {name!r}")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("device cuda was asked for, but torch sees no GPU; use --device cpu or auto")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
