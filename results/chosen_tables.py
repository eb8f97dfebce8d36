"""Tables whose rows and columns are chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from . import summary
from .averages import averages
from .cell_intervals import cell_intervals
from .choice import Choice
from .leaderboard import GROUP, Leaderboard, MetricColumn
from .record import Record
from .scores import ReadScores
from .sheet import SIDE_BY_SIDE as TITLE
from .sheet import Sheet
from .tables import Head, Table, TableCell, TableRow, doubts, footnotes, sources, table_cell

_Names = tuple[Any, ...]
SIDE_BY_SIDE = Choice(rows=(*GROUP, "training"), columns=("metric",), mean_over=("saliency",))


def chosen_sheet(
    records: Iterable[Record], leaderboard: Leaderboard, choice: Choice, caption: str, *, read_scores: ReadScores
) -> Sheet:
    """A leaderboard in another layout; see `averages.averages` for what its means are over.

    Args:
        records: what the leaderboard sums up.
        leaderboard: with the marks of unreliable metrics.
        choice: of rows, columns and means.
        caption: how it was made, in plain text.
        read_scores: from a record to its scores of single samples, see `kept_scores`.
    """
    kept = list(records)
    notes: dict[_Names, list[str]] = {}
    if choice.averaged:
        found = averages(kept, leaderboard, choice, read_scores=read_scores)
        cells, notes = found.cells, found.notes
    else:
        cells = leaderboard.cells if choice.over_seeds else _of_each_seed(kept, leaderboard, read_scores)
    cells = _in_order(cells, leaderboard, choice.rows)
    return Sheet(
        caption=caption,
        tables=tuple(_tables(cells, notes, leaderboard.metrics, choice)),
        cells=cells if len(cells) else leaderboard.cells.iloc[:0],
        metrics=leaderboard.metrics,
        seeds=leaderboard.seeds,
    )


def side_by_side(records: Iterable[Record], leaderboard: Leaderboard, *, read_scores: ReadScores) -> Table | None:
    """Training methods by the means over the saliency methods that they share, None if no data set has two of them."""
    several = {
        (dataset, architecture)
        for dataset, architecture, cells in leaderboard.groups()
        if len(cells["training"].unique()) > 1
    }
    kept = [
        record
        for record in records
        if record.across_models and (record.dataset, record.architecture) in several and not record.control
    ]
    found = averages(kept, leaderboard, SIDE_BY_SIDE, read_scores=read_scores, within=GROUP)
    if found.cells.empty:
        return None
    cells = found.cells[found.cells["status"] == "ok"].assign(best=False)
    cells = _in_order(cells, leaderboard, SIDE_BY_SIDE.rows)
    if cells.empty:
        return None
    (table,) = _tables(cells, {}, leaderboard.metrics, SIDE_BY_SIDE)
    return replace(table, title=TITLE, notes=(summary.RULE, *sources(cells)))


def _in_order(cells: pd.DataFrame, leaderboard: Leaderboard, keys: Sequence[str]) -> pd.DataFrame:
    """The cells in the order of the leaderboard, by the first of the keys, then by the next."""
    if cells.empty:
        return cells
    places = pd.DataFrame(
        {
            key: cells[key]
            if key == "seed"
            else leaderboard.cells[key].cat.categories.get_indexer(pd.Index(cells[key].astype(object)))
            for key in keys
        },
        index=cells.index,
    )
    return cells.loc[places.sort_values(list(keys), kind="stable").index].reset_index(drop=True)


def _of_each_seed(records: list[Record], leaderboard: Leaderboard, read_scores: ReadScores) -> pd.DataFrame:
    marks = leaderboard.cells[[*GROUP, "metric", "unreliable"]].drop_duplicates()
    reliability = marks.rename(columns={"unreliable": "reason"}).assign(reliable=marks["unreliable"] == "")
    parts = []
    for seed in leaderboard.seeds:
        own = [record for record in records if record.seed == seed]
        intervals = cell_intervals(own, read_scores=read_scores)
        cells = Leaderboard.from_records(own).with_evidence(intervals=intervals, reliability=reliability).cells
        parts.append(cells.astype(dict.fromkeys([*GROUP, "training", "saliency", "metric"], object)).assign(seed=seed))
    return pd.concat(parts, ignore_index=True) if parts else leaderboard.cells.assign(seed=0)


def _tables(
    cells: pd.DataFrame, notes: dict[_Names, list[str]], metrics: tuple[MetricColumn, ...], choice: Choice
) -> Iterable[Table]:
    by_name = {metric.name: metric for metric in metrics}
    groups = _grouped(cells, choice.tables) if len(cells) else {}
    for names in dict.fromkeys((*groups, *notes)):
        own = groups.get(names, cells.iloc[:0])
        yield _table(own, names, notes.get(names, []), by_name, choice)


def _grouped(cells: pd.DataFrame, keys: Sequence[str]) -> dict[_Names, pd.DataFrame]:
    """The cells by their values of some keys, in order of appearance."""
    if not keys:
        return {(): cells}
    plain = cells.astype({key: object for key in keys if key != "seed"})
    return dict(list(plain.groupby(list(keys), sort=False)))


def _table(
    cells: pd.DataFrame, names: _Names, notes: list[str], metrics: dict[str, MetricColumn], choice: Choice
) -> Table:
    columns = _grouped(cells, choice.columns) if len(cells) else {}
    ordered = _ordered(columns, choice.columns, metrics)
    skipped = [column for column in ordered if (columns[column]["status"] == "skipped").all()]
    reasons = [
        f"left out: {_named(column, choice.columns, metrics)}: {columns[column]['note'].iloc[0]}" for column in skipped
    ]
    shown = [column for column in ordered if column not in skipped]
    uniform = {column: bool((columns[column]["unreliable"] != "").all()) for column in shown}
    heads = tuple(_head(column, columns[column], uniform[column], metrics, choice) for column in shown)
    kept = cells
    if skipped and len(cells):
        of_shown = pd.concat([columns[column] for column in shown]) if shown else cells.iloc[:0]
        kept = cells.loc[sorted(of_shown.index)]
    rows: list[tuple[bool, TableRow]] = []
    empty: list[str] = []
    for row, own in (_grouped(cells, choice.rows) if len(cells) else {}).items():
        placed = {tuple(getattr(cell, key) for key in choice.columns): cell for cell in own.itertuples()}
        texts = tuple(_marked(table_cell(placed.get(column)), placed.get(column), uniform[column]) for column in shown)
        seeds = int(own["seeds"].max()) if choice.over_seeds else 1
        laid_out = TableRow(
            names=tuple(_text(value, key, metrics) for value, key in zip(row, choice.rows, strict=True)),
            seeds=seeds,
            cells=texts,
        )
        control = bool(own["control"].all()) and "saliency" in choice.rows
        if control and choice.averaged and not (own["status"] == "ok").any():
            empty.append(" · ".join(laid_out.names))
            kept = kept.drop(own.index, errors="ignore")
        else:
            rows.append((control, laid_out))
    if empty:
        reasons.append(f"controls without a value to share: {', '.join(empty)}")
    named = [key for key in ("dataset", "architecture", "training", "saliency", "seed") if key in kept.columns]
    varying = tuple(key for key in named if key not in choice.tables)
    places = tuple(key for key in GROUP if key in varying)
    said = footnotes(kept, keys=varying) + doubts(kept, keys=places) + sources(kept) if len(kept) else []
    return Table(
        title=_named(names, choice.tables, metrics) or "All together",
        keys=choice.rows,
        heads=heads,
        competitors=tuple(row for control, row in rows if not control),
        controls=tuple(row for control, row in rows if control),
        notes=tuple(reasons + notes + said),
    )


def _ordered(
    columns: dict[_Names, pd.DataFrame], keys: tuple[str, ...], metrics: dict[str, MetricColumn]
) -> list[_Names]:
    """Controls last; metrics in the leaderboard's order where they alone are columns."""
    places = {name: place for place, name in enumerate(metrics)}
    order = list(columns)
    if keys == ("metric",):
        order.sort(key=lambda column: places[str(column[0])])
    return sorted(order, key=lambda column: "saliency" in keys and bool(columns[column]["control"].all()))


