"""What a plan still needs and how long that will take, from what such tasks took before; the rest is unknown."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from ..metrics.base import Need
from ..metrics.retraining import Retraining
from ..results.database import NAME
from ..results.store import Store
from .events import Kind
from .inventory import Cell, inventory
from .keys import Keys, limits_key
from .planning import Model, Plan
from .rates import Basis, Place, Rates, Unit
from .reference import reference_cells
from .tasks import YARDSTICK, fine_tuned


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One kind of task that a plan still needs."""

    what: str
    count: int
    seconds: float  # of those that are like something measured
    known: Mapping[Basis, int]  # how many these are, and like what
    passes: float = 0.0  # forwards and backwards of a model, each over the explained samples, as far as known

    @property
    def unknown(self) -> int:
        """How many are like nothing that was measured."""
        return self.count - sum(self.known.values())


def forecast(
    plan: Plan, *, store: Path, rates: Iterable[Path] = (), against: Path | None = None
) -> tuple[list[Cell], list[Work]]:
    """What of a plan is there, without its records, and what is to be done.

    Args:
        plan: what is asked for.
        store: where it would be kept, and the first place to look for measured times; it need not be there.
        rates: other stores whose times may be used.
        against: a folder of measurements that the run would take over, for models that the store lacks.

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
            cells = [mine if mine.weights else other for mine, other in zip(cells, known, strict=True)]
        if not any(cell.missing for cell in cells):
            return cells, []
        return cells, estimate(plan, cells, Rates.of([*there, *others]), own)


class _Task(NamedTuple):
    unit: Unit
    place: Place
    amount: float  # units of one such task
    training_samples: int | None = None  # of its data set, if its time grows with them and they are known


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
    seconds, known = 0.0, Counter[Basis]()
    for task, count in tasks.items():
        found = rates.seconds(task.unit, task.place, task.training_samples)
        if found is not None:
            basis, rate = found
            known[basis] += count
            seconds += count * task.amount * rate
    return Work(what=what, count=tasks.total(), seconds=seconds, known=known, passes=passes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The tasks behind cells that miss a number."""

    plan: Plan
    cells: Sequence[Cell]
    store: Store | None

    def trainings(self) -> _Tasks:
        """With the models that others start from, are compared with, or go on from; each once."""
        keys = Keys()
        asked = sorted(self._trained(), key=lambda trained: trained[0] is Kind.TRAIN)  # an entry's own name is kept
        wanted = {keys.train(model): (kind, model) for kind, model in asked}
        there = self.store.finished(wanted) if self.store else set()
        return Counter(
            _Task(("epoch", kind), _place(model), model.budget.epochs, model.dataset.training_samples)
            for key, (kind, model) in wanted.items()
            if key not in there
        )

    def maps(self) -> _Tasks:
        """One map set an entry."""
        return Counter(
            self._task("maps", "map of a sample", _place(cell.model), cell.method.name)
            for cell in self.cells
            if cell.attributions is None
        )

    def curves(self) -> _Tasks:
        """One set an entry and protocol."""
        tasks: _Tasks = Counter()
        for cell in self.cells:
            tasks[self._task("curves", "curves of a sample", _place(cell.model))] += len(cell.curves_to_run)
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
            size = cell.model.dataset.training_samples
            tasks[_Task(unit, _place(cell.model), 1, size)] += len({item.input_scale for item in retrainings})
        return tasks

    def retrainings(self) -> _Tasks:
        """One an entry and percent."""
        tasks: _Tasks = Counter()
        for cell, retrainings in self._retrained():
            size = cell.model.dataset.training_samples
            tasks[_Task(("retraining",), _place(cell.model), 1, size)] += sum(
                len(item.percents) for item in retrainings
            )
        return tasks

    def numbers(self) -> _Tasks:
        """One an entry and metric."""
        alike: Counter[tuple[Place, int]] = Counter()  # most cells miss the same metrics
        metrics = {id(cell.missing): cell.missing for cell in self.cells}
        for cell in self.cells:
            alike[_place(cell.model), id(cell.missing)] += 1
        tasks: _Tasks = Counter()
        for (place, missing), count in alike.items():
            for metric in metrics[missing]:
                tasks[self._task("number", "number of a sample", place, metric.name)] += count
        return tasks

    def _task(self, whole: str, of_a_sample: str, place: Place, *names: str) -> _Task:
        """A task whose time grows with the samples, if the plan says how many there are."""
        samples = self.plan.samples
        return _Task((whole, *names), place, 1) if samples is None else _Task((of_a_sample, *names), place, samples)

    def _trained(self) -> Iterator[tuple[Kind, Model]]:
        """The models whose weights the cells need, whether they are there or not."""
        for model in {id(cell.model): cell.model for cell in self.cells}.values():
            yield Kind.TRAIN, model
            yield from _ancestors(model)
        asking = [cell for cell in self.cells if any(Need.FINETUNED in metric.needs for metric in cell.missing)]
        for model in {id(cell.model): cell.model for cell in asking}.values():
            yield Kind.PREPARE, fine_tuned(model)
        for cell, retrainings in self._retrained():
            for item in retrainings:
                budget = item.budget or cell.model.budget
                yield Kind.RETRAIN, replace(cell.model, recipe=YARDSTICK, budget=budget)

    def _retrained(self) -> Iterator[tuple[Cell, set[Retraining]]]:
        """The cells for whose metrics models are trained anew."""
        for cell in self.cells:
            modality = cell.model.dataset.modality
            metrics = [metric for metric in cell.missing if metric.retrainings and modality in metric.modalities]
            if metrics:
                yield cell, {item for metric in metrics for item in metric.retrainings}


def _ancestors(model: Model) -> Iterator[tuple[Kind, Model]]:
    first = model.recipe.predecessor
    if first is not None:
        before = replace(model, recipe=first.recipe, budget=first.budget or model.budget)
        yield Kind.PREPARE, before
        yield from _ancestors(before)


def _place(model: Model) -> Place:
    return Place(model.dataset.name, model.architecture.name, model.training)
