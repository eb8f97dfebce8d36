"""What a plan's models and maps cost: time, memory and passes, from the tasks that the store has."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd

from ..metrics.base import Metric, Need, Sign
from ..results.plots.training import TrainingCurve
from ..results.store import Store
from .command_line import command_line
from .inventory import Cell, inventory
from .keys import explain_key, train_key
from .planning import Model, Plan
from .reference.known import opened_store
from .request import Request
from .task_keys import task_keys

REGULAR = "regular"  # the training method that others are compared with


def training_costs(plan: Plan, store: Store) -> pd.DataFrame:
    """What training cost, a row for each model, means over seeds.

    Args:
        plan: whose models.
        store: where they were trained.

    Returns:
        The columns dataset, architecture, training, seeds, `seconds` (of all epochs, with the models that it started
        from), `ratio` (to regular training on the same data and architecture), `step_megabytes` (most bytes of
        tensors alive at once during one step) and `memory_ratio`. Ratios are NaN where there is no regular training.
    """
    groups: defaultdict[tuple[str, str, str], list[Sequence[Mapping[str, Any]]]] = defaultdict(list)
    keys = {train_key(model): [train_key(one) for one in _line(model)] for model in plan.models}
    outcomes = store.outcomes(key for line in keys.values() for key in line)
    for model in plan.models:
        line = [outcomes[key] for key in keys[train_key(model)] if key in outcomes]
        if train_key(model) in outcomes:
            groups[model.dataset.name, model.architecture.name, model.training].append(line)
    rows = [
        {
            "dataset": dataset,
            "architecture": architecture,
            "training": training,
            "seeds": len(found),
            "seconds": fmean(sum(epoch[2] for outcome in line for epoch in outcome["epochs"]) for line in found),
            "step_megabytes": fmean(line[0]["epochs"][0][4] / 1e6 for line in found),
        }
        for (dataset, architecture, training), found in groups.items()
    ]
    frame = pd.DataFrame(rows, columns=["dataset", "architecture", "training", "seeds", "seconds", "step_megabytes"])
    for column, ratio in (("seconds", "ratio"), ("step_megabytes", "memory_ratio")):
        frame[ratio] = frame[column] / _of_regular(frame, column)
    return frame


def _line(model: Model) -> list[Model]:
    """A model and all that were trained before it, the newest first."""
    return [model] if model.predecessor is None else [model, *_line(model.predecessor)]


def training_curves(plan: Plan, store: Store) -> list[TrainingCurve]:
    """How the training of each model went that the store has."""
    outcomes = store.outcomes(train_key(model) for model in plan.models)
    return [
        TrainingCurve(
            model.dataset.name,
            model.architecture.name,
            model.training,
            {epoch[0]: epoch[1] for epoch in outcomes[train_key(model)]["epochs"]},
            {epoch[0]: epoch[3] for epoch in outcomes[train_key(model)]["epochs"] if epoch[3] is not None},
        )
        for model in plan.models
        if train_key(model) in outcomes
    ]


def explanation_costs(plan: Plan, store: Store) -> pd.DataFrame:
    """What maps cost, a row for each data set, architecture and method, means over training methods and seeds.

    Returns:
        The columns dataset, architecture, saliency, and per explained sample `milliseconds`, `forwards` and
        `backwards` (passes of the model).
    """
    trained = store.outcomes(train_key(model) for model in plan.models)
    keys = {
        (model.dataset.name, model.architecture.name, method.name, model.name, model.seed): explain_key(
            model, method, plan.samples, weights=trained[train_key(model)]["artifacts"]["weights"]
        )
        for model in plan.models
        if train_key(model) in trained
        for method in model.methods
    }
    outcomes = store.outcomes(keys.values())
    groups: defaultdict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for (dataset, architecture, saliency, *_), key in keys.items():
        if key in outcomes:
            groups[dataset, architecture, saliency].append(outcomes[key])
    rows = [
        {
            "dataset": dataset,
            "architecture": architecture,
            "saliency": saliency,
            "milliseconds": 1000 * _a_sample(found, "seconds"),
            "forwards": _a_sample(found, "forwards"),
            "backwards": _a_sample(found, "backwards"),
        }
        for (dataset, architecture, saliency), found in groups.items()
    ]
    return pd.DataFrame(rows, columns=["dataset", "architecture", "saliency", "milliseconds", "forwards", "backwards"])


def metric_costs(plan: Plan, store: Store) -> pd.DataFrame:
    """What each metric of explanations cost beyond the maps themselves, means over models and methods.

    Tasks that several metrics share count for each of them in full, as if it had been measured alone.

    Returns:
        The columns metric, `trainings` (of a map, and of a model for all its maps), and `seconds` a map: of the
        retrainings, of the fine-tuning divided by the maps that share it, of the perturbed forwards, and of the score.
    """
    cells = [cell for cell in inventory(plan, store) if cell.attributions and cell.weights]
    rows = []
    for metric in plan.metrics:
        spent = [_seconds_of(metric, cell, plan, store) for cell in cells]
        known = [seconds for seconds in spent if seconds is not None]
        if known and metric.sign is not Sign.UNUSED:
            anew = sum(len(retraining.percents) for retraining in metric.retrainings)
            a_model = " + 1 fine-tuning a model" if Need.FINETUNED in metric.needs else ""
            rows.append({"metric": metric.name, "trainings": f"{anew} a map{a_model}", "seconds": fmean(known)})
    return pd.DataFrame(rows, columns=["metric", "trainings", "seconds"])


def _seconds_of(metric: Metric, cell: Cell, plan: Plan, store: Store) -> float | None:
    """Seconds behind one number, or None if it is not there."""
    record = next((record for record in cell.records if record.metric == metric.name), None)
    if record is None or record.value is None or not cell.weights or not cell.attributions:
        return None
    keys, shared = task_keys([metric], cell, plan, store)
    own, common = (sum(item["seconds"] for item in store.outcomes(group).values()) for group in (keys, shared))
    return float(record.seconds + own + common / len(cell.model.methods))


def costs(request: Request, *, store: Path, reference: Path | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`training_costs` and `explanation_costs` of a request.

    Args:
        request: whose models.
        store: where they were trained.
        reference: a folder of measurements, taken of models and maps that the store lacks; then there need not be a
            store.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: there is no model of this plan.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    plan = request.plan()
    with opened_store(store, reference, plan) as opened:
        training, explanation = training_costs(plan, opened), explanation_costs(plan, opened)
    if training.empty:
        training_them = command_line("run", request, store=store)
        place = "the reference" if reference else store
        raise LookupError(f"{place} has no model of suite {plan.suite!r}; `{training_them}` makes them")
    return training, explanation


def _a_sample(outcomes: Sequence[Mapping[str, Any]], fact: str) -> float:
    return fmean(outcome[fact] / outcome["samples"] for outcome in outcomes)


def _of_regular(frame: pd.DataFrame, column: str) -> "pd.Series[float]":
    regular = frame[frame["training"] == REGULAR].set_index(["dataset", "architecture"])[column]
    groups = pd.MultiIndex.from_frame(frame[["dataset", "architecture"]])
    return pd.Series(regular.reindex(groups).to_numpy(), index=frame.index)
