"""The maps of an earlier run under every known definition of a measure: does a claim depend on a convention?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
import torch

from ...datasets.files.fetch import data_root
from ...metrics.base import Case
from ...metrics.conventions import CONVENTIONS, convention_values
from ...metrics.curves import Curves
from ...metrics.protocol import Protocol
from ...results.convention_tables import contested_pairs, convention_agreement, ranked_values
from ...results.errors import DamagedArtifact, MissingArtifact
from ...results.leaderboard import Leaderboard
from ...results.record import Record, Status
from ...results.store import Store
from ..command_line import STORE, command_line
from ..entry_settings import versioned
from ..inventory import Cell, inventory
from ..keys import perturb_key
from ..planning import Plan
from ..request import Request
from ..tasks import explained_samples

_CPU = torch.device("cpu")
_PROTOCOLS = tuple(dict.fromkeys(protocol for convention in CONVENTIONS for protocol in convention.protocols))


@dataclass(frozen=True, kw_only=True)
class Explored:
    """The same maps under every convention that they suit."""

    request: Request
    numbers: pd.DataFrame  # as `convention_tables.ranked_values` takes them

    @cached_property
    def ranked(self) -> pd.DataFrame:
        """Values and ranks, see `convention_tables.ranked_values`."""
        return ranked_values(self.numbers)

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """Kendall's tau-b between conventions, see `convention_tables.convention_agreement`."""
        return convention_agreement(self.numbers)

    @cached_property
    def contested(self) -> pd.DataFrame:
        """Pairs of methods whose order flips, see `convention_tables.contested_pairs`."""
        return contested_pairs(self.numbers)

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """The values as a leaderboard with a column a convention, for `results.render`."""
        return Leaderboard.from_records(self._records())

    def _records(self) -> Iterator[Record]:
        for row in self.numbers.to_dict("records"):
            name, defined = f"{row['measure']}/{row['convention']}", row["value"] == row["value"]
            kept = ("dataset", "architecture", "training", "saliency", "control", "seed", "higher_is_better")
            yield Record(
                key=f"{row['dataset']}/{row['architecture']}/{row['training']}/{row['saliency']}/{row['seed']}/{name}",
                **{column: row[column] for column in kept},
                metric=name,
                metric_version=1,
                family=row["measure"],
                across_models=row["across_models"],
                status=Status.OK,
                value=row["value"] if defined else None,
                note="" if defined else "undefined",
            )


def definitions(numbers: pd.DataFrame | None = None) -> pd.DataFrame:
    """Every convention with its formula, its source, and the metric that is the same.

    Args:
        numbers: those of `Explored`, to list only what they have; None lists all.
    """
    columns = ["measure", "convention", "better", "formula", "metric", "reference"]
    rows = [
        (
            convention.measure,
            convention.name,
            "higher" if convention.higher_is_better else "lower",
            convention.formula,
            convention.metric,
            convention.reference,
        )
        for convention in CONVENTIONS
    ]
    table = pd.DataFrame(rows, columns=columns)
    if numbers is None:
        return table
    there = numbers[["measure", "convention"]].drop_duplicates()
    return table.merge(there, on=["measure", "convention"])


def conventions(request: Request | str = "quick", *, store: Path = STORE, data: Path | None = None) -> Explored:
    """Compute every convention from the maps and perturbed outputs that a store has; no model is run.

    Args:
        request: what was measured; a text is the name of a suite.
        store: the folder that keeps the measurements.
        data: the folder that holds all data; None takes SALBENCH_DATA or the user's cache.

    Raises:
        StoreError: there is no store, or it cannot be used.
        FetchError: a data set is not on this machine.
        LookupError: the store has no maps that any convention suits.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    request = Request(suite=request) if isinstance(request, str) else request
    plan = request.plan()
    rows = []
    with Store(store, read_only=True) as opened:
        cells = [cell for cell in inventory(plan, opened) if cell.attributions and cell.weights]
        for cell in cells:
            case = _case(cell, plan, opened, data or data_root())
            rows += [] if case is None else _rows(cell, case)
        lost = bool(cells) and not any(opened.has(cell.attributions) for cell in cells if cell.attributions)
    if lost:
        raise LookupError(
            f"{store} has numbers of suite {plan.suite!r} and not the maps behind them, which were taken over from "
            f"elsewhere or are gone; `{command_line('run', request, store=Path('another-store'))}` makes them there"
        )
    if not rows:
        raise LookupError(
            f"{store} has no maps with perturbation curves or known evidence of suite {plan.suite!r}; "
            f"`{command_line('run', request, store=store)}` makes them"
        )
    return Explored(request=request, numbers=pd.DataFrame(rows))


def _case(cell: Cell, plan: Plan, store: Store, data: Path) -> Case | None:
    """What the store has of one entry and seed; None where its maps are lost."""
    assert cell.attributions is not None
    dataset = cell.model.dataset
    try:
        maps = store.get(cell.attributions)["attributions"]
    except (MissingArtifact, DamagedArtifact):
        return None
    curves = {protocol: _curves(cell, protocol, plan, store) for protocol in _PROTOCOLS}
    return Case(
        samples=explained_samples(dataset, plan.samples, data, _CPU),
        attributions=maps,
        modality=dataset.modality,
        seed=cell.model.seed,
        curves={protocol: found for protocol, found in curves.items() if found is not None},
    )


def _curves(cell: Cell, protocol: Protocol, plan: Plan, store: Store) -> Curves | None:
    assert cell.weights is not None
    assert cell.attributions is not None
    key = perturb_key(cell.model, protocol, plan.samples, weights=cell.weights, attributions=cell.attributions)
    outcome = store.outcome(key)
    if outcome is None:
        return None
    try:
        return Curves(protocol=protocol, **store.get(outcome["artifacts"]["curves"]))
    except (MissingArtifact, DamagedArtifact):
        return None


def _rows(cell: Cell, case: Case) -> list[dict[str, object]]:
    model, method = cell.model, cell.method
    place = {
        "dataset": versioned(model.dataset),
        "architecture": model.architecture.name,
        "training": model.training,
        "saliency": method.name,
        "control": method.control,
        "seed": model.seed,
    }
    return [
        {
            **place,
            "measure": convention.measure,
            "convention": convention.name,
            "higher_is_better": convention.higher_is_better,
            "across_models": convention.across_models,
            "value": value,
        }
        for convention, value in convention_values(case).items()
    ]
