"""What a store already has of a plan; nothing is computed and no data set is opened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..baselines.saliency.base import SaliencyMethod
from ..metrics.base import Metric
from ..metrics.protocol import Protocol
from ..results.record import Record, Status
from ..results.store import Store
from .keys import Keys
from .planning import Model, Plan

_AT_ONCE = 5_000  # cells that are looked up together; bounds memory, changes nothing else


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


def inventory(plan: Plan, store: Store | None, *, records: bool = True) -> list[Cell]:
    """Every cell of the plan, in its order; the cost grows with the plan and not with the store.

    Args:
        plan: what is asked for.
        store: None if there is no store yet; then everything is missing.
        records: read the records; otherwise it is only looked up which of them are there.
    """
    cells = [
        Cell(model=model, method=method, missing=plan.metrics) for model in plan.models for method in model.methods
    ]
    if store is not None:
        look = _Look(plan=plan, store=store)
        for start in range(0, len(cells), _AT_ONCE):
            part = cells[start : start + _AT_ONCE]
            look.up_tasks(part)
            look.up_records(part, read=records)
    return cells


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Fills cells with what the store has, one query a link."""

    plan: Plan
    store: Store
    keys: Keys = field(default_factory=Keys)

    def up_tasks(self, cells: Sequence[Cell]) -> None:
        """Follow the chain weights, attributions, curves as far as the store has it."""
        samples = self.plan.samples
        models = {id(cell.model): cell.model for cell in cells}
        trained = {place: self.keys.train(model) for place, model in models.items()}
        for cell, digest in self._digests([(cell, trained[id(cell.model)]) for cell in cells], "weights"):
            cell.weights = digest
        explained = [
            (cell, self.keys.explain(cell.model, cell.method, samples, weights=cell.weights))
            for cell in cells
            if cell.weights
        ]
        for cell, digest in self._digests(explained, "attributions"):
            cell.attributions = digest
        done: dict[int, list[Protocol]] = {}
        for protocol in self.plan.protocols:
            keys = {
                id(cell): self.keys.perturb(cell.model, protocol, samples, weights=weights, attributions=attributions)
                for cell, weights, attributions in _explained(cells)
            }
            finished = self.store.finished(keys.values())
            for place, key in keys.items():
                if key in finished:
                    done.setdefault(place, []).append(protocol)
        sets: dict[tuple[Protocol, ...], frozenset[Protocol]] = {}  # most cells have the same
        for cell in cells:
            protocols = tuple(done.get(id(cell), ()))
            cell.protocols = sets.setdefault(protocols, frozenset(protocols))

    def up_records(self, cells: Sequence[Cell], *, read: bool) -> None:
        """Find the records, or only whether they are there."""
        metrics, samples = self.plan.metrics, self.plan.samples
        keys = {
            id(cell): self.keys.records(
                cell.model, cell.method, metrics, samples, weights=weights, attributions=attributions
            )
            for cell, weights, attributions in _explained(cells)
        }
        wanted = [key for of_cell in keys.values() for key in of_cell]
        known = self._measured(wanted) if read else dict.fromkeys(self.store.measured(wanted))
        nothing = ["" for _ in metrics]
        for cell in cells:
            of_cell = keys.get(id(cell), nothing)
            absent = [metric for metric, key in zip(metrics, of_cell, strict=True) if key not in known]
            cell.missing = metrics if len(absent) == len(metrics) else tuple(absent)
        if read:
            notes = self._notes([cell for cell in cells if cell.missing])
            for cell in cells:
                of_cell = keys.get(id(cell), nothing)
                found = [known.get(key) or notes.get((id(cell), place)) for place, key in enumerate(of_cell)]
                cell.records = tuple(record for record in found if record is not None)

    def _notes(self, cells: Sequence[Cell]) -> dict[tuple[int, int], Record]:
        """Why numbers are missing, by cell and place of the metric."""
        keys = {}
        for cell in cells:
            of_cell = self.keys.failures(cell.model, cell.method, self.plan.metrics, self.plan.samples)
            keys.update({(id(cell), place): key for place, key in enumerate(of_cell)})
        known = self._read(list(keys.values()))
        return {place: known[key] for place, key in keys.items() if key in known}

    def _measured(self, keys: Sequence[str]) -> dict[str, Record]:
        """Without failures, which earlier versions kept in the place of the number."""
        return {key: record for key, record in self._read(keys).items() if record.status is not Status.FAILED}

    def _read(self, keys: Sequence[str]) -> dict[str, Record]:
        return {record.key: record for record in self.store.records(keys)}

    def _digests(self, keys: Sequence[tuple[Cell, str]], artifact: str) -> list[tuple[Cell, str]]:
        """The artifact's digest of each cell whose task is done."""
        outcomes = self.store.outcomes(key for _, key in keys)
        return [(cell, outcomes[key]["artifacts"][artifact]) for cell, key in keys if key in outcomes]


def _explained(cells: Sequence[Cell]) -> Iterator[tuple[Cell, str, str]]:
    """The cells that have maps, with the digests of their weights and maps."""
    return ((cell, cell.weights, cell.attributions) for cell in cells if cell.weights and cell.attributions)
