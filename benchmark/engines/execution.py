"""Which engine does the work: this process, several of them, or a Ray cluster."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from ...datasets.base import Dataset
from ...datasets.files.fetch import FetchError, data_root, fetch
from ...results.store import Store
from ..device import choose_device
from ..inventory import inventory
from ..planning import Plan
from ..request import Request
from .events import Event, Kind, Listener, State
from .inline import Engine
from .pool import Pool, default_workers

if TYPE_CHECKING:
    from .ray import RayCluster

_ENGINES = (None, "inline", "processes", "ray")


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """Where and how a plan is worked through; the arguments are those of `commands.run`.

    Raises:
        ValueError: an option out of its range, or a device that is not there.
    """

    data: Path | None
    device: str
    workers: int | None
    engine: str | None
    address: str
    gpu_fraction: float
    task_minutes: float | None
    listener: Listener
    report: Callable[[str], object]
    stop_on_failure: bool
    place: torch.device = field(init=False)  # of this machine; a cluster's nodes choose for themselves

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers must be at least 1, got {self.workers}")
        if self.task_minutes is not None and not self.task_minutes > 0:
            raise ValueError(f"task_minutes must be positive, got {self.task_minutes}")
        if self.engine not in _ENGINES:
            raise ValueError(f"engine must be inline, processes or ray, got {self.engine!r}")
        several = (self.workers or 2) > 1 or self.task_minutes is not None
        if self.engine == "inline" and several:
            raise ValueError("engine inline has one worker and no limit for a task; use --engine processes")
        engine = self.engine or ("processes" if several and not self.stop_on_failure else "inline")
        object.__setattr__(self, "engine", engine)
        object.__setattr__(self, "place", choose_device("cpu" if engine == "ray" else self.device))

    def fill(self, store: Store, plan: Plan, request: Request) -> None:
        """Measure what a store lacks of the plan that answers a request; errors as for `commands.run`."""
        places = _unfinished(plan, store, self.listener)
        if self.engine == "ray" and places:
            self._cluster(store).run(plan, request, places)
            return
        folder = self.data or data_root()
        _fetch_files(dict.fromkeys(plan.models[place].dataset for place in places), folder, self.report)
        if self.engine == "processes" and places:
            self._pool(store, folder, len(places)).run(plan, request, places)
            return
        alone = Engine(
            store=store,
            data=folder,
            device=self.place,
            listener=self.listener,
            stop_on_failure=self.stop_on_failure,
        )
        alone.train_stacks(plan, places)
        for place in places:
            alone.run_model(plan, plan.models[place])

    def _pool(self, store: Store, folder: Path, models: int) -> Pool:
        return Pool(
            store=store,
            data=folder,
            device=self.place,
            workers=min(self.workers or default_workers(self.place, models), models),
            task_seconds=self._task_seconds,
            listener=self.listener,
        )

    def _cluster(self, store: Store) -> "RayCluster":
        return _ray_cluster()(
            store=store,
            data=self.data,
            device=self.device,
            address=self.address,
            workers=self.workers,
            gpu_fraction=self.gpu_fraction,
            task_seconds=self._task_seconds,
            listener=self.listener,
        )

    @property
    def _task_seconds(self) -> float | None:
        return None if self.task_minutes is None else 60 * self.task_minutes


def _ray_cluster() -> "type[RayCluster]":
    try:
        from .ray import RayCluster
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f"engine ray needs {error.name}; pip install 'salbench[ray]'") from error
    return RayCluster


def _unfinished(plan: Plan, store: Store, listener: Listener) -> list[int]:
    """The places of the models that lack a number; the others are told to be there."""
    places: list[int] = []
    missing = {(cell.model.name, cell.model.seed) for cell in inventory(plan, store, records=False) if cell.missing}
    for place, model in enumerate(plan.models):
        if (model.name, model.seed) in missing:
            places.append(place)
            continue
        for kind, name in [(Kind.TRAIN, model.name)] + [
            (Kind.MEASURE, f"{model.name}/{method.name}") for method in model.methods
        ]:
            listener(Event(kind=kind, name=f"{name} seed {model.seed}", state=State.CACHED))
    return places


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
