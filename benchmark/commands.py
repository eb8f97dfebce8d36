"""The commands as functions: what the command line does, for notebooks and scripts."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import torch

from ..datasets.base import Dataset
from ..datasets.fetch import FetchError, data_root, fetch
from ..results.cell_intervals import cell_intervals
from ..results.choice import Choice
from ..results.chosen_tables import chosen_sheet, side_by_side
from ..results.derived import with_ratios
from ..results.effect_signs import signs
from ..results.errors import DamagedRecords
from ..results.frame import to_frame
from ..results.kept_scores import kept_scores
from ..results.leaderboard import Leaderboard
from ..results.published import compare, relative
from ..results.record import Record, Status
from ..results.recovery import set_aside
from ..results.reliability import reliability
from ..results.render import describe
from ..results.scores import ReadScores
from ..results.sheet import Sheet, sheet
from ..results.store import Store
from .engine import Engine
from .events import Event, Kind, Listener, State
from .inventory import Cell, inventory
from .missing import command_line, describe_missing, filling_command, missing
from .planning import Plan
from .pool import Pool, default_workers
from .reference import FOLDER, bring_in, file_name, reference_cells
from .request import Request
from .suite import Published, Suite

STORE = Path("salbench-store")
ENGINES = (None, "inline", "processes", "ray")
if TYPE_CHECKING:
    from .ray_engine import RayCluster

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Results:
    """The records of a plan, and what they sum up to."""

    plan: Plan
    suite: Suite
    records: tuple[Record, ...]
    request: Request = field(default_factory=Request)  # that the plan answers
    store: Path | None = None  # with the scores of single samples; without it intervals are over seeds alone

    @cached_property
    def comparisons(self) -> list[tuple[Published, pd.DataFrame]]:
        """Each published table that the suite answers, with our numbers beside it."""
        frame, compared = to_frame(self.numbers), []
        planned = _models(Request(suite=self.suite).plan()) if self.suite.published else None
        for table in self.suite.published:
            records, claims = frame, table.claims()
            if table.relative_to is not None:
                records, claims = relative(records, claims, base=table.relative_to)
            compared.append((table, compare(records, claims, obstacle=self.suite.obstacle, planned=planned)))
        return compared

    @cached_property
    def effects(self) -> list[tuple[Published, pd.DataFrame]]:
        """Each published table that claims the effect of a training method, with its effects beside ours, if any."""
        found = [
            (table, signs(comparison, method=table.method))
            for table, comparison in self.comparisons
            if table.method is not None
        ]
        return [(table, effects) for table, effects in found if len(effects)]

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """Means over seeds, with their spread, their intervals, and what speaks against metrics."""
        return Leaderboard.from_records(self.numbers).with_evidence(
            intervals=cell_intervals(self.numbers, read_scores=self.read_scores),
            reliability=self.reliability,
        )

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Of each metric on each data set and architecture; see `results.reliability`."""
        return reliability(self.numbers, read_scores=self.read_scores)

    @cached_property
    def sheet(self) -> Sheet:
        """The leaderboard's tables, with what is missing of the plan."""
        board = self.leaderboard
        usual = sheet(
            board,
            self._caption(),
            averages=side_by_side(self.numbers, board, read_scores=self.read_scores),
        )
        return self._with_gaps(usual)

    def chosen(self, choice: Choice) -> Sheet:
        """The same in another layout."""
        caption = self._caption(choice.options)
        found = chosen_sheet(self.numbers, self.leaderboard, choice, caption, read_scores=self.read_scores)
        return self._with_gaps(found)

    def _caption(self, options: str = "") -> str:
        command = f"{command_line('table', self.request, self.plan.suite)} {options}".rstrip()
        return describe(self.leaderboard, self.plan.suite, command=command)

    def _with_gaps(self, found: Sheet) -> Sheet:
        gaps = missing(self.plan, self.records)
        command = filling_command(gaps, self.plan, self.request, self.store)
        return replace(found, missing=tuple(describe_missing(gaps, self.plan)), command=command)

    @cached_property
    def numbers(self) -> list[Record]:
        """The records, and the ratios of means that follow from them."""
        return with_ratios(self.records)

    @cached_property
    def read_scores(self) -> ReadScores:
        """From a record to the scores of single samples behind it, or None."""
        return kept_scores(self.store)

    @property
    def failures(self) -> list[Record]:
        """The records that failed."""
        return [record for record in self.records if record.status is Status.FAILED]


