"""Tables as LaTeX, for a paper that loads booktabs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from ..sheet import Sheet
from ..tables import Head, Table, TableCell, TableRow

_LINE, _LETTER, _SMALL_LETTER, _GAP = 345.0, 4.25, 3.8, 6.0  # points: article's line, footnotesize, scriptsize, columns

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "[": "{[}",  # at the start of a row it would be read as an argument of the line end before it; so would *
    "]": "{]}",
    "*": "{*}",
    "\N{LEFT DOUBLE QUOTATION MARK}": "``",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "''",
    "±": r"$\pm$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "²": r"$^2$",
    "·": r"$\cdot$",
    "↑": r"$\uparrow$",
    "†": r"$\dagger$",
    "‡": r"$\ddagger$",
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≠": r"$\neq$",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "…": r"\dots{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}
_DOUBLE = re.compile("-(?=-)")  # two hyphens in a row would be set as a dash
_BREAKS = re.compile("_| · ")  # where the name of a column may go on below
# What pdfLaTeX sets in its default font; any other letter would stop it with an error.
_LETTERS = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ")


def to_latex(sheet: Sheet) -> str:
    r"""Write floating tables that fit the line of an article; the intervals stand below their means.

    Args:
        sheet: what to write; each table's caption is its title, the sheet's, and how to read it. A table with too many
            columns is written in parts. What is missing stands in comments at the end.

    Returns:
        LaTeX that needs \usepackage{booktabs} and nothing else.
    """
    floats = [text for table in sheet.whole for text in _floats(table, f"{sheet.caption} {sheet.rule}")]
    comments = [f"% {escape(line)}\n" for line in sheet.gaps[:-1]] + [f"% {line}\n" for line in sheet.gaps[-1:]]
    return "\n".join(floats) + "".join(comments)


def escape(text: str) -> str:
    """Text that LaTeX sets as it is; a character that pdfLaTeX cannot set becomes its code point in brackets."""
    hyphens = _DOUBLE.split(" ".join(text.split()))
    return "-{}".join("".join(_SPECIAL.get(sign) or _plain(sign) for sign in part) for part in hyphens)


def _plain(character: str) -> str:
    if (character.isascii() and character.isprintable()) or character in _LETTERS:
        return character
    return f"[U+{ord(character):04X}]"


def _floats(table: Table, caption: str) -> Iterator[str]:
    parts = list(_parts(table))
    for number, part in enumerate(parts, start=1):
        title = f"{table.title}, part {number} of {len(parts)}" if len(parts) > 1 else table.title
        yield _float(replace(part, notes=table.notes if number == len(parts) else ()), f"{title}. {caption}")


def _parts(table: Table) -> Iterator[Table]:
    """The table, cut between columns where it would be wider than a line."""
    rows = (*table.competitors, *table.controls)
    names = max((len(row.names[-1]) for row in rows), default=0) * _LETTER + 2 * _GAP
    start, width = 0, names
    for place, head in enumerate(table.heads):
        column = _width(head, [row.cells[place] for row in rows])
        if place > start and width + column > _LINE:
            yield _columns(table, start, place)
            start, width = place, names
        width += column
    yield _columns(table, start, len(table.heads))


def _columns(table: Table, start: int, end: int) -> Table:
    competitors, controls = (
        tuple(replace(row, cells=row.cells[start:end]) for row in rows) for rows in (table.competitors, table.controls)
    )
    return replace(table, heads=table.heads[start:end], competitors=competitors, controls=controls)


def _width(head: Head, cells: list[TableCell]) -> float:
    words = [*_BREAKS.split(head.name), *(cell.short for cell in cells)]
    longest = max(len(word) for word in words) + 2 * (len(head.arrow) > 0)
    return _GAP + max(longest * _LETTER, max((len(cell.beside) for cell in cells), default=0) * _SMALL_LETTER)


def _float(table: Table, caption: str) -> str:
    columns = "l" + "r" * len(table.heads)
    lines = [
        r"\begin{table}[tbp]",
        r"\centering",
        r"\footnotesize",
        r"\setlength{\tabcolsep}{3pt}",
        rf"\caption{{{escape(caption)}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _line([escape(table.keys[-1]), *map(_head, table.heads)]),
        r"\midrule",
        *_body(table.competitors, len(columns)),
        *([r"\midrule"] if table.competitors and table.controls else []),
        *_body(table.controls, len(columns)),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\footnotesize {escape(note)}" for note in table.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _head(head: Head) -> str:
    """The words of a name one below the other, for a narrow column."""
    words = [escape(word) for word in _BREAKS.split(str(head))]
    stacked = r" \\ ".join(words)
    return stacked if len(words) == 1 else rf"\shortstack[r]{{{stacked}}}"


def _body(rows: tuple[TableRow, ...], columns: int) -> Iterator[str]:
    """A line of means for each row and one of intervals, below the names that several rows share."""
    for shared, group in groupby(rows, key=lambda row: row.names[:-1]):
        if shared:
            yield rf"\multicolumn{{{columns}}}{{l}}{{\emph{{{escape(' · '.join(shared))}}}}} \\"
        for row in group:
            indent = r"\quad " if shared else ""
            yield _line([indent + escape(row.names[-1]), *map(_number, row.cells)])
            if any(cell.beside for cell in row.cells):
                yield _line(["", *(rf"\scriptsize {_signed(cell.beside)}" for cell in row.cells)])


def _number(cell: TableCell) -> str:
    text = _signed(cell.short)
    return rf"\textbf{{{text}}}" if cell.best else text


def _signed(text: str) -> str:
    """Escaped, with hyphens before digits as minus signs."""
    return re.sub(r"-(?=\d)", "$-$", escape(text))


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"
