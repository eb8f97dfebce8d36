"""A leaderboard as HTML tables, for a web page or a mail."""

from html import escape

from .best import RULE
from .leaderboard import Leaderboard, MetricColumn
from .tables import Table, TableCell, TableRow, tables


def to_html(leaderboard: Leaderboard, caption: str) -> str:
    """Write a table for each dataset and architecture; best values are bold, controls stand in a body of their own.

    Args:
        leaderboard: what to write.
        caption: plain text, put above the tables.

    Returns:
        A fragment of HTML without styles or scripts, to be put into the body of any page.
    """
    blocks = [f"<p>{_text(caption)}</p>", *(_block(table) for table in tables(leaderboard)), f"<p>{_text(RULE)}</p>"]
    return "\n".join(blocks) + "\n"


def _text(text: str) -> str:
    return escape(" ".join(text.split()))


def _block(table: Table) -> str:
    heads = ["training", "saliency", "seeds"]
    lines = [
        "<table>",
        f"<caption>{_text(table.title)}</caption>",
        "<thead>",
        "<tr>",
        *(f'<th scope="col">{head}</th>' for head in heads),
        *(_head(metric) for metric in table.metrics),
        "</tr>",
        "</thead>",
    ]
    for name, rows in (("competitors", table.competitors), ("controls", table.controls)):
        if rows:
            lines += [f'<tbody class="{name}">', *(line for row in rows for line in _row(row)), "</tbody>"]
    lines.append("</table>")
    if table.notes:
        lines += ["<ul>", *(f"<li>{_text(note)}</li>" for note in table.notes), "</ul>"]
    return "\n".join(lines)


def _head(metric: MetricColumn) -> str:
    better = "higher is better" if metric.higher_is_better else "lower is better"
    return f'<th scope="col" title="{better}">{_text(metric.name)} {metric.arrow}</th>'


def _row(row: TableRow) -> list[str]:
    names = [f"<td>{_text(row.training)}</td>", f'<th scope="row">{_text(row.saliency)}</th>', f"<td>{row.seeds}</td>"]
    return ["<tr>", *names, *(_cell(cell) for cell in row.cells), "</tr>"]


def _cell(cell: TableCell) -> str:
    text = _text(cell.text)
    return f"<td><strong>{text}</strong></td>" if cell.best else f"<td>{text}</td>"
