"""The tasks behind the numbers of one entry: other models, and the keys under which a store has what was made."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from ..datasets.base import Split
from ..metrics.base import Metric, Need
from ..metrics.retraining import Retraining
from ..results.store import Store
from .engines.events import Kind
from .inventory import Cell
from .keys import explain_key, limits_key, perturb_key, retrain_key, train_key
from .planning import Model, Plan
from .tasks import YARDSTICK, fine_tuned


class TaskKeys(NamedTuple):
    """Of the tasks behind numbers, beyond the model and the maps themselves."""

    own: list[str]  # curves, maps of all data, models trained anew
    shared: list[str]  # by all entries of a model: its fine-tuning, its limits of AOPC


def retrainings_behind(model: Model, metrics: Iterable[Metric]) -> set[Retraining]:
    """How models are trained anew for the numbers of these metrics."""
    modality = model.dataset.modality
    return {item for metric in metrics if modality in metric.modalities for item in metric.retrainings}


def models_behind(model: Model, metrics: Iterable[Metric]) -> Iterator[tuple[Kind, Model]]:
    """The models that one starts from, and that the numbers of these metrics compare it with, on whole data."""
    before = model.predecessor
    while before is not None:
        yield Kind.PREPARE, before
        before = before.predecessor
    metrics = tuple(metrics)
    if any(Need.FINETUNED in metric.needs for metric in metrics):
        yield Kind.PREPARE, fine_tuned(model)
    for retraining in retrainings_behind(model, metrics):
        yield Kind.RETRAIN, replace(model, recipe=YARDSTICK, budget=retraining.budget or model.budget)


def task_keys(metrics: Iterable[Metric], cell: Cell, plan: Plan, store: Store) -> TaskKeys:
    """The keys of the tasks behind the numbers of these metrics, each once; there may be none yet under some.

    Args:
        metrics: whose numbers.
        cell: the entry and seed; without weights and maps there are no keys.
        plan: with the number of samples.
        store: tells the maps of all data that models are trained anew on.
    """
    model, weights, maps = cell.model, cell.weights, cell.attributions
    if not weights or not maps:
        return TaskKeys([], [])
    own, shared = [], []
    for metric in metrics:
        own += [
            perturb_key(model, protocol, plan.samples, weights=weights, attributions=maps)
            for protocol in metric.protocols
        ]
        for retraining in metric.retrainings:
            scale = retraining.input_scale
            both = explain_key(model, cell.method, None, weights=weights, splits=tuple(Split), scale=scale)
            own.append(both)
            made = store.outcome(both)
            if made is not None:
                digest = made["artifacts"]["attributions"]
                own += [retrain_key(model, retraining, percent, attributions=digest) for percent in retraining.percents]
        shared += [train_key(fine_tuned(model))] if Need.FINETUNED in metric.needs else []
        shared += [limits_key(model, plan.samples, weights=weights)] if Need.LIMITS in metric.needs else []
    return TaskKeys(list(dict.fromkeys(own)), list(dict.fromkeys(shared)))
