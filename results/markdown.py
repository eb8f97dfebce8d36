"""A leaderboard as Markdown, for a README or a pull request."""

import html
import re

from .best import RULE
from .leaderboard import Leaderboard
from .tables import Table, TableRow, tables

# A line of Markdown reads these as syntax; an underscore within a word it does not.
_SYNTAX = re.compile(r"[\\`*{}\[\]|~]|(?<![^\W_])_|_(?![^\W_])")


def to_markdown(leaderboard: Leaderboard, caption: str) -> str:
    """Write a table for each dataset and architecture; best values are bold, controls stand below in italics.

    Args:
        leaderboard: what to write.
        caption: plain text, put above the tables.

    Returns:
        GitHub-flavored Markdown, whose tables other dialects read too.
    """
    blocks = [escape(caption), *(_block(table) for table in tables(leaderboard)), escape(RULE)]
    return "\n\n".join(blocks) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return _SYNTAX.sub(r"\\\g<0>", html.escape(" ".join(text.split()), quote=False))


def _block(table: Table) -> str:
    names = ["training", "saliency", "seeds", *(f"{metric.name} {metric.arrow}" for metric in table.metrics)]
    lines = [f"### {escape(table.title)}", "", _line([escape(name) for name in names])]
    lines.append(_line(["---", "---", *["---:"] * (len(names) - 2)]))
    lines += [_line(_texts(row, emphasis="")) for row in table.competitors]
    lines += [_line(_texts(row, emphasis="*")) for row in table.controls]
    if table.notes:
        lines += ["", *(f"- {escape(note)}" for note in table.notes)]
    return "\n".join(lines)


def _texts(row: TableRow, emphasis: str) -> list[str]:
    names = [f"{emphasis}{escape(name)}{emphasis}" for name in (row.training, row.saliency)]
    return [*names, str(row.seeds), *(f"**{cell.text}**" if cell.best else cell.text for cell in row.cells)]


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
