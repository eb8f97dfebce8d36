"""Published numbers beside our own, in a terminal."""

from rich.console import Console

from ...results.formats.terminal import to_terminal
from ..plan_results import Results

_SHOWN = 12  # rows of a table that is longer, unless all are asked for


def print_comparisons(results: Results, console: Console, *, every_row: bool = False) -> None:
    """Each published table that the suite answers, if any.

    Args:
        results: of a suite.
        console: where to print.
        every_row: print all rows of long tables, and those of which nothing is measured.
    """
    if results.comparisons:
        sheet = results.published(most_rows=None if every_row else _SHOWN)
        to_terminal(sheet, console, command=results.command_line("table", "--published", "--format", "markdown"))
