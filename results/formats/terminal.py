"""Tables in a terminal."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Grid
from rich.text import Text

from ..sheet import Sheet
from ..tables import Head, Table, TableCell, TableRow


class Form(StrEnum):
    """How much of each number is printed; the value says how to read it, except where intervals are shown."""

    INTERVAL = ""  # see `Sheet.intervals`
    SPREAD = "Mean ± standard deviation over seeds."
    ALONE = "Means alone, where the terminal is too narrow for more."


_LayOut = Callable[[int, Form], Grid]  # from the number of columns shown, and how
_ALL = "salbench table SUITE --format markdown"


def to_terminal(sheet: Sheet, console: Console, *, command: str = _ALL) -> None:
    """Print every table, and what is said of all of them.

    The best values are bold, or starred where the output is no terminal. Where a table does not fit, the intervals give
    way to the spread over seeds, then that is left out, then columns from the last; a line says so.

    Args:
        sheet: what to print.
        console: where to; its width decides what fits.
        command: named as the way to see all.
    """
    forms: set[Form] = set()
    for table in sheet.whole:
        plain = not any(cell.beside for row in (*table.competitors, *table.controls) for cell in row.cells)
        whole = [] if plain else [(len(table.heads), Form.INTERVAL), (len(table.heads), Form.SPREAD)]
        layouts = [*whole, *((count, Form.ALONE) for count in range(len(table.heads), 0, -1))]
        form = _print_fitting(layouts if table.heads else [], partial(_grid, table, console), console, command)
        if form is not None and not plain:
            forms.add(form)
        for note in table.notes:
            console.print(Text(f"  {note}", style="dim"))
        console.print()
    for line in sheet.missing:
        console.print(Text(line, style="yellow"), soft_wrap=True)
    if sheet.missing:
        console.print(Text(sheet.gaps[-1], style="yellow"), end="\n\n", soft_wrap=True)
    console.print(Text(sheet.caption))
    read = [str(form) or sheet.intervals for form in Form if form in forms]
    if Form.INTERVAL not in forms and forms:
        read.append(f"{command} shows all.")
    marks = sheet.marks if console.is_terminal else sheet.marks.replace("Bold:", "Star:")
    console.print(Text(" ".join([*read, marks]), style="dim"))


def _print_fitting(
    layouts: Sequence[tuple[int, Form]], lay_out: _LayOut, console: Console, command: str
) -> Form | None:
    """Print the first layout that fits, or the last; which one it was."""
    if not layouts:
        console.print(Text("  no metric has a value here", style="dim"))
        return None
    unbounded = console.options.update_width(100_000)
    for count, form in layouts:
        grid = lay_out(count, form)
        if Measurement.get(console, unbounded, grid).maximum <= console.width:
            break
    console.print(grid)
    hidden = layouts[0][0] - count
    if hidden:
        columns = "1 column" if hidden == 1 else f"{hidden} columns"
        console.print(Text(f"  {columns} hidden to fit this terminal; {command} shows all", style="dim"))
    return form


def _grid(table: Table, console: Console, count: int, form: Form) -> Grid:
    """One column for the names, those that several rows share above them, and one for each of the table's."""
    groups = len({row.names[:-1] for row in table.competitors})
    deep = len(table.keys) > 2
    flat = not table.controls and (deep or 1 < len(table.competitors) < 2 * groups)  # few rows share their names
    grid = _empty(table.title, table.keys if flat else table.keys[-1:], table.heads[:count])
    for rows, style in ((table.competitors, ""), (table.controls, "dim")):
        for shared, group in groupby(rows, key=lambda row: row.names[:-1]):
            if shared and not flat:
                grid.add_row(Text(" · ".join(shared), style="italic"), style=style)
            if flat and deep:
                grid.add_section()
            for row in group:
                grid.add_row(
                    *_names(row, flat), *(_text(cell, console, form) for cell in row.cells[:count]), style=style
                )
        grid.add_section()
    return grid


def _names(row: TableRow, flat: bool) -> list[Text]:
    # Names come from data: as Text they are shown as they are, where a str would be read as markup.
    if flat:
        return [Text(name) for name in row.names]
    return [Text(f"  {row.names[-1]}" if len(row.names) > 1 else row.names[-1])]


def _empty(title: str, left: Sequence[str], heads: Sequence[Head]) -> Grid:
    grid = Grid(title=Text(title, style="bold"), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for name in left:
        grid.add_column(name, no_wrap=True, vertical="bottom")
    for head in heads:
        grid.add_column(Text(str(head).replace(" · ", "\n").replace("_", "\n")), justify="right", vertical="bottom")
    return grid


def _text(cell: TableCell, console: Console, form: Form) -> Text:
    text = {Form.INTERVAL: cell.text, Form.SPREAD: cell.spread, Form.ALONE: cell.short}[form]
    if cell.best:
        return Text(text, style="bold") if console.is_terminal else Text(f"{text} *")
    return Text(text, style="red" if cell.text == "failed" else "")
