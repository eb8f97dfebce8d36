"""A leaderboard as LaTeX tables, for a paper that loads booktabs."""

from .best import RULE
from .leaderboard import Leaderboard
from .tables import Table, TableCell, TableRow, tables

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
    "↓": r"$\downarrow$",
    "→": r"$\rightarrow$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "\N{EN DASH}": "--",
    "\N{EM DASH}": "---",
    "…": r"\dots{}",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}
# What pdfLaTeX sets in its default font; any other letter would stop it with an error.
_LETTERS = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ")


def to_latex(leaderboard: Leaderboard, caption: str) -> str:
    r"""Write a floating table for each dataset and architecture, with the best values bold.

    Args:
        leaderboard: what to write.
        caption: plain text; each table's caption is its dataset and architecture, this, and how to read it.

    Returns:
        LaTeX that needs \usepackage{booktabs} and nothing else.
    """
    return "\n".join(_float(table, caption) for table in tables(leaderboard))


def escape(text: str) -> str:
    """Text that LaTeX sets as it is; a character that pdfLaTeX cannot set becomes its code point in brackets."""
    return "".join(_SPECIAL.get(character) or _plain(character) for character in " ".join(text.split()))


def _plain(character: str) -> str:
    if (character.isascii() and character.isprintable()) or character in _LETTERS:
        return character
    return f"[U+{ord(character):04X}]"


def _float(table: Table, caption: str) -> str:
    names = ["training", "saliency", "seeds", *(f"{metric.name} {metric.arrow}" for metric in table.metrics)]
    columns = "ll" + "r" * (len(names) - 2)
    lines = [
        r"\begin{table}[tbp]",
        r"\centering",
        r"\small",
        rf"\caption{{{escape(f'{table.title}. {caption} {RULE}')}}}",
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _line([escape(name) for name in names]),
        r"\midrule",
        *(_line(_texts(row)) for row in table.competitors),
        *([r"\midrule"] if table.competitors and table.controls else []),
        *(_line(_texts(row)) for row in table.controls),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\footnotesize {escape(note)}" for note in table.notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _texts(row: TableRow) -> list[str]:
    return [escape(row.training), escape(row.saliency), str(row.seeds), *(_number(cell) for cell in row.cells)]


def _number(cell: TableCell) -> str:
    text = escape(cell.text)
    text = f"$-${text[1:]}" if text.startswith("-") and not text.startswith("--") else text
    return rf"\textbf{{{text}}}" if cell.best else text


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"
