"""A leaderboard in a terminal."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Grid
from rich.text import Text

from . import summary as summaries
from .best import RULE
from .leaderboard import GROUP, Leaderboard, MetricColumn
from .summary import summary
from .tables import MISSING, Table, TableCell, format_number, tables

_LayOut = Callable[[int, bool], Grid]  # from the number of metrics shown, and whether with their spread
_ALL = "salbench table SUITE --format csv"


def to_terminal(leaderboard: Leaderboard, console: Console, *, caption: str, command: str = _ALL) -> None:
    """Print one table for each dataset and architecture, and the training methods side by side.

    The best values are bold, or starred where the output is no terminal. Where the table does not fit, the spread over
    seeds is left out first, then metrics from the last; a line says so.

    Args:
        leaderboard: what to print.
        console: where to; its width decides what fits.
        caption: printed below the tables.
        command: named as the way to see all columns.
    """
    for table in tables(leaderboard):
        layouts = [(len(table.metrics), True), *((count, False) for count in range(len(table.metrics), 0, -1))]
        _print_fitting(layouts if table.metrics else [], partial(_grid, table, console), console, command)
        for note in table.notes:
            console.print(Text(f"  {note}", style="dim"))
        console.print()
    averages = summary(leaderboard)
    if len(averages):
        metrics = [metric for metric in leaderboard.metrics if metric.name in set(averages["metric"])]
        layouts = [(count, False) for count in range(len(metrics), 0, -1)]
        _print_fitting(layouts, partial(_side_by_side, averages, metrics), console, command)
        console.print(Text(f"  {summaries.RULE}", style="dim"), end="\n\n")
    console.print(Text(caption))
    console.print(Text(RULE if console.is_terminal else RULE.replace("Bold:", "Star:"), style="dim"))


def _print_fitting(layouts: Sequence[tuple[int, bool]], lay_out: _LayOut, console: Console, command: str) -> None:
    """Print the first layout that fits, or the last."""
    if not layouts:
        console.print(Text("  no metric has a value here", style="dim"))
        return
    unbounded = console.options.update_width(100_000)
    for count, spread in layouts:
        grid = lay_out(count, spread)
        if Measurement.get(console, unbounded, grid).maximum <= console.width:
            break
    console.print(grid)
    hidden = layouts[0][0] - count
    if hidden:
        columns = "1 column" if hidden == 1 else f"{hidden} columns"
        console.print(Text(f"  {columns} and the spread hidden to fit this terminal; {command} shows all", style="dim"))


def _grid(table: Table, console: Console, count: int, spread: bool) -> Grid:
    """One column for the names, the training method above its saliency methods, and one for each metric."""
    grid = _empty(table.title, ["saliency"], table.metrics[:count])
    for rows, style in ((table.competitors, ""), (table.controls, "dim")):
        for training, group in groupby(rows, key=lambda row: row.training):
            grid.add_row(Text(training, style="italic"), style=style)
            for row in group:
                texts = [_text(cell, console, spread=spread) for cell in row.cells[:count]]
                grid.add_row(Text(f"  {row.saliency}"), *texts, style=style)
        grid.add_section()
    return grid


def _empty(title: str, left: list[str], metrics: Sequence[MetricColumn]) -> Grid:
    # Names come from data: as Text they are shown as they are, where a str would be read as markup.
    grid = Grid(title=Text(title, style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in left:
        grid.add_column(name, no_wrap=True, vertical="bottom")
    for metric in metrics:
        grid.add_column(Text(f"{metric.name} {metric.arrow}".replace("_", "\n")), justify="right", vertical="bottom")
    return grid


def _text(cell: TableCell, console: Console, *, spread: bool) -> Text:
    text = cell.text if spread else cell.short
    if cell.best:
        return Text(text, style="bold") if console.is_terminal else Text(f"{text} *")
    return Text(text, style="red" if cell.text == "failed" else "")


def _side_by_side(averages: pd.DataFrame, metrics: list[MetricColumn], count: int, spread: bool) -> Grid:
    shown = metrics[:count]
    grid = _empty("Training methods side by side", ["dataset", "architecture", "training"], shown)
    last = None
    for (dataset, architecture, training), row in averages.groupby([*GROUP, "training"], observed=True):
        if last not in (None, (dataset, architecture)):
            grid.add_section()
        last = (dataset, architecture)
        numbers = zip(row["metric"], row["mean"], row["decimals"], strict=True)
        by_metric = {metric: format_number(mean, decimals) for metric, mean, decimals in numbers}
        values = [by_metric.get(metric.name, MISSING) for metric in shown]
        grid.add_row(*(Text(str(text)) for text in (dataset, architecture, training, *values)))
    return grid
