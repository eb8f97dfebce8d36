"""A leaderboard laid out for reading: one wide table for each dataset and architecture, the same in every format."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .leaderboard import Leaderboard, MetricColumn

MISSING = "\N{EN DASH}"  # shown where there is no record at all
_NAMED = 4  # entries that a footnote names before it only counts them


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """One number as text."""

    text: str
    short: str  # without the spread over seeds
    best: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """One entry: a training method and a saliency method, with a cell for each metric of the table."""

    training: str
    saliency: str
    seeds: int  # the most that any of its cells has
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is compared on one dataset with one architecture."""

    dataset: str
    architecture: str
    metrics: tuple[MetricColumn, ...]
    competitors: tuple[TableRow, ...]
    controls: tuple[TableRow, ...]
    notes: tuple[str, ...]  # metrics left out, and the reason for every cell without a full value

    @property
    def title(self) -> str:
        """Dataset and architecture."""
        return f"{self.dataset} · {self.architecture}"


def tables(leaderboard: Leaderboard) -> Iterator[Table]:
    """Lay out each group of a leaderboard.

    A metric that was skipped for all entries of a group has no column there, but a note.
    """
    for dataset, architecture, cells in leaderboard.groups():
        applies = (cells["status"] != "skipped").groupby(cells["metric"], observed=True).any()
        metrics = tuple(metric for metric in leaderboard.metrics if applies.get(metric.name, False))
        shown = cells[cells["metric"].isin([metric.name for metric in metrics])]
        left_out = cells[~cells.index.isin(shown.index)].drop_duplicates("metric")
        reasons = left_out.groupby("note", observed=True, sort=False)["metric"]
        notes = [f"left out: {', '.join(names)}: {note}" for note, names in reasons]
        rows = cells.groupby(["control", "training", "saliency"], observed=True)
        laid_out = [(control, _row(row, metrics)) for (control, _, _), row in rows]
        competitors = tuple(row for control, row in laid_out if not control)
        yield Table(
            dataset=dataset,
            architecture=architecture,
            metrics=metrics,
            competitors=competitors,
            controls=tuple(row for control, row in laid_out if control),
            notes=tuple(notes + _footnotes(shown) + _marked_maps(shown)),
        )


def _row(cells: pd.DataFrame, metrics: tuple[MetricColumn, ...]) -> TableRow:
    by_metric: dict[str, Any] = {str(cell.metric): cell for cell in cells.itertuples()}
    return TableRow(
        training=str(cells["training"].iloc[0]),
        saliency=str(cells["saliency"].iloc[0]),
        seeds=int(cells["seeds"].max()),
        cells=tuple(_cell(by_metric.get(metric.name)) for metric in metrics),
    )


def _cell(cell: Any) -> TableCell:  # a row of `Leaderboard.cells`, which pandas leaves untyped
    if cell is None:
        return TableCell(text=MISSING, short=MISSING)
    if cell.status not in ("ok", "partial"):
        return TableCell(text=cell.status, short=cell.status)
    mean = format_number(cell.mean, cell.decimals)
    spread = f" ± {format_number(cell.sd, cell.decimals)}" if cell.seeds > 1 else ""
    part = f" ({cell.seeds}/{cell.expected})" if cell.status == "partial" else ""
    return TableCell(text=mean + spread + part, short=mean + part, best=bool(cell.best))


def format_number(value: float, decimals: int) -> str:
    """The value with this many digits after the point, and never as -0."""
    return f"{value:z.{decimals}f}"


def _footnotes(cells: pd.DataFrame) -> list[str]:
    incomplete = cells[cells["status"] != "ok"]
    notes = []
    for (metric, status, note), same in incomplete.groupby(["metric", "status", "note"], observed=True, sort=False):
        entries = [f"{cell.training}/{cell.saliency}" for cell in same.itertuples()]
        more = f" and {len(entries) - _NAMED} more" if len(entries) > _NAMED else ""
        notes.append(f"{metric} {status} for {', '.join(entries[:_NAMED])}{more}: {note}")
    return notes


def _marked_maps(cells: pd.DataFrame) -> list[str]:
    """A note for each method whose maps say nothing or do not add up; the worst count over its trainings is named."""
    notes = []
    methods = cells[~cells["control"]].groupby("saliency", observed=True)
    for column, what in (
        ("degenerate", "have one value everywhere"),
        ("incomplete", "do not sum to the difference of outputs that they explain"),
    ):
        for saliency, same in methods:
            worst = same.sort_values(column, ascending=False, kind="stable").iloc[0]
            if worst[column]:
                notes.append(f"{saliency}: {worst[column]} maps {what} ({worst['training']})")
    return notes
