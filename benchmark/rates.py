"""What tasks took before, by what they did and where: the rates that an estimate is made from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, Self

from ..results.record import Record
from ..results.store import Store
from .engines.events import Kind

_LATEST = 10_000  # tasks, and numbers, of a store that are looked at; bounds the time that it takes
_EACH = "of a training sample"


class Basis(StrEnum):
    """What was measured, the nearest first."""

    SAME = "the same model or entry"
    PLACE = "the same data set and architecture"
    SAMPLES = "the same architecture on other data, by the number of training samples"
    ARCHITECTURE = "the same architecture on other data, of which there may be far less or more"


class Place(NamedTuple):
    """Where a task is done."""

    dataset: str
    architecture: str
    training: str


Unit = tuple[str, ...]  # what is counted, such as ("epoch", "train") or ("map of a sample", "gradient")


class Rate(NamedTuple):
    """Seconds that one task may take."""

    basis: Basis
    device: str | None  # where that was measured, in words; None: in a store of the user's
    seconds: float


class Rates:
    """Mean seconds a unit, at every place where it was measured.

    Args:
        device: where it was measured, in words; None: in a store of the user's.
        beyond: other rates, for what was not measured here.
    """

    def __init__(self, *, device: str | None = None, beyond: "Rates | None" = None) -> None:
        self._device = device
        self._beyond = beyond
        self._spent: defaultdict[tuple[object, ...], list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._passes: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])

    @classmethod
    def of(cls, stores: Iterable[Store], *, beyond: "Rates | None" = None) -> Self:
        """The rates of the tasks that were finished last in each store."""
        rates = cls(beyond=beyond)
        for store in stores:
            rates.add(store.latest_outcomes(_LATEST), store.latest_records(_LATEST))
        return rates

    def add(
        self,
        outcomes: Iterable[Mapping[str, Any]],
        records: Iterable[Record],
        training_samples: Mapping[str, float] | None = None,
    ) -> None:
        """Take note of finished tasks.

        Args:
            outcomes: of tasks.
            records: whose numbers took time as well.
            training_samples: how many there are, by the names of data sets, where outcomes do not say so.
        """
        outcomes = list(outcomes)
        samples = {str(found.get("name")): _number(found, "samples") for found in outcomes if "samples" in found}
        training = dict(training_samples or {}) | {
            str(found.get("name")).split("/")[0]: _number(found, "training_samples")
            for found in outcomes
            if "training_samples" in found
        }
        for outcome in outcomes:
            self._add_task(outcome, samples, training)
        for record in records:
            place, name = Place(*record.entry.split("/")[:3]), f"{record.entry} seed {record.seed}"
            self._add(("number", record.metric), place, record.seconds, 1)
            self._add(("number of a sample", record.metric), place, record.seconds, samples.get(name, 0.0))

    def nearest(self, unit: Unit, place: Place, training_samples: int | None = None) -> Rate | None:
        """The nearest measured rate, or None if there is nothing like it.

        What was measured beyond comes after the same data set and architecture here, since another machine may be far
        faster or slower, but before other data, of which there may be far more or less.

        Args:
            unit: what is counted.
            place: where it is done.
            training_samples: of the data set there, if the work grows with them and they are known.
        """
        same = ((Basis.SAME, unit, place, 1), (Basis.PLACE, unit, place[:2], 1))
        other = (
            (Basis.SAMPLES, (*unit, _EACH), place[1:2], training_samples),
            (Basis.ARCHITECTURE, unit, place[1:2], 1),
        )
        sources = [self] if self._beyond is None else [self, self._beyond]
        for levels in (same, other):
            for source in sources:
                for basis, counted, where, times in levels:
                    spent, amount = source._spent.get((counted, where), (0.0, 0.0))
                    if amount and times:
                        return Rate(basis, source._device, spent / amount * times)
        return None

    def passes(self, method: str) -> float | None:
        """Forwards and backwards of a model that one map of this saliency method takes, or None if none was made."""
        for source in (self, self._beyond):
            passes, samples = source._passes.get(method, (0.0, 0.0)) if source else (0.0, 0.0)
            if samples:
                return passes / samples
        return None

    def _add(self, unit: Unit, place: Place, seconds: float, amount: float, training_samples: float = 0.0) -> None:
        sums = [(unit, where, amount) for where in (place, place[:2], place[1:2])]
        for counted, where, times in [*sums, ((*unit, _EACH), place[1:2], amount * training_samples)]:
            if times:  # else a rate that is not known
                spent = self._spent[counted, where]
                spent[0] += seconds
                spent[1] += times

    def _add_task(
        self, outcome: Mapping[str, Any], samples: Mapping[str, float], training: Mapping[str, float]
    ) -> None:
        """Take note of one finished task.

        Args:
            outcome: of the task.
            samples: how many were explained, by the names of entries.
            training: how many training samples there are, by the names of data sets.
        """
        kind, name, seconds = outcome.get("task"), str(outcome.get("name")), _number(outcome, "seconds")
        parts = name.rpartition(" seed ")[0].split("/", maxsplit=3)
        if len(parts) < len(Place._fields):
            return
        place, method = Place(*parts[:3]), "".join(parts[3:])
        trained_on = training.get(place.dataset, 0.0)
        if epochs := _epochs(outcome):
            whole = max(seconds, _seconds_of_epochs(outcome))  # one that was gone on with counts from there
            self._add(("epoch", str(kind)), place, whole, epochs, trained_on)
        elif kind == Kind.EXPLAIN and "samples" not in outcome:
            self._add(("maps of all data", method), place, seconds, 1, trained_on)
        elif kind == Kind.EXPLAIN:
            self._add(("maps", method), place, seconds, 1)
            self._add(("map of a sample", method), place, seconds, samples[name])
            self._passes[method][0] += _number(outcome, "forwards") + _number(outcome, "backwards")
            self._passes[method][1] += samples[name]
        elif kind == Kind.PERTURB:
            what = "curves" if method else "limits"
            self._add((what,), place, seconds, 1)
            self._add((f"{what} of a sample",), place, seconds, samples.get(name, 0.0))
        elif kind == Kind.RETRAIN:
            self._add(("retraining",), place, seconds, 1, trained_on)


def _epochs(outcome: Mapping[str, Any]) -> int:
    """Of a training; a file of measurements has every tenth row or so of its curve, and the last one always."""
    rows = outcome.get("epochs")
    if not isinstance(rows, list) or not rows:
        return 0
    last = rows[-1][0] if isinstance(rows[-1], list) and rows[-1] else None
    return last if isinstance(last, int) and last > 0 else len(rows)


def _seconds_of_epochs(outcome: Mapping[str, Any]) -> float:
    """Of a training's curve; a file of measurements keeps their sum, though not every row."""
    rows = [row for row in outcome["epochs"] if isinstance(row, list) and len(row) > 2]
    return sum(float(row[2]) for row in rows if isinstance(row[2], int | float))


def _number(outcome: Mapping[str, Any], name: str) -> float:
    """A number of an outcome that somebody else may have written."""
    value = outcome.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
