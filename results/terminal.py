"""A leaderboard in a terminal."""

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
from .tables import MISSING, Table, TableCell, TableRow, format_number, tables

_ALL = "salbench table SUITE --format csv"


def to_terminal(leaderboard: Leaderboard, console: Console, *, caption: str, command: str = _ALL) -> None:
    """Print one table for each dataset and architecture, and the training methods side by side.

    The best values are bold, or starred where the output is no terminal. Metrics that do not fit are left out, from
    the last; a line says how many.

    Args:
        leaderboard: what to print.
        console: where to; its width decides what fits.
        caption: printed below the tables.
        command: named as the way to see all columns.
    """
    for table in tables(leaderboard):
        _print_fitting([_grid(table, count, console) for count in range(len(table.metrics), 0, -1)], console, command)
        for note in table.notes:
            console.print(Text(f"  {note}", style="dim"))
        console.print()
    averages = summary(leaderboard)
    if len(averages):
        metrics = [metric for metric in leaderboard.metrics if metric.name in set(averages["metric"])]
        grids = [_side_by_side(averages, metrics[:count]) for count in range(len(metrics), 0, -1)]
        _print_fitting(grids, console, command)
        console.print(Text(f"  {summaries.RULE}", style="dim"), end="\n\n")
    console.print(Text(caption))
    console.print(Text(RULE if console.is_terminal else RULE.replace("Bold:", "Star:"), style="dim"))


def _print_fitting(grids: list[Grid], console: Console, command: str) -> None:
    """Print the first grid that fits, or the last; each has one column fewer than the one before."""
    if not grids:
        console.print(Text("  no metric has a value here", style="dim"))
        return
    unbounded = console.options.update_width(100_000)
    widths = [Measurement.get(console, unbounded, grid).maximum for grid in grids]
    hidden = next((index for index, width in enumerate(widths) if width <= console.width), len(grids) - 1)
    console.print(grids[hidden])
    if hidden:
        columns = "1 column is" if hidden == 1 else f"{hidden} columns are"
        console.print(Text(f"  {columns} hidden, this terminal being too narrow; {command} shows all", style="dim"))


def _grid(table: Table, count: int, console: Console) -> Grid:
    grid = _empty(table.title, ["training", "saliency"], ["seeds"], table.metrics[:count])
    for row in table.competitors:
        grid.add_row(*_texts(row, count, console))
    grid.add_section()
    for row in table.controls:
        grid.add_row(*_texts(row, count, console), style="dim")
    return grid


def _empty(title: str, left: list[str], right: list[str], metrics: tuple[MetricColumn, ...]) -> Grid:
    # Names come from data: as Text they are shown as they are, where a str would be read as markup.
    grid = Grid(title=Text(title, style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in left:
        grid.add_column(name, no_wrap=True)
    for name in right + [f"{metric.name} {metric.arrow}" for metric in metrics]:
        grid.add_column(Text(name), justify="right", no_wrap=True)
    return grid


def _texts(row: TableRow, count: int, console: Console) -> list[Text]:
    cells = [_text(cell, console) for cell in row.cells[:count]]
    return [Text(row.training), Text(row.saliency), Text(str(row.seeds)), *cells]


def _text(cell: TableCell, console: Console) -> Text:
    if cell.best:
        return Text(cell.text, style="bold") if console.is_terminal else Text(f"{cell.text} *")
    return Text(cell.text, style="red" if cell.text == "failed" else "")


def _side_by_side(averages: pd.DataFrame, metrics: list[MetricColumn]) -> Grid:
    grid = _empty("Training methods side by side", ["dataset", "architecture", "training"], [], tuple(metrics))
    last = None
    for (dataset, architecture, training), row in averages.groupby([*GROUP, "training"], observed=True):
        if last not in (None, (dataset, architecture)):
            grid.add_section()
        last = (dataset, architecture)
        numbers = zip(row["metric"], row["mean"], row["decimals"], strict=True)
        by_metric = {metric: format_number(mean, decimals) for metric, mean, decimals in numbers}
        values = [by_metric.get(metric.name, MISSING) for metric in metrics]
        grid.add_row(*(Text(str(text)) for text in (dataset, architecture, training, *values)))
    return grid
