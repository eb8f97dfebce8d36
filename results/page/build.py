"""Writes a page: its HTML, the leaderboard as one script, and what lies behind each entry as a script of its own."""

import shutil
from collections import Counter, defaultdict
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from ..best import MARKS
from ..formats.render import to_csv
from ..intervals import CONFIDENCE
from ..leaderboard import GROUP, Leaderboard
from ..published import KEY
from ..record import Record
from ..reliability import RULE as RELIABLE
from .board import board_payload
from .citations import citations
from .content import EntryName, Page
from .details import details_payload
from .ranks import ranks_payload
from .script import as_script

MARK = '<meta name="generator" content="salbench'  # by which an older report is known
SCRIPTS = (
    "core",
    "board",
    "filters",
    "table",
    "chart",
    "pictures",
    "details",
    "ranks",
    "disagreement",
    "main",
)  # in this order


def write_page(page: Page, folder: Path) -> Path:
    """Write a report, in place of an older one.

    Args:
        page: what to show.
        folder: where to; made if needed.

    Returns:
        The file to open.

    Raises:
        ValueError: the folder holds something else than a report, or see `Leaderboard.from_records`.
    """
    index, data = folder / "index.html", folder / "data"
    _refuse_other_contents(folder, index)
    leaderboard = page.leaderboard or Leaderboard.from_records(page.records)
    board, names = board_payload(page.records, leaderboard, page.costs)
    ranks = ranks_payload(leaderboard)
    shutil.rmtree(data, ignore_errors=True)
    (data / "entries").mkdir(parents=True)
    board["ranks"] = ranks["diagrams"]
    board["inputs"] = {dataset: f"inputs-{number}" for number, dataset in enumerate(page.inputs)}
    for dataset, name in board["inputs"].items():
        _write(data / f"{name}.js", name, page.inputs[dataset])
    _write_entries(page, names, data / "entries")
    board["disagreements"] = []
    for number, payload in enumerate(page.disagreements):
        name = f"disagreement-{number}"
        _write(data / f"{name}.js", name, payload)
        board["disagreements"].append({"title": payload["title"], "name": name})
    _write(data / "board.js", "board", board)
    (folder / "leaderboard.csv").write_text(to_csv(leaderboard), encoding="utf-8")
    assets = files(__package__)
    (folder / "page.css").write_text(assets.joinpath("page.css").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "scripts").mkdir(exist_ok=True)
    for script in SCRIPTS:
        text = assets.joinpath("scripts", f"{script}.js").read_text(encoding="utf-8")
        (folder / "scripts" / f"{script}.js").write_text(text, encoding="utf-8")
    index.write_text(_html(page, board, ranks, leaderboard), encoding="utf-8")
    return index


def _refuse_other_contents(folder: Path, index: Path) -> None:
    if folder.is_file():
        raise ValueError(f"{folder} is a file; a report needs a folder")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not index.is_file() or MARK not in index.read_text(encoding="utf-8", errors="replace")[:2000]:
        raise ValueError(f"{folder} holds other files and no report of salbench; give an empty or a new folder")


def _write_entries(page: Page, names: list[EntryName], folder: Path) -> None:
    records: defaultdict[EntryName, list[Record]] = defaultdict(list)
    controls: defaultdict[tuple[str, str, str], dict[str, list[Record]]] = defaultdict(dict)
    for record in page.records:
        name = EntryName(record.dataset, record.architecture, record.training, record.saliency)
        records[name].append(record)
        if record.control:
            controls[name[:3]].setdefault(record.saliency, []).append(record)
    for number, name in enumerate(names):
        rivals = {rival: same for rival, same in controls[name[:3]].items() if rival != name.saliency}
        payload = details_payload(records[name], page.behind(name), rivals)
        _write(folder / f"{number}.js", f"entry-{number}", payload)


def _write(path: Path, name: str, payload: Any) -> None:
    path.write_text(as_script(name, payload), encoding="utf-8")


def _html(page: Page, board: dict[str, Any], ranks: dict[str, Any], leaderboard: Leaderboard) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = files(__package__).joinpath("page.html.jinja").read_text(encoding="utf-8")
    families: defaultdict[str, list[Any]] = defaultdict(list)
    for card in page.cards:
        families[card.family].append(card)
    html = environment.from_string(template).render(
        page=page,
        board=board,
        version=version("salbench"),
        scripts=SCRIPTS,
        families=families,
        citations=citations(),
        published=[(title, _shown(frame)) for title, frame in page.published if len(frame)],
        marks=MARKS,
        reliable_rule=RELIABLE,
        confidence=f"{100 * CONFIDENCE:g} %",
        sources=_sources(board),
        trust=_trust(leaderboard),
        ranks=ranks,
    )
    return html if html.endswith("\n") else f"{html}\n"


def _sources(board: dict[str, Any]) -> dict[str, int]:
    """What the intervals are over, or why there are none, with the number of cells, the most frequent first."""
    found = Counter(place for cell in board["cells"] for place in cell["source"] if place >= 0)
    return {board["sources"][place]: count for place, count in found.most_common()}


def _trust(leaderboard: Leaderboard) -> dict[str, dict[str, Any]]:
    """By metric, on how many data sets and architectures it has values, and why it is unreliable on some of them."""
    found: dict[str, dict[str, Any]] = {}
    cells = leaderboard.cells
    judged = cells[cells["status"].isin(["ok", "partial"])].drop_duplicates([*GROUP, "metric"])
    performance = {metric.name for metric in leaderboard.metrics if metric.family == "performance"}
    for row in judged[~judged["metric"].isin(performance)].to_dict("records"):
        trust = found.setdefault(row["metric"], {"total": 0, "doubts": []})
        trust["total"] += 1
        if row["unreliable"]:
            where = f"{row['dataset']} · {row['architecture']}"
            trust["doubts"].append({"where": where, "reason": row["unreliable"]})
    return found


def _shown(frame: pd.DataFrame) -> dict[str, Any]:
    """A comparison with published numbers, as texts."""
    keys = [column for column in KEY if frame[column].astype(bool).any()]
    rows = []
    for row in frame.to_dict("records"):
        verdict, _, reason = str(row["verdict"]).partition(":")
        figures = [_figure(row[column]) for column in ("published", "measured", "sd", "difference")]
        names = [str(row[column]) or "mean over all" for column in keys]
        rows.append({"names": names, "numbers": figures, "verdict": verdict, "reason": reason.strip()})
    counts = frame["verdict"].astype(str).str.split(":").str[0].value_counts()
    return {"keys": keys, "rows": rows, "counts": {str(verdict): int(count) for verdict, count in counts.items()}}


def _figure(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.4g}"
