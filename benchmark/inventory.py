"""What a store already has of a plan; nothing is computed and no data set is opened."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..baselines.saliency.base import SaliencyMethod
from ..metrics.base import Metric
from ..metrics.protocol import Protocol
from ..results.record import Record
from ..results.store import Store
from .keys import explain_key, failure_key, perturb_key, record_key, train_key
from .planning import Model, Plan


@dataclass(slots=True, kw_only=True)
class Cell:
    """One entry and seed of a plan, and what is known of it."""

    model: Model
    method: SaliencyMethod
    weights: str | None = None  # digests, where the task is done
    attributions: str | None = None
    protocols: frozenset[Protocol] = frozenset()  # whose curves are there
    records: tuple[Record, ...] = ()  # measured, or failed in the last run
    missing: tuple[Metric, ...] = ()  # without a value; a failed one is tried again

    @property
    def curves_to_run(self) -> frozenset[Protocol]:
        """The protocols whose perturbed inputs must still be run for it."""
        return frozenset(protocol for metric in self.missing for protocol in metric.protocols) - self.protocols


def inventory(plan: Plan, store: Store | None) -> list[Cell]:
    """Every cell of the plan, in its order.

    Args:
        plan: what is asked for.
        store: None if there is no store yet; then everything is missing.
    """
    cells = [
        Cell(model=model, method=method, missing=plan.metrics) for model in plan.models for method in model.methods
    ]
    if store is not None:
        _look_up_tasks(cells, plan, store)
        _look_up_records(cells, plan, store)
    return cells


def _look_up_tasks(cells: list[Cell], plan: Plan, store: Store) -> None:
    """Follow the chain weights, attributions, curves as far as the store has it, one query a link."""
    samples = plan.samples
    trained = [(cell, train_key(cell.model)) for cell in cells]
    for cell, digest in _digests(store, trained, "weights"):
        cell.weights = digest
    explained = [
        (cell, explain_key(cell.model, cell.method, samples, weights=cell.weights)) for cell in cells if cell.weights
    ]
    for cell, digest in _digests(store, explained, "attributions"):
        cell.attributions = digest
    for protocol in plan.protocols:
        perturbed = [
            (cell, perturb_key(cell.model, protocol, samples, weights=cell.weights, attributions=cell.attributions))
            for cell in cells
            if cell.weights and cell.attributions
        ]
        for cell, _ in _digests(store, perturbed, "curves"):
            cell.protocols |= {protocol}


def _look_up_records(cells: list[Cell], plan: Plan, store: Store) -> None:
    keys = [
        (cell, metric, _record_key(cell, metric, plan), failure_key(cell.model, cell.method, metric, plan.samples))
        for cell in cells
        for metric in plan.metrics
    ]
    wanted = [key for _, _, *pair in keys for key in pair if key]
    found = {record.key: record for record in store.records(wanted)}
    for cell in cells:
        cell.missing = ()
    for cell, metric, key, reason_key in keys:
        record = found.get(key) if key else None
        if record is None:
            cell.missing += (metric,)
            record = found.get(reason_key)
        if record is not None:
            cell.records += (record,)


def _record_key(cell: Cell, metric: Metric, plan: Plan) -> str | None:
    if not cell.weights or not cell.attributions:
        return None
    return record_key(
        cell.model, cell.method, metric, plan.samples, weights=cell.weights, attributions=cell.attributions
    )


def _digests(store: Store, keys: Iterable[tuple[Cell, str]], artifact: str) -> list[tuple[Cell, str]]:
    """The artifact's digest of each cell whose task is done."""
    pairs = list(keys)
    outcomes = store.outcomes(key for _, key in pairs)
    return [(cell, outcomes[key]["artifacts"][artifact]) for cell, key in pairs if key in outcomes]
