"""Published numbers beside ours, laid out as a paper would: often training methods side by side, metric by metric."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from .distances import distances_in_words
from .effect_signs import sign_counts, signs, sizes_in_words
from .published import KEY, NOT_SHOWN
from .sheet import Sheet
from .tables import MISSING, Head, Table, TableCell, TableRow, format_number

DIFFERS = "≠"
_MEAN = "mean over all"  # shown where a published number is a mean over all there are
_SIDE_BY_SIDE = ("training", "saliency", "metric")  # one of them stands in columns, the first that suits
_MOST = 4  # of its values
_PRECISE = 4  # digits after the point of a published number, at most; a ratio of two has more
_FILLED = 0.6  # of the cells, at least; else each number has a row of its own
_RULE = (
    f"{DIFFERS} differs: the published mean lies outside the 95 % prediction interval of ours. (4/5): of five models "
    "four reach the published accuracy, and the mean is over these."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSheet(Sheet):
    """A sheet of such tables; its `cells` are the rows of `published.compare`, and the table that each is of."""

    @property
    def intervals(self) -> str:
        """How to read the numbers."""
        return "Measured: mean ± standard deviation over seeds."

    @property
    def marks(self) -> str:
        """How to read the marks."""
        return _RULE


def long_form(comparisons: Sequence[tuple[str, pd.DataFrame]]) -> pd.DataFrame:
    """All rows of several comparisons, each with the title of its table, without the values of single seeds."""
    parts = [found.drop(columns=NOT_SHOWN).assign(table=title) for title, found in comparisons]
    whole = pd.concat(parts, ignore_index=True)
    return whole[["table", *whole.columns.drop("table")]]


def verdict_counts(comparison: pd.DataFrame) -> str:
    """How many published numbers agree, differ, or cannot be compared."""
    short = comparison["verdict"].str.split(":").str[0]
    return ", ".join(f"{count} {verdict}" for verdict, count in short.value_counts().items())


def published_tables(
    title: str, comparison: pd.DataFrame, *, methods: Sequence[str] = (), most_rows: int | None = None, more: str = ""
) -> list[Table]:
    """What was measured beside what was published.

    Args:
        title: of the published table.
        comparison: what `published.compare` gives.
        methods: the training methods whose effects the publication claims.
        most_rows: that a table shows, beginning with those that are measured; None shows all.
        more: the command that shows all.

    Returns:
        A table for each metric, or one with the metrics side by side; below the last one stands what follows from all.
    """
    shown = comparison
    if most_rows is not None and (comparison["verdict"] != "not measured").any():
        shown = comparison[comparison["verdict"] != "not measured"]
    varying = _varying(shown)
    side = _side(shown, varying)
    apart = side != "metric" and "metric" in varying and len(varying) > 1
    parts = [part for _, part in shown.groupby("metric", sort=False)] if apart else [shown]
    made = [_table(title, part, side, most_rows, more) for part in parts]
    notes = (*made[-1].notes, *_conclusions(comparison, methods))
    return [*made[:-1], replace(made[-1], notes=notes)]


def _side(comparison: pd.DataFrame, varying: Sequence[str]) -> str | None:
    """The key whose values stand side by side, None if no key suits."""
    for key in _SIDE_BY_SIDE:
        others = [other for other in varying if other != key]
        rows = [other for other in others if other != "metric"]
        if key not in varying or not rows or comparison[key].nunique() > _MOST:
            continue
        cells = len(comparison.drop_duplicates(others)) * comparison[key].nunique()
        if len(comparison) >= _FILLED * cells:
            return key
    return None


def _varying(comparison: pd.DataFrame) -> list[str]:
    return [key for key in KEY if len(comparison[key].unique()) > 1]


def _table(title: str, comparison: pd.DataFrame, side: str | None, most_rows: int | None, more: str) -> Table:
    varying = _varying(comparison)
    rows = [key for key in varying if key != side] or KEY[-1:]
    same = [str(comparison[key].iloc[0]) for key in KEY if key not in (side, *rows)]
    columns = [""] if side is None else list(dict.fromkeys(comparison[side].astype(str)))
    decimals = _Decimals.of(comparison)
    cells: dict[tuple[str, ...], dict[str, dict[Hashable, Any]]] = {}
    for row in comparison.to_dict("records"):
        names = tuple(str(row[key]) or _MEAN for key in rows)
        cells.setdefault(names, {})["" if side is None else str(row[side])] = row
    places = [{name: place for place, name in enumerate(dict.fromkeys(names))} for names in zip(*cells, strict=True)]
    order = sorted(cells, key=lambda names: [place[name] for place, name in zip(places, names, strict=True)])
    kept = order if most_rows is None else order[:most_rows]
    laid_out = [
        TableRow(
            names=names,
            seeds=max(int(row["seeds"]) for row in cells[names].values()),
            cells=tuple(cell for column in columns for cell in _pair(cells[names].get(column), decimals)),
        )
        for names in kept
    ]
    return Table(
        title=" · ".join(filter(None, (title, *same))),
        keys=tuple(rows),
        heads=tuple(
            Head(name=" · ".join(filter(None, (column or (_MEAN if side else ""), what))))
            for column in columns
            for what in ("published", "measured")
        ),
        competitors=tuple(laid_out),
        controls=(),
        notes=(f"{len(order) - len(kept)} more rows: {more}",) if len(kept) < len(order) else (),
    )


class _Decimals(NamedTuple):
    """Digits after the point: as many as were published, and of ours enough to leave three to the largest number."""

    published: int
    measured: int

    @classmethod
    def of(cls, comparison: pd.DataFrame) -> Self:
        claims = comparison["published"].to_numpy(float)
        written = max(len(f"{claim:.{_PRECISE}f}".rstrip("0").partition(".")[2]) for claim in claims)
        numbers = np.abs(comparison[["published", "measured"]].to_numpy(float))
        largest = np.max(numbers, where=np.isfinite(numbers), initial=0.0)
        return cls(written, max(written, int(np.clip(3 - np.ceil(np.log10(largest or 1.0)), 0, 6))))


def _pair(row: dict[Hashable, Any] | None, decimals: _Decimals) -> tuple[TableCell, TableCell]:
    """The published number and ours."""
    if row is None:
        nothing = TableCell(text=MISSING, spread=MISSING, short=MISSING)
        return nothing, nothing
    claim = format_number(row["published"], decimals.published)
    published = TableCell(text=claim, spread=claim, short=claim)
    mean = MISSING if np.isnan(row["measured"]) else format_number(row["measured"], decimals.measured)
    beside = "" if np.isnan(row["sd"]) else f"± {format_number(row['sd'], decimals.measured)}"
    accurate = f"({row['models'] - row['below']}/{row['models']})" if row["below"] else ""
    mark = DIFFERS if str(row["verdict"]).startswith("differs") else ""
    text, short = (" ".join(filter(None, (*parts, accurate, mark))) for parts in ((mean, beside), (mean,)))
    return published, TableCell(text=text, spread=text, short=short, beside=beside)


def _conclusions(comparison: pd.DataFrame, methods: Sequence[str]) -> Iterator[str]:
    yield f"{len(comparison)} published numbers: {verdict_counts(comparison)}"
    for verdict in comparison["verdict"].str.partition(";")[0].unique():
        if verdict.startswith("cannot"):
            yield verdict
    effects = signs(comparison, methods=methods)
    if len(effects):
        what = f"{methods[0]} moves" if len(methods) == 1 else "training methods move"
        yield f"cells in which {what} the number as published: {sign_counts(effects)}"
        for column in ("metric", *(["training"] if len(methods) > 1 else [])):
            for name, group in effects.groupby(column, sort=False):
                yield f"… {name}: {sign_counts(group)}"
        if sizes := sizes_in_words(effects):
            yield sizes
    if said := distances_in_words(comparison):
        yield said
