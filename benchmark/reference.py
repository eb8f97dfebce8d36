"""The measurements that come with salbench: how they are written, and how a plan uses them without any training."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ..results import record as results_record
from ..results.database import NAME
from ..results.record import Record, Status
from ..results.reference_file import read_measurements, write_measurements
from ..results.store import Store
from .command_line import command_line
from .inventory import Cell, inventory
from .keys import explain_key, train_key
from .planning import Plan
from .request import Request
from .task_keys import models_behind, task_keys

FOLDER = Path(str(files(results_record.__package__).joinpath("reference")))
WORD = "reference"  # what `--against` calls them
WEIGHTS = "weights"  # the folder beside them with one model of each file, from which its numbers can be measured again
LARGEST = 700_000  # bytes of such a model


class Written(NamedTuple):
    """A file of measurements."""

    path: Path
    models: int
    planned: int
    records: int


def file_name(suite: str, *, small: bool) -> str:
    """Of the measurements of a suite at one of its scales."""
    return f"{suite}.small.jsonl" if small else f"{suite}.jsonl"


def write_reference(request: Request, *, store: Path, folder: Path = FOLDER, device: str | None = None) -> Written:
    """Write what a store has of a suite as a file that others can use instead of measuring it again.

    Args:
        request: the suite, its scale and seeds; what of it is not there yet is left out.
        store: where it was measured.
        folder: where to write; the weights of the smallest model go to its subfolder `weights`, unless they are large.
        device: what it was measured on, in words; None takes what the records say.

    Returns:
        The file and how much of the plan it holds.

    Raises:
        LookupError: the store has nothing of the suite.
        StoreError: the store cannot be used.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    plan = request.plan()
    with Store(store, read_only=True) as opened:
        cells = [cell for cell in inventory(plan, opened) if any(_measured(cell))]
        outcomes = opened.outcomes(key for cell in cells for key in (*_keys(cell, plan), *_behind(cell, plan, opened)))
        if not cells:
            making = command_line("run", request, store=store)
            raise LookupError(f"{store} has no results of suite {plan.suite!r}; `{making}` makes them")
        weights = _write_weights({str(cell.weights) for cell in cells}, opened, folder / WEIGHTS)
    records = [record for cell in cells for record in _measured(cell)]
    measured = {(cell.model.name, cell.model.seed) for cell in cells}
    header = {
        "command": command_line("run", replace(request, seeds=None, only={})),
        "date": datetime.now(UTC).date().isoformat(),
        "device": device or ", ".join(sorted({record.device for record in records})),
        "models": f"{len(measured)} of {len(plan.models)}",
        "suite": plan.suite,
        "scale": "small" if request.small else "full",
        "weights": weights,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(plan.suite, small=request.small)
    write_measurements(path, header=header, outcomes=outcomes, records=records)
    return Written(path, len(measured), len(plan.models), len(records))


def _write_weights(digests: set[str], store: Store, folder: Path) -> str | None:
    """The digest of the smallest artifact, which is written to the folder; None where all are too large or lost."""
    there = {digest: store.get_bytes(digest) for digest in sorted(digests) if store.has(digest)}
    smallest = min(there, key=lambda digest: len(there[digest]), default=None)
    if smallest is None or len(there[smallest]) > LARGEST:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{smallest}.safetensors").write_bytes(there[smallest])
    return smallest


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
    with TemporaryDirectory(prefix="salbench-") as place, Store(Path(place)) as store:
        for path in reference_files(folder):
            found = read_measurements(path, models=models)
            store.commit(outcomes=found.outcomes, records=found.records)
        yield store


def opened_store(store: Path, reference: Path | None, plan: Plan) -> AbstractContextManager[Store]:
    """A store to read, or where there is none, the measurements of a folder in its place.

    Args:
        store: the folder of the store.
        reference: the folder of the measurements; None takes the store alone.
        plan: whose models' measurements are wanted.

    Raises:
        StoreError: there is no store, or it or the measurements cannot be used.
    """
    if reference is None or (store / NAME).exists():
        return Store(store, read_only=True)
    return reference_store(reference, plan)


def reference_cells(plan: Plan, folder: Path = FOLDER) -> list[Cell]:
    """Every cell of a plan, with what the measurements of a folder say of it.

    Whatever has changed since, such as a version, a hyperparameter or a data set, has another key and is not there.

    Raises:
        LookupError, StoreError: as for `reference_store`.
    """
    with reference_store(folder, plan) as store:
        return inventory(plan, store)


def bring_in(plan: Plan, store: Store, folder: Path = FOLDER) -> int:
    """Copy into a store what the measurements of a folder know of a plan, but no model that it already has.

    The weights and maps behind them do not come with them: they are made again if a new metric asks for them.

    Returns:
        How many records were copied.

    Raises:
        LookupError, StoreError: as for `reference_store`.
    """
    own = {(cell.model.name, cell.model.seed) for cell in inventory(plan, store) if cell.weights}
    with reference_store(folder, plan) as known:
        cells = [
            cell for cell in inventory(plan, known) if cell.weights and (cell.model.name, cell.model.seed) not in own
        ]
        outcomes = known.outcomes(key for cell in cells for key in _keys(cell, plan))
    records = [record for cell in cells for record in _measured(cell)]
    store.commit(outcomes=outcomes, records=records)
    return len(records)


def _measured(cell: Cell) -> list[Record]:
    return [record for record in cell.records if record.status is not Status.FAILED]


def _behind(cell: Cell, plan: Plan, store: Store) -> list[str]:
    """Of the tasks behind its numbers, whose times tell others how long they take."""
    own, shared = task_keys(plan.metrics, cell, plan, store)
    return own + shared + [train_key(model) for _, model in models_behind(cell.model, plan.metrics)]


def _keys(cell: Cell, plan: Plan) -> list[str]:
    """Of training and explaining, as far as they are done."""
    if cell.weights is None:
        return []
    maps = explain_key(cell.model, cell.method, plan.samples, weights=cell.weights)
    return [train_key(cell.model)] + ([maps] if cell.attributions else [])