def _models(plan: Plan) -> pd.DataFrame:
    """A row for each model of a plan."""
    rows = [(item.dataset.name, item.architecture.name, item.training, item.seed) for item in plan.models]
    return pd.DataFrame(rows, columns=["dataset", "architecture", "training", "seed"])


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
    if workers is not None and workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    if task_minutes is not None and not task_minutes > 0:
        raise ValueError(f"task_minutes must be positive, got {task_minutes}")
    if engine not in ENGINES:
        raise ValueError(f"engine must be inline, processes or ray, got {engine!r}")
    several = (workers or 2) > 1 or task_minutes is not None
    engine = engine or ("processes" if several and not stop_on_failure else "inline")
    if engine == "inline" and several:
        raise ValueError("engine inline has one worker and no limit for a task; use --engine processes")
    request = _asked(request)
    work = request.plan()
    chosen = (
        torch.device("cpu") if engine == "ray" else choose_device(device)
    )  # a cluster's nodes choose for themselves

    def measured(opened: Store) -> list[Record]:
        if against is not None:
            report(f"{bring_in(work, opened, against)} numbers taken over from {against}")
        places, datasets = _unfinished(work, opened, listener)
        if engine == "ray" and places:
            _ray_cluster()(
                store=opened,
                data=data,
                device=device,
                address=address,
                workers=workers,
                gpu_fraction=gpu_fraction,
                task_seconds=seconds,
                listener=listener,
            ).run(work, request, places)
            return _records(work, opened)
        folder = data or data_root()
        _fetch_files(datasets, folder, report)
        if engine == "processes" and places:
            count = min(workers or default_workers(chosen, len(places)), len(places))
            pool = Pool(
                store=opened, data=folder, device=chosen, workers=count, task_seconds=seconds, listener=listener
            )
            pool.run(work, request, places)
        else:
            alone = Engine(store=opened, data=folder, device=chosen, listener=listener, stop_on_failure=stop_on_failure)
            alone.train_stacks(work, places)
            for place in places:
                alone.run_model(work, work.models[place])
        return _records(work, opened)

    seconds = None if task_minutes is None else 60 * task_minutes
    try:
        with Store(store) as opened:
            records = measured(opened)
    except DamagedRecords as error:
        found = set_aside(store)
        if found.aside is None:
            raise
        report(
            f"{error.args[0].split(';')[0]}: set aside as {found.aside}; {found.kept} finished tasks were sound in it"
        )
        with Store(store) as opened:
            records = measured(opened)
    return Results(plan=work, suite=request.chosen_suite, records=tuple(records), request=request, store=store)


def _ray_cluster() -> "type[RayCluster]":
    try:
        from .ray_engine import RayCluster
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"engine ray needs {error.name}; pip install 'salbench[ray]'") from error
    return RayCluster


def _unfinished(work: Plan, store: Store, listener: Listener) -> tuple[list[int], list[Dataset]]:
    """The places of the models that lack a number, and their data sets; the others are told to be there."""
    places: list[int] = []
    missing = {(cell.model.name, cell.model.seed) for cell in inventory(work, store, records=False) if cell.missing}
    for place, model in enumerate(work.models):
        if (model.name, model.seed) in missing:
            places.append(place)
            continue
        for kind, name in [(Kind.TRAIN, model.name)] + [
            (Kind.MEASURE, f"{model.name}/{method.name}") for method in model.methods
        ]:
            listener(Event(kind=kind, name=f"{name} seed {model.seed}", state=State.CACHED))
    return places, list(dict.fromkeys(work.models[place].dataset for place in places))


def table(request: Request | str = "quick", *, store: Path = STORE, reference: Path | None = None) -> Results:
    """What the store has of a plan, with nothing computed.

    Args:
        request: what to show; a text is the name of a suite.
        store: the folder that keeps every measurement.
        reference: a folder of measurements that fill in for entries and seeds that the store lacks, such as
            `reference.FOLDER`, those that come with salbench; then there need not be a store.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: there is no number of this plan.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    request = _asked(request)
    work = request.plan()
    cells = reference_cells(work, reference) if reference else []
    if reference is None or (store / "records.sqlite").exists():
        with Store(store, read_only=True) as opened:
            own = inventory(work, opened)
        cells = [mine if mine.records else other for mine, other in zip(own, cells or own, strict=True)]
    records = [record for cell in cells for record in cell.records]
    if not records:
        scale, other = (" --scale small", "") if request.small else ("", " --scale small")
        way_out = f"`salbench run {work.suite}{scale}` makes them"
        if reference and (FOLDER / file_name(work.suite, small=not request.small)).exists():
            way_out = f"`salbench table {work.suite}{other} --reference` has some of the other scale"
        raise LookupError(
            f"{'the reference' if reference else store} has no results of suite {work.suite!r}; {way_out}"
        )
    return Results(plan=work, suite=request.chosen_suite, records=tuple(records), request=request, store=store)


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
