"""Are the measurements that come with salbench what this machine measures? Asked of one model of each file."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import torch

from ...datasets.base import Split
from ...results.record import Status
from ...results.reference_file import read_header
from ...results.store import Store
from ..engines.inline import Engine
from ..inventory import Cell
from ..keys import train_key
from ..planning import Plan
from ..request import Request
from ..tasks import load, predict, restore
from .known import FOLDER, WEIGHTS, reference_cells

RELATIVE, ABSOLUTE = 1e-3, 1e-4  # how far a number may lie from the one in the file: other kernels round otherwise
LONGEST = 5.0  # seconds that a metric took when it was measured; others are left out


def check_measurements(path: Path, *, data: Path, device: torch.device) -> pd.DataFrame:
    """Measure one entry of a file again, from the weights that lie beside it.

    The entry is the first competitor's of the model whose weights are there; left out are metrics for which models are
    trained anew, and those that took longer than `LONGEST`.

    Args:
        path: a file of measurements that names its weights.
        data: the folder that holds all data.
        device: where to measure.

    Returns:
        The columns suite, scale, entry, seed, metric, committed, again and agrees, a row a metric.

    Raises:
        LookupError: the file names no weights, they are of no model of its suite any more, or it has no numbers of that
            model which this version could compare.
        OSError: the weights are not there, or are not those that the file names.
    """
    header = read_header(path)
    request = Request(suite=header["suite"], small=header["scale"] == "small")
    plan, digest = request.plan(), header["weights"]
    cells = [cell for cell in reference_cells(plan, path.parent) if cell.weights == digest and not cell.method.control]
    if digest is None or not cells:
        raise LookupError(f"{path.name} has no weights of a model that its suite still trains")
    cell = next((cell for cell in cells if cell.records), None)
    if cell is None:
        raise LookupError(f"{path.name} has no numbers of this version of the model whose weights it names")
    committed = {record.metric: record for record in cell.records if record.status is Status.OK}
    metrics = tuple(
        metric
        for metric in plan.metrics
        if metric.name in committed and committed[metric.name].seconds <= LONGEST and not metric.retrainings
    )
    model = replace(cell.model, methods=(cell.method,))
    with TemporaryDirectory(prefix="salbench-") as place, Store(Path(place)) as store:
        _place_weights(cell, store, path.parent / WEIGHTS, data=data, device=device)
        only = Plan(suite=plan.suite, title=plan.title, models=(model,), metrics=metrics, samples=plan.samples)
        again = Engine(store=store, data=data, device=device, stop_on_failure=True).run(only)
    rows = [
        {
            "suite": plan.suite,
            "scale": header["scale"],
            "entry": record.entry,
            "seed": record.seed,
            "metric": record.metric,
            "committed": committed[record.metric].value,
            "again": record.value,
            "agrees": _agree(committed[record.metric].value, record.value),
        }
        for record in again
    ]
    return pd.DataFrame(rows)


def checkable_files(folder: Path = FOLDER) -> list[Path]:
    """The files of measurements that name their weights."""
    return [path for path in sorted(folder.glob("*.jsonl")) if read_header(path)["weights"] is not None]


def _agree(committed: float | None, again: float | None) -> bool:
    if committed is None or again is None:
        return committed is again
    return abs(committed - again) <= ABSOLUTE + RELATIVE * abs(committed)


def _place_weights(cell: Cell, store: Store, folder: Path, *, data: Path, device: torch.device) -> None:
    """Let the store hold the model as if it had been trained there."""
    content = (folder / f"{cell.weights}.safetensors").read_bytes()
    if store.put_bytes(content) != cell.weights:
        raise OSError(f"{cell.weights}.safetensors in {folder} is damaged: its content has another digest")
    network = restore(cell.model, store.get(str(cell.weights)), device)
    logits = predict(network, load(cell.model.dataset, Split.TEST, data, device).inputs).cpu()
    artifacts = {"weights": cell.weights, "predictions": store.put({"logits": logits})}
    outcome = {"task": "train", "name": cell.model.name, "seconds": 0.0, "artifacts": artifacts, "epochs": []}
    store.commit(outcomes={train_key(cell.model): outcome})