def _head(
    column: _Names, cells: pd.DataFrame, unreliable: bool, metrics: dict[str, MetricColumn], choice: Choice
) -> Head:
    control = " (control)" if "saliency" in choice.columns and bool(cells["control"].all()) else ""
    others = [_text(value, key, metrics) for value, key in zip(column, choice.columns, strict=True) if key != "metric"]
    if "metric" not in choice.columns:
        names = cells["metric"].astype(str).unique()
        higher = metrics[names[0]].higher_is_better if len(names) == 1 else None
        name = " · ".join(others) + control
        return Head(name=name, arrow="‡" if unreliable else "", higher_is_better=higher)
    metric = replace(metrics[str(column[choice.columns.index("metric")])], unreliable=unreliable)
    return Head.of(metric, before="".join(f"{name}{control} · " for name in others))


def _marked(text: TableCell, cell: Any, uniform: bool) -> TableCell:
    """With the mark of an unreliable metric, where the head of the column does not have it."""
    if cell is None or uniform or not cell.unreliable:
        return text
    return replace(text, text=f"{text.text} ‡", spread=f"{text.spread} ‡", short=f"{text.short} ‡")


def _named(names: _Names, keys: Sequence[str], metrics: dict[str, MetricColumn]) -> str:
    return " · ".join(_text(value, key, metrics) for value, key in zip(names, keys, strict=True))


def _text(value: Any, key: str, metrics: dict[str, MetricColumn]) -> str:
    if key == "seed":
        return f"seed {value}"
    return f"{value} {metrics[str(value)].arrow}" if key == "metric" else str(value)
