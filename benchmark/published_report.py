"""Published numbers beside our own, in a terminal."""

from collections.abc import Sequence

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ..results.distances import distances_in_words
from ..results.effect_signs import sign_counts, signs
from ..results.published import KEY
from .plan_results import Results
from .suite import Published

_WIDE = 110  # columns of a terminal from which on the difference has one of its own
_SHOWN = 12  # rows of a table that is longer, unless every cell is asked for


def print_comparisons(results: Results, console: Console, *, every_cell: bool = False) -> None:
    """Each published table that the suite answers: the cells, how many agree, and how many effects have the sign.

    Args:
        results: of a suite.
        console: where to print.
        every_cell: print all rows of long tables, and say so where the suite answers no published table.
    """
    if every_cell and not results.comparisons:
        console.print(f"Suite {results.plan.suite} answers no published table.")
    for table, comparison in results.comparisons:
        measured = comparison[comparison["verdict"] != "not measured"]
        shown = comparison if every_cell else measured.head(_SHOWN)
        console.print(_grid(table, shown, wide=console.width >= _WIDE))
        if len(shown) < len(measured):
            rest = f"{len(measured) - len(shown)} more cells: {results.command_line('table', '--published')}"
            console.print(Text(f"  {rest}", style="dim"))
        counts = comparison["verdict"].str.split(":").str[0].value_counts()
        console.print("  " + ", ".join(f"{count} of {len(comparison)} {verdict}" for verdict, count in counts.items()))
        if results.suite.obstacle and len(measured):
            console.print(Text(f"  Cannot be compared: {results.suite.obstacle}"), soft_wrap=True)
        _print_signs(comparison, table.methods, console)
        if said := distances_in_words(comparison):
            console.print(f"  {said[0].upper()}{said[1:]}.", highlight=False)
        console.print()


def _grid(table: Published, rows: pd.DataFrame, *, wide: bool) -> Table:
    """The cells as a table; what is the same in all of them stands in the title."""
    values = {column: rows[column].unique().tolist() for column in KEY}
    keys = [column for column in KEY if len(values[column]) > 1]
    fixed = [str(found[0]) for found in values.values() if len(found) == 1 and found[0]]
    title = escape(" · ".join([table.title, *fixed]))
    grid = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    grid.add_column(" ".join(keys), min_width=30, overflow="fold")
    for column in ("published", "measured ± sd", *(["difference"] if wide else [])):
        grid.add_column(column, justify="right", no_wrap=True)
    grid.add_column("seeds", justify="right", no_wrap=True)
    some_below = rows["below"].any()
    if some_below:
        grid.add_column("models below accuracy", justify="right")
    verdicts = rows["verdict"].str.split(r"[:(]").str[0].str.strip()
    differ = len(set(verdicts)) > 1  # else the line below the table says it once for all
    if differ:
        grid.add_column("verdict")
    for row, verdict in zip(rows.to_dict("records"), verdicts, strict=True):
        spread = "" if pd.isna(row["sd"]) else f" ± {row['sd']:.2g}"
        numbers = [Text(_number(row["published"])), Text(_number(row["measured"]) + spread)]
        numbers += [Text(_number(row["difference"]))] if wide else []
        name = Text(" ".join(str(row[column]) or "mean over all" for column in keys))
        below = [f"{row['below']} of {row['models']}" if row["below"] else ""] if some_below else []
        grid.add_row(name, *numbers, str(row["seeds"]), *below, *([Text(verdict)] if differ else []))
    return grid


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.4g}"


def _print_signs(comparison: pd.DataFrame, methods: Sequence[str], console: Console) -> None:
    effects = signs(comparison, methods=methods)
    if len(effects):
        what = f"{methods[0]} moves" if len(methods) == 1 else "training methods move"
        console.print(f"  Cells in which {what} the number as published: {sign_counts(effects)}.")
        for column in ("metric", *(["training"] if len(methods) > 1 else [])):
            for name, group in effects.groupby(column, sort=False):
                console.print(f"    {name}: {sign_counts(group)}")
