"""A data frame as a table in a terminal."""

import pandas as pd
from pandas.api.types import is_numeric_dtype
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ...results.tables import MISSING

_WORD = 12  # signs that a column of texts has room for; longer words are broken
_GAP = 2  # signs between columns


def print_frame(frame: pd.DataFrame, console: Console, title: str = "") -> None:
    """Print it: names and texts as they are, numbers with three digits, and a dash for what is not there.

    Numbers are never broken. Where the terminal is narrow, texts are broken at spaces, then the first column, which
    says what a row is about, at an underscore; where that does not help, rows are printed one below another.
    """
    heads = [str(name).replace("_", "\n") for name in frame.columns]
    numeric = [is_numeric_dtype(frame[name]) for name in frame.columns]
    cells = [[_shown(value) for value in frame[name]] for name in frame.columns]
    others = sum(
        _GAP + (_longest([head, *texts], "\n") if number else min(_WORD, _longest([head, *texts], None)))
        for head, texts, number in zip(heads[1:], cells[1:], numeric[1:], strict=True)
    )
    room = console.width - others - _GAP
    whole = cells[0]
    if _longest([heads[0], *whole], "\n") > room:
        cells[0] = [_halved(text) for text in whole]
    if _longest([heads[0], *cells[0]], "\n") > room:
        _print_rows([str(name) for name in frame.columns], [whole, *cells[1:]], console, title)
        return
    grid = Table(
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for place, (head, number) in enumerate(zip(heads, numeric, strict=True)):
        grid.add_column(
            Text(head),  # texts, so that no name from data is read as markup
            justify="right" if number else "left",
            overflow="fold",
            no_wrap=number or not place,
        )
    for row in zip(*cells, strict=True):
        grid.add_row(*map(Text, row))
    console.print(grid)


def _print_rows(names: list[str], cells: list[list[str]], console: Console, title: str) -> None:
    if title:
        console.print(Text(title, style="bold"))
    for first, *others in zip(*cells, strict=True):
        console.print(Text(f"{names[0]}: {first}", style="bold"))
        for name, text in zip(names[1:], others, strict=True):
            console.print(Text(f"  {name}: {text}"))


def _longest(texts: list[str], separator: str | None) -> int:
    """Signs of the longest line, or word."""
    return max((len(part) for text in texts for part in text.split(separator)), default=0)


def _halved(text: str) -> str:
    """On two lines, broken after the underscore that is nearest to its middle."""
    places = [place for place, sign in enumerate(text) if sign == "_"]
    if not places:
        return text
    middle = min(places, key=lambda place: abs(2 * place - len(text)))
    return f"{text[: middle + 1]}\n{text[middle + 1 :]}"


def _shown(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return MISSING
    return f"{value:z.3g}" if isinstance(value, float) else str(value)
