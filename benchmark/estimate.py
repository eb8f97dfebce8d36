"""What a plan still needs and how long that will take, from what such tasks took before; the rest is unknown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ..metrics.base import Need
from ..metrics.retraining import Retraining
from ..results.database import NAME
from ..results.store import Store
from .engines.events import Kind
from .inventory import Cell, inventory
from .keys import Keys, limits_key
from .planning import Model, Plan
from .rates import Basis, Place, Rates, Unit
from .reference.known import reference_cells, with_taken_over
from .reference.rates import reference_rates
from .suite import Suite
from .task_keys import models_behind, retrainings_behind


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of task that a plan still needs."""

    what: str
    count: int
    seconds: float  # of those that are like something measured
    known: Mapping[Basis, int]  # how many these are, and like what
    devices: Mapping[str, int] = field(default_factory=dict)  # how many of these were measured elsewhere, and where
    may_stop: int = 0  # trainings that are counted with all their epochs and may need fewer
    passes: float = 0.0  # forwards and backwards of a model, each over the explained samples, as far as known

    @property
    def unknown(self) -> int:
        """How many are like nothing that was measured."""
        return self.count - sum(self.known.values())


def forecast(
    plan: Plan, *, store: Path, rates: Iterable[Path] = (), against: Path | None = None, suite: Suite | None = None
) -> tuple[list[Cell], list[Work]]:
    """What of a plan is there, without its records, and what is to be done.

    Args:
        plan: what is asked for.
        store: where it would be kept, and the first place to look for measured times; it need not be there.
        rates: other stores whose times may be used.
        against: a folder of measurements that the run would take over, for models that the store lacks.
        suite: whose measurements, of those that come with salbench, tell times of what none of these stores has.

    Raises:
        LookupError: there are no measurements in that folder.
        StoreError: a store cannot be used, or one of the others is not there.
    """
    with ExitStack() as opened:
        there = [opened.enter_context(Store(store, read_only=True))] if (store / NAME).exists() else []
        others = [opened.enter_context(Store(folder, read_only=True)) for folder in rates]
        own = there[0] if there else None
        cells = inventory(plan, own, records=False)
        if against is not None:
            known = reference_cells(plan, against)
            cells = [with_taken_over(mine, theirs) for mine, theirs in zip(cells, known, strict=True)]
        if not any(cell.missing for cell in cells):
            return cells, []
        beyond = reference_rates(suite) if suite else None
        return cells, estimate(plan, cells, Rates.of([*there, *others], beyond=beyond), own)


class _Task(NamedTuple):
    unit: Unit
    place: Place
    amount: float  # units of one such task
    training_samples: int | None = None  # of its data set, if its time grows with them and they are known
    may_stop: bool = False  # before all its units are done


_Tasks = Counter[_Task]


def estimate(plan: Plan, cells: Iterable[Cell], rates: Rates, store: Store | None = None) -> list[Work]:
    """The work to do, a row a kind of which there is any, in the order in which it is done.

    Models that are trained anew on degraded samples are counted as if none of them was there.

    Args:
        plan: what is asked for.
        cells: what is there and what is missing, by `inventory`.
        rates: what tasks took before.
        store: tells which of the models that others start from or are compared with are there.
    """
    open_cells = [cell for cell in cells if cell.missing]
    look = _Look(plan=plan, cells=open_cells, store=store)
    kinds: dict[str, _Tasks] = {
        "trainings": look.trainings(),
        "map sets": look.maps(),
        "curve sets": look.curves(),
        "limits of AOPC": look.limits(),
        "map sets of all data": look.maps_of_all_data(),
        "retrainings": look.retrainings(),
        "numbers": look.numbers(),
    }
    passes = {
        "map sets": sum(count * (rates.passes(task.unit[1]) or 0.0) for task, count in kinds["map sets"].items()),
        "curve sets": float(sum(protocol.steps for cell in open_cells for protocol in cell.curves_to_run)),
    }
    return [_work(what, tasks, rates, passes.get(what, 0.0)) for what, tasks in kinds.items() if tasks]


