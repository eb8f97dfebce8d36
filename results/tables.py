"""A leaderboard laid out for reading: one wide table for each dataset and architecture, the same in every format."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from .intervals import CONFIDENCE
from .leaderboard import Leaderboard, MetricColumn

MISSING = "\N{EN DASH}"  # shown where there is no record at all
_NAMED = 4  # entries that a footnote names before it only counts them


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCell:
    """One number as text, in three lengths."""

    text: str  # with its interval, or its spread over seeds where there is none
    spread: str  # with its spread over seeds
    short: str  # alone
    beside: str = ""  # what `text` adds to `short`
    best: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """Names, one for each key of the table, and a cell for each of its columns."""

    names: tuple[str, ...]
    seeds: int  # the most that any of its cells has
    cells: tuple[TableCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above a column."""

    name: str
    arrow: str = ""  # see `MetricColumn.arrow`
    higher_is_better: bool | None = None  # None where the column holds several metrics

    @classmethod
    def of(cls, metric: MetricColumn, *, before: str = "") -> "Head":
        """Of a column of one metric, with what else tells it from others before the metric's name."""
        return cls(name=before + metric.name, arrow=metric.arrow, higher_is_better=metric.higher_is_better)

    def __str__(self) -> str:
        return f"{self.name} {self.arrow}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What is compared, as texts."""

    title: str
    keys: tuple[str, ...]  # what the names of a row are of, such as training and saliency
    heads: tuple[Head, ...]
    competitors: tuple[TableRow, ...]
    controls: tuple[TableRow, ...]
    notes: tuple[str, ...]  # metrics left out, the reason for every cell without a full value, what intervals are over


def tables(leaderboard: Leaderboard) -> Iterator[Table]:
    """Lay out each group of a leaderboard.

    A metric that was skipped for all entries of a group has no column there, but a note.
    """
    for dataset, architecture, cells in leaderboard.groups():
        applies = (cells["status"] != "skipped").groupby(cells["metric"], observed=True).any()
        doubted = set(cells.loc[cells["unreliable"] != "", "metric"])
        metrics = tuple(
            replace(metric, unreliable=metric.name in doubted)
            for metric in leaderboard.metrics
            if applies.get(metric.name, False)
        )
        shown = cells[cells["metric"].isin([metric.name for metric in metrics])]
        left_out = cells[~cells.index.isin(shown.index)].drop_duplicates("metric")
        reasons = left_out.groupby("note", observed=True, sort=False)["metric"]
        notes = [f"left out: {', '.join(names)}: {note}" for note, names in reasons]
        rows = cells.groupby(["control", "training", "saliency"], observed=True)
        laid_out = [(control, _row(names, row, metrics)) for (control, *names), row in rows]
        yield Table(
            title=f"{dataset} · {architecture}",
            keys=("training", "saliency"),
            heads=tuple(map(Head.of, metrics)),
            competitors=tuple(row for control, row in laid_out if not control),
            controls=tuple(row for control, row in laid_out if control),
            notes=tuple(notes + footnotes(shown) + _marked_maps(shown) + doubts(shown) + sources(shown)),
        )


def _row(names: list[Any], cells: pd.DataFrame, metrics: tuple[MetricColumn, ...]) -> TableRow:
    by_metric: dict[str, Any] = {str(cell.metric): cell for cell in cells.itertuples()}
    return TableRow(
        names=tuple(map(str, names)),
        seeds=int(cells["seeds"].max()),
        cells=tuple(table_cell(by_metric.get(metric.name)) for metric in metrics),
    )


def table_cell(cell: Any) -> TableCell:  # a row of `Leaderboard.cells`, which pandas leaves untyped
    """The texts of one cell, None where there is no record."""
    if cell is None:
        return TableCell(text=MISSING, spread=MISSING, short=MISSING)
    if cell.status not in ("ok", "partial"):
        return TableCell(text=cell.status, spread=cell.status, short=cell.status)
    mean, low, high = (format_number(value, cell.decimals) for value in (cell.mean, cell.low, cell.high))
    spread = f"± {format_number(cell.sd, cell.decimals)}" if cell.seeds > 1 else ""
    beside = f"[{low}, {high}]" if pd.notna(cell.low) else spread
    part = f"({cell.seeds}/{cell.expected})" if cell.status == "partial" else ""
    return TableCell(
        text=" ".join(filter(None, (mean, beside, part))),
        spread=" ".join(filter(None, (mean, spread, part))),
        short=" ".join(filter(None, (mean, part))),
        beside=beside,
        best=bool(cell.best),
    )


def format_number(value: float, decimals: int) -> str:
    """The value with this many digits after the point, and never as -0."""
    return f"{value:z.{decimals}f}"


def footnotes(cells: pd.DataFrame, *, keys: Sequence[str] = ("training", "saliency")) -> list[str]:
    """The reasons of all cells without a full value, each reason once.

    Args:
        cells: those that are shown.
        keys: by which a cell is named.
    """
    incomplete = cells[cells["status"] != "ok"]
    alike: dict[tuple[str, str, str], list[str]] = {}  # metrics that lack the same entries for one reason
    for (metric, status, note), same in incomplete.groupby(["metric", "status", "note"], observed=True, sort=False):
        alike.setdefault((str(status), _entries(same, keys), str(note)), []).append(str(metric))
    return [f"{', '.join(names)} {status} for {entries}: {note}" for (status, entries, note), names in alike.items()]


def _entries(cells: pd.DataFrame, keys: Sequence[str]) -> str:
    entries = ["/".join(map(str, names)) for names in cells[list(keys)].itertuples(index=False, name=None)]
    more = f" and {len(entries) - _NAMED} more" if len(entries) > _NAMED else ""
    return ", ".join(entries[:_NAMED]) + more


def doubts(cells: pd.DataFrame, *, keys: Sequence[str] = ()) -> list[str]:
    """Why metrics are marked as unreliable; those with one reason together.

    Args:
        cells: those that are shown.
        keys: that tell where, if a table has several data sets or architectures.
    """
    marked = cells[cells["unreliable"] != ""].drop_duplicates(["metric", *keys, "unreliable"])
    notes = []
    for reason, same in marked.groupby("unreliable", observed=True, sort=False):
        places = same[["metric", *keys]].itertuples(index=False, name=None)
        names = [f"{metric} on {'/'.join(map(str, place))}" if place else str(metric) for metric, *place in places]
        notes.append(f"‡ unreliable here: {', '.join(names)}: {reason}")
    return notes


def sources(cells: pd.DataFrame) -> list[str]:
    """Over what the intervals are, and why means have none; the most frequent source stands for all that are not named.

    Args:
        cells: those that are shown.
    """
    valued = cells[cells["status"].isin(["ok", "partial"])]
    counts = valued["source"].value_counts()
    parts = []
    for place, source in enumerate(map(str, counts.index)):
        known = valued[valued["source"] == source]
        what = source if known["low"].notna().any() else f"none ({source})"
        parts.append(what if place == 0 else f"{what} for {_metrics(known, valued)}")
    return [f"{CONFIDENCE:.0%} intervals: {'; '.join(parts)}"] if parts else []


def _metrics(some: pd.DataFrame, every: pd.DataFrame) -> str:
    """The metrics of some cells, with how many of its cells these are where it has others too."""
    counts, totals = Counter(map(str, some["metric"])), Counter(map(str, every["metric"]))
    names = (name if count == totals[name] else f"{name} ({count} of {totals[name]})" for name, count in counts.items())
    return ", ".join(names)


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
