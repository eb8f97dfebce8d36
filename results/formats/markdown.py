"""Tables as Markdown, for a README or a pull request."""

import html
import re

from ..sheet import Sheet
from ..tables import Table, TableRow

# A line of Markdown reads these as syntax; an underscore within a word it does not.
_SYNTAX = re.compile(r"[\\`*{}\[\]|~]|(?<![^\W_])_|_(?![^\W_])")


def to_markdown(sheet: Sheet) -> str:
    """Write every table; best values are bold, controls stand below in italics.

    Args:
        sheet: what to write; its caption stands above the tables, how to read them below.

    Returns:
        GitHub-flavored Markdown, whose tables other dialects read too.
    """
    blocks = [escape(sheet.caption), *(_block(table) for table in sheet.whole), escape(sheet.rule)]
    if sheet.missing:
        lines = [f"- {escape(line)}" for line in sheet.missing]
        blocks += ["\n".join(["Missing:", "", *lines]), f"To fill in:\n\n    {sheet.command}"]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SYNTAX.sub(r"\\\g<0>", html.escape(" ".join(text.split()), quote=False))


def grid(table: Table) -> str:
    """The rows and columns alone."""
    names = [*table.keys, "seeds", *map(str, table.heads)]
    lines = [_line([escape(name) for name in names])]
    lines.append(_line([*["---"] * len(table.keys), *["---:"] * (1 + len(table.heads))]))
    lines += [_line(_texts(row, emphasis="")) for row in table.competitors]
    lines += [_line(_texts(row, emphasis="*")) for row in table.controls]
    return "\n".join(lines)


def _block(table: Table) -> str:
    notes = "".join(f"\n- {escape(note)}" for note in table.notes)
    return f"### {escape(table.title)}\n\n{grid(table)}" + (f"\n{notes}" if notes else "")


def _texts(row: TableRow, emphasis: str) -> list[str]:
    names = [f"{emphasis}{escape(name)}{emphasis}" for name in row.names]
    return [*names, str(row.seeds), *(f"**{cell.text}**" if cell.best else cell.text for cell in row.cells)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