def _work(what: str, tasks: _Tasks, rates: Rates, passes: float) -> Work:
    seconds, known, devices, may_stop = 0.0, Counter[Basis](), Counter[str](), 0
    for task, count in tasks.items():
        found = rates.nearest(task.unit, task.place, task.training_samples)
        if found is not None:
            known[found.basis] += count
            seconds += count * task.amount * found.seconds
            may_stop += count * task.may_stop
            if found.device is not None:
                devices[found.device] += count
    return Work(
        what=what,
        count=tasks.total(),
        seconds=seconds,
        known=known,
        devices=devices,
        may_stop=may_stop,
        passes=passes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The tasks behind cells that miss a number."""

    plan: Plan
    cells: Sequence[Cell]
    store: Store | None

    def trainings(self) -> _Tasks:
        """With the models that others start from, are compared with, or go on from; each once.

        One of which the store knows the outcome but lost the weights, or never had them, is trained again.
        """
        keys = Keys()
        asked = sorted(self._trained(), key=lambda trained: trained[0] is Kind.TRAIN)  # an entry's own name is kept
        wanted = {keys.train(model): (kind, model) for kind, model in asked}
        known = self.store.outcomes(wanted) if self.store else {}
        there = {key for key, outcome in known.items() if self._kept(outcome)}
        return Counter(_epochs(kind, model) for key, (kind, model) in wanted.items() if key not in there)

    def maps(self) -> _Tasks:
        """One map set an entry."""
        return Counter(
            self._task("maps", "map of a sample", cell.model, cell.method.name)
            for cell in self.cells
            if cell.attributions is None
        )

    def curves(self) -> _Tasks:
        """One set an entry and protocol."""
        tasks: _Tasks = Counter()
        for cell in self.cells:
            tasks[self._task("curves", "curves of a sample", cell.model)] += len(cell.curves_to_run)
        return +tasks

    def limits(self) -> _Tasks:
        """One search a model, where a metric asks for it."""
        asking = [cell for cell in self.cells if any(Need.LIMITS in metric.needs for metric in cell.missing)]
        models = {id(cell.model): cell for cell in asking}.values()
        keys = [
            limits_key(cell.model, self.plan.samples, weights=cell.weights) if cell.weights else "" for cell in models
        ]
        there = self.store.finished(keys) if self.store else set()
        return Counter(
            _Task(("limits",), _place(cell.model), 1)
            for cell, key in zip(models, keys, strict=True)
            if key not in there
        )

    def maps_of_all_data(self) -> _Tasks:
        """Of training and test samples, one set an entry and scale of the inputs, for metrics that train anew."""
        tasks: _Tasks = Counter()
        for cell, retrainings in self._retrained():
            unit = ("maps of all data", cell.method.name)
            size = _training_samples(cell.model)
            tasks[_Task(unit, _place(cell.model), 1, size)] += len({item.input_scale for item in retrainings})
        return tasks

    def retrainings(self) -> _Tasks:
        """One an entry and percent."""
        tasks: _Tasks = Counter()
        for cell, retrainings in self._retrained():
            size = _training_samples(cell.model)
            tasks[_Task(("retraining",), _place(cell.model), 1, size)] += sum(
                len(item.percents) for item in retrainings
            )
        return tasks

    def numbers(self) -> _Tasks:
        """One an entry and metric."""
        alike: Counter[tuple[int, int]] = Counter()  # most cells of a model miss the same metrics
        models = {id(cell.model): cell.model for cell in self.cells}
        metrics = {id(cell.missing): cell.missing for cell in self.cells}
        for cell in self.cells:
            alike[id(cell.model), id(cell.missing)] += 1
        tasks: _Tasks = Counter()
        for (model, missing), count in alike.items():
            for metric in metrics[missing]:
                tasks[self._task("number", "number of a sample", models[model], metric.name)] += count
        return tasks

    def _task(self, whole: str, of_a_sample: str, model: Model, *names: str) -> _Task:
        """A task whose time grows with the explained samples, if it is known how many there are."""
        counts = model.dataset.counts
        limits = [limit for limit in (self.plan.samples, counts and counts.test) if limit is not None]
        place = _place(model)
        return _Task((of_a_sample, *names), place, min(limits)) if limits else _Task((whole, *names), place, 1)

    def _kept(self, outcome: Mapping[str, Any]) -> bool:
        return self.store is not None and all(map(self.store.has, outcome["artifacts"].values()))

    def _trained(self) -> Iterator[tuple[Kind, Model]]:
        """The models whose weights the cells need, whether they are there or not."""
        for cell in {(id(cell.model), id(cell.missing)): cell for cell in self.cells}.values():
            yield Kind.TRAIN, cell.model
            yield from models_behind(cell.model, cell.missing)

    def _retrained(self) -> Iterator[tuple[Cell, set[Retraining]]]:
        """The cells for whose metrics models are trained anew."""
        for cell in self.cells:
            retrainings = retrainings_behind(cell.model, cell.missing)
            if retrainings:
                yield cell, retrainings


def _epochs(kind: Kind, model: Model) -> _Task:
    """A training, with as many epochs as it may take."""
    budget = model.budget
    size = _training_samples(model)
    return _Task(("epoch", kind), _place(model), budget.epochs, size, may_stop=budget.watches_test)


def _training_samples(model: Model) -> int | None:
    return model.dataset.counts.train if model.dataset.counts else None


def _place(model: Model) -> Place:
    return Place(model.dataset.name, model.architecture.name, model.training)
