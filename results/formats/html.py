"""Tables as HTML, for a web page or a mail."""

from html import escape

from ..sheet import Sheet
from ..tables import Head, Table, TableCell, TableRow


def to_html(sheet: Sheet) -> str:
    """Write every table; best values are bold, controls stand in a body of their own.

    Args:
        sheet: what to write; its caption stands above the tables, how to read them below.

    Returns:
        A fragment of HTML without styles or scripts, to be put into the body of any page.
    """
    blocks = [f"<p>{_text(sheet.caption)}</p>", *map(_block, sheet.whole), f"<p>{_text(sheet.rule)}</p>"]
    if sheet.missing:
        blocks += ["<p>Missing:</p>", *_list(sheet.missing)]
        blocks.append(f"<p>To fill in: <code>{_text(sheet.command)}</code></p>")
    return "\n".join(blocks) + "\n"


def _text(text: str) -> str:
    return escape(" ".join(text.split()))


def _block(table: Table) -> str:
    lines = [
        "<table>",
        f"<caption>{_text(table.title)}</caption>",
        "<thead>",
        "<tr>",
        *(f'<th scope="col">{head}</th>' for head in (*table.keys, "seeds")),
        *map(_head, table.heads),
        "</tr>",
        "</thead>",
    ]
    for name, rows in (("competitors", table.competitors), ("controls", table.controls)):
        if rows:
            lines += [f'<tbody class="{name}">', *(line for row in rows for line in _row(row)), "</tbody>"]
    lines.append("</table>")
    lines += _list(table.notes)
    return "\n".join(lines)


def _list(texts: tuple[str, ...]) -> list[str]:
    return ["<ul>", *(f"<li>{_text(text)}</li>" for text in texts), "</ul>"] if texts else []


def _head(head: Head) -> str:
    better = {True: "higher is better", False: "lower is better", None: ""}[head.higher_is_better]
    title = better + ("; unreliable here" if "‡" in head.arrow else "")
    attribute = f' title="{title}"' if title else ""
    return f'<th scope="col"{attribute}>{_text(str(head))}</th>'


def _row(row: TableRow) -> list[str]:
    *first, last = row.names
    names = [*(f"<td>{_text(name)}</td>" for name in first), f'<th scope="row">{_text(last)}</th>']
    return ["<tr>", *names, f"<td>{row.seeds}</td>", *map(_cell, row.cells), "</tr>"]


def _cell(cell: TableCell) -> str:
    text = _text(cell.text)
    return f"<td><strong>{text}</strong></td>" if cell.best else f"<td>{text}</td>"
