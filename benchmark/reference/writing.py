"""How measurements are written into files that others can use."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ...results.artifacts import write_whole
from ...results.reference_file import read_header, write_measurements
from ...results.store import Store
from ..command_line import command_line
from ..inventory import Cell, inventory
from ..keys import train_key
from ..planning import Plan
from ..request import Request
from ..task_keys import models_behind, task_keys
from .known import FOLDER, WEIGHTS, file_name, files_as_store, finished_keys, measured_records

LARGEST = 700_000  # bytes of a model whose weights are written


class Written(NamedTuple):
    """A file of measurements."""

    path: Path
    models: int
    planned: int
    records: int


def write_reference(request: Request, *, store: Path, folder: Path = FOLDER, device: str | None = None) -> Written:
    """Write what a store has of a suite as a file that others can use instead of measuring it again.

    What the file has already and the store has not stays in it, unless the suite does not ask for it any more: several
    machines can fill one file, each with its own seeds.

    Args:
        request: the suite, its scale and seeds; what of it is not there yet is left out.
        store: where it was measured.
        folder: where to write; the weights of the smallest model go to its subfolder `weights`, unless they are large.
        device: what it was measured on, in words; None takes what the records say.

    Returns:
        The file and how much of the plan it holds.

    Raises:
        LookupError: the store has nothing of the suite.
        StoreError: the store, or the file that is there, cannot be used.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    asked = {(model.name, model.seed) for model in request.plan().models}
    path = folder / file_name(request.chosen_suite.name, small=request.small)
    with Store(store, read_only=True) as opened, files_as_store([path] if path.exists() else []) as known:
        plan = _of_all_seeds(request, {record.seed for record in known.records()})
        own = [cell for cell in _sound_cells(plan, opened) if _model_of(cell) in asked]
        if not own:
            making = command_line("run", request, store=store)
            raise LookupError(f"{store} has no results of suite {plan.suite!r}; `{making}` makes them")
        own, old = _of_one_training(own, _sound_cells(plan, known))
        outcomes = _outcomes(old, plan, known) | _outcomes(own, plan, opened)
        cells = [*old, *own]
        weights = _weights_of(path, cells) or _write_weights({str(cell.weights) for cell in own}, opened, path.parent)
    records = {record.key: record for cell in cells for record in measured_records(cell)}
    measured = {_model_of(cell) for cell in cells}
    devices = [str(read_header(path)["device"])] if old else []
    if own:  # else the file has more numbers of every model
        found = sorted({record.device for cell in own for record in measured_records(cell)})
        devices += [device] if device else found
    header = {
        "command": command_line("run", replace(request, seeds=None, only={})),
        "date": datetime.now(UTC).date().isoformat(),
        "device": ", ".join(dict.fromkeys(devices)),
        "models": f"{len(measured)} of {len(plan.models)}",
        "suite": plan.suite,
        "scale": "small" if request.small else "full",
        "weights": weights,
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_measurements(path, header=header, outcomes=outcomes, records=records.values())
    return Written(path, len(measured), len(plan.models), len(records))


def _of_all_seeds(request: Request, more: Collection[int]) -> Plan:
    """Of the whole suite, with the seeds that it has, those that are asked for, and more."""
    whole = replace(request, seeds=None, only={})
    seeds = sorted({*whole.chosen_suite.seeds, *(request.seeds or ()), *more})
    return replace(whole, seeds=seeds).plan()


def _model_of(cell: Cell) -> tuple[str, int]:
    return cell.model.name, cell.model.seed


def _sound_cells(plan: Plan, store: Store) -> list[Cell]:
    return [cell for cell in inventory(plan, store) if measured_records(cell)]


def _of_one_training(own: list[Cell], old: list[Cell]) -> tuple[list[Cell], list[Cell]]:
    """Both without what they contradict each other in.

    Of a model that was trained twice, with other weights, the training with more numbers stays, of two with as many our
    own; of maps that were made twice, our own.
    """
    ours, theirs = _by_model(own), _by_model(old)
    for model in ours.keys() & theirs.keys():
        if ours[model][0].weights == theirs[model][0].weights:
            maps = {cell.method.name: cell.attributions for cell in ours[model]}
            theirs[model] = [
                cell for cell in theirs[model] if maps.get(cell.method.name, cell.attributions) == cell.attributions
            ]
        elif _numbers(ours[model]) < _numbers(theirs[model]):
            ours[model] = []
        else:
            theirs[model] = []
    return [cell for cells in ours.values() for cell in cells], [cell for cells in theirs.values() for cell in cells]


def _by_model(cells: list[Cell]) -> dict[tuple[str, int], list[Cell]]:
    models: defaultdict[tuple[str, int], list[Cell]] = defaultdict(list)
    for cell in cells:
        models[_model_of(cell)].append(cell)
    return dict(models)


def _numbers(cells: list[Cell]) -> int:
    return sum(len(measured_records(cell)) for cell in cells)


def _outcomes(cells: list[Cell], plan: Plan, store: Store) -> dict[str, dict[str, Any]]:
    return store.outcomes(key for cell in cells for key in (*finished_keys(cell, plan), *_behind(cell, plan, store)))


def _weights_of(path: Path, cells: list[Cell]) -> str | None:
    """The digest of the weights that a file names, if they lie beside it and it still has numbers of them."""
    named = read_header(path).get("weights") if path.exists() else None
    there = named in {cell.weights for cell in cells} and (path.parent / WEIGHTS / f"{named}.safetensors").exists()
    return str(named) if there else None


def _write_weights(digests: set[str], store: Store, folder: Path) -> str | None:
    """The digest of the smallest artifact, written to `weights` in a folder; None where all are too large or lost."""
    there = {digest: store.get_bytes(digest) for digest in sorted(digests) if store.has(digest)}
    smallest = min(there, key=lambda digest: len(there[digest]), default=None)
    if smallest is None or len(there[smallest]) > LARGEST:
        return None
    (folder / WEIGHTS).mkdir(parents=True, exist_ok=True)
    write_whole(folder / WEIGHTS / f"{smallest}.safetensors", there[smallest])
    return smallest


def _behind(cell: Cell, plan: Plan, store: Store) -> list[str]:
    """Of the tasks behind its numbers, whose times tell others how long they take."""
    own, shared = task_keys(plan.metrics, cell, plan, store)
    return own + shared + [train_key(model) for _, model in models_behind(cell.model, plan.metrics)]
