"""ERASER's results files of a suite, so that the benchmark's own scorer can be run on them."""

from pathlib import Path

import torch

from ...datasets.eraser import ERASER_ESNLI_TASK, ERASER_FEVER_TASK, ERASER_MOVIES_TASK, EraserPart, read_eraser
from ...metrics.curves import Curves
from ...metrics.eraser_deletion import DELETED
from ...results.formats.eraser import eraser_results, write_eraser_results
from ...results.record import Record, Status
from ...results.store import Store
from .. import tasks
from ..keys import perturb_key
from ..plan_results import Results
from ..planning import Model

TASKS = {
    f"eraser_{name}": task
    for name, task in (("movies", ERASER_MOVIES_TASK), ("fever", ERASER_FEVER_TASK), ("esnli", ERASER_ESNLI_TASK))
}


def export_eraser(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Write one results file for each entry of the first seed on ERASER's data.

    Args:
        results: of a suite with a metric of the protocol of deletion, such as sgt-table1.
        store: where the suite was run.
        data: the folder that holds all data.
        path: where to write; each file's name ends in data set, training and saliency method, and .jsonl.

    Returns:
        The files. FEVER's are large, some tens of megabytes each.

    Raises:
        LookupError: no entry on ERASER's data with its curves is in the store.
        FetchError: the files of the data set are not there any more.
    """
    files = []
    parts: dict[str, EraserPart] = {}
    for model in results.plan.models:
        name = next((known for known in TASKS if model.dataset.name.startswith(known)), None)
        if name is None or model.seed != results.plan.models[0].seed:
            continue
        for method in model.methods:
            wanted = (f"{model.name}/{method.name}", model.seed)
            record = next((item for item in results.records if (item.entry, item.seed) == wanted and _made(item)), None)
            curves = None if record is None else _curves(model, record, results, store)
            if record is None or curves is None:
                continue
            if model.dataset.name not in parts:
                parts[model.dataset.name] = _explained(model, results, data, name)
            maps = store.get(record.attributions)["attributions"]
            part, classes = parts[model.dataset.name], TASKS[name].classes
            file = path.with_name(f"{path.name}_{model.dataset.name}_{model.training}_{method.name}.jsonl")
            write_eraser_results(file, eraser_results(part, classes, maps, curves, seed=model.seed))
            files.append(file)
    if not files:
        raise LookupError("the store has no explanations of ERASER's texts with tokens deleted; run sgt-table1")
    return files


def _made(record: Record) -> bool:
    return record.status is Status.OK and bool(record.attributions)


def _curves(model: Model, record: Record, results: Results, store: Store) -> Curves | None:
    key = perturb_key(model, DELETED, results.plan.samples, weights=record.weights, attributions=record.attributions)
    outcome = store.outcome(key)
    return None if outcome is None else Curves(protocol=DELETED, **store.get(outcome["artifacts"]["curves"]))


def _explained(model: Model, results: Results, data: Path, name: str) -> EraserPart:
    """The texts that were explained, with what is known of their documents."""
    whole = read_eraser(TASKS[name], data, "test")
    samples = tasks.explained_samples(model.dataset, results.plan.samples, data, torch.device("cpu"))
    places = {sample: place for place, sample in enumerate(whole.samples.ids.tolist())}
    rows = [places[sample] for sample in samples.ids.tolist()]
    return EraserPart(samples, [whole.annotations[row] for row in rows], [whole.pieces[row] for row in rows])
