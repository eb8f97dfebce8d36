"""The measurements that come with salbench, and how a plan uses them without any training."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ...results import record as results_record
from ...results.database import NAME
from ...results.record import Record, Status
from ...results.reference_file import read_measurements
from ...results.store import Store
from ..inventory import Cell, inventory
from ..keys import explain_key, train_key
from ..planning import Plan

FOLDER = Path(str(files(results_record.__package__).joinpath("reference")))
WORD = "reference"  # what `--against` calls them
WEIGHTS = "weights"  # the folder beside them with one model of each file, from which its numbers can be measured again


def file_name(suite: str, *, small: bool) -> str:
    """Of the measurements of a suite at one of its scales."""
    return f"{suite}.small.jsonl" if small else f"{suite}.jsonl"


def reference_files(folder: Path = FOLDER) -> list[Path]:
    """The files of measurements in a folder, in the order of their names.

    Raises:
        LookupError: there are none.
    """
    found = sorted(folder.glob("*.jsonl"))
    if not found:
        raise LookupError(f"{folder} has no measurements (*.jsonl); `salbench reference write SUITE` makes them")
    return found


@contextmanager
def reference_store(folder: Path = FOLDER, plan: Plan | None = None) -> Iterator[Store]:
    """The measurements of a folder as a store without tensors, which is gone in the end.

    Args:
        folder: of the measurements.
        plan: whose models' measurements alone are wanted, which is faster; None takes all.

    Raises:
        LookupError: there are none.
        StoreError: a file is damaged.
    """
    models = None if plan is None else {model.name for model in plan.models}
    with files_as_store(reference_files(folder), models) as store:
        yield store


@contextmanager
def files_as_store(paths: Iterable[Path], models: Collection[str] | None = None) -> Iterator[Store]:
    """The measurements of some files as a store without tensors, which is gone in the end.

    Args:
        paths: of the files.
        models: read the records of these alone, each named dataset/architecture/training; None reads all.

    Raises:
        StoreError: a file is damaged.
    """
    with TemporaryDirectory(prefix="salbench-") as place, Store(Path(place)) as store:
        for path in paths:
            found = read_measurements(path, models=models)
            store.commit(outcomes=found.outcomes, records=found.records)
        yield store


@contextmanager
def opened_store(store: Path, reference: Path | None, plan: Plan) -> Iterator[Store]:
    """A store to read, in which the outcomes that it lacks are those of the measurements of a folder.

    Args:
        store: the folder of the store; with measurements there need not be one.
        reference: the folder of the measurements; None takes the store alone.
        plan: whose models' measurements are wanted.

    Raises:
        LookupError: there are no measurements.
        StoreError: there is no store, or it or the measurements cannot be used.
    """
    if reference is None:
        with Store(store, read_only=True) as opened:
            yield opened
        return
    with reference_store(reference, plan) as known:
        if not (store / NAME).exists():
            yield known
            return
        with _FilledStore(store, known) as filled:
            yield filled


class _FilledStore(Store):
    """A store that is only read, and looks elsewhere for the outcomes that it lacks."""

    def __init__(self, folder: Path, known: Store) -> None:
        super().__init__(folder, read_only=True)
        self._other = known

    def outcome(self, key: str) -> dict[str, Any] | None:
        return self.outcomes([key]).get(key)

    def outcomes(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        wanted = list(keys)
        found = super().outcomes(wanted)
        found |= self._other.outcomes(key for key in wanted if key not in found)
        return {key: found[key] for key in wanted if key in found}


def reference_cells(plan: Plan, folder: Path = FOLDER) -> list[Cell]:
    """Every cell of a plan, with what the measurements of a folder say of it.

    Whatever has changed since, such as a version, a hyperparameter or a data set, has another key and is not there.

    Raises:
        LookupError, StoreError: as for `reference_store`.
    """
    with reference_store(folder, plan) as store:
        return inventory(plan, store)


def filled_records(plan: Plan, mine: Cell, theirs: Cell) -> list[Record]:
    """The records of one's own cell, and what it has no number of as measurements of others know it.

    Of other weights or maps numbers are taken only where there is none of one's own, so that none are mixed.
    """
    own, others = measured_records(mine), measured_records(theirs)
    if not own and others:
        return others
    if (mine.weights, mine.attributions) != (theirs.weights, theirs.attributions):
        return list(mine.records)
    found = {record.metric: record for record in (*mine.records, *others, *own)}
    return [found[metric.name] for metric in plan.metrics if metric.name in found]


def bring_in(plan: Plan, store: Store, folder: Path = FOLDER) -> int:
    """Copy into a store what it lacks of a plan and the measurements of a folder know.

    Nothing is copied of a model that the store has with other weights. The weights and maps behind the numbers do not
    come with them: they are made again if a new metric asks for them.

    Returns:
        How many records were copied.

    Raises:
        LookupError, StoreError: as for `reference_store`.
    """
    with reference_store(folder, plan) as known:
        pairs = zip(inventory(plan, store), inventory(plan, known), strict=True)
        cells = [theirs for mine, theirs in pairs if _fits(mine, theirs)]
        outcomes = known.outcomes(key for cell in cells for key in finished_keys(cell, plan))
    records = [record for cell in cells for record in measured_records(cell)]
    done, there = store.finished(outcomes), store.measured(record.key for record in records)
    lacking = [record for record in records if record.key not in there]
    store.commit(outcomes={key: outcomes[key] for key in outcomes if key not in done}, records=lacking)
    return len(lacking)


def with_taken_over(mine: Cell, theirs: Cell) -> Cell:
    """One's own cell as `bring_in` would leave it."""
    if not _fits(mine, theirs):
        return mine
    return replace(
        mine,
        weights=theirs.weights,
        attributions=mine.attributions or theirs.attributions,
        missing=tuple(metric for metric in mine.missing if metric in theirs.missing),
    )


def _fits(mine: Cell, theirs: Cell) -> bool:
    """Are theirs the numbers of no other weights or maps than one's own?"""
    return (
        theirs.weights is not None
        and mine.weights in {None, theirs.weights}
        and mine.attributions in {None, theirs.attributions}
    )


def measured_records(cell: Cell) -> list[Record]:
    """All but those that say why a measurement failed."""
    return [record for record in cell.records if record.status is not Status.FAILED]


def finished_keys(cell: Cell, plan: Plan) -> list[str]:
    """Of training and explaining, as far as they are done."""
    if cell.weights is None:
        return []
    maps = explain_key(cell.model, cell.method, plan.samples, weights=cell.weights)
    return [train_key(cell.model)] + ([maps] if cell.attributions else [])
