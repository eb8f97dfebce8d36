"""What the measurements that come with salbench say: every published table beside ours, as pages of Markdown."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...results.distances import distances_in_words
from ...results.formats.markdown import escape
from ...results.published_tables import verdict_counts
from ...results.rank_summary import ranks_in_words
from ...results.reference_file import read_header
from ...results.reference_text import (
    comparison_tables,
    folded,
    rank_table,
    signs_in_short,
    signs_in_words,
    summary_tables,
)
from ...results.store import Store
from ...results.summary import summary
from ..command_line import command_line
from ..inventory import inventory
from ..plan_results import Results
from ..reports.ranks import NOTE as RANKS_NOTE
from ..reports.ranks import ranked
from ..request import Request
from .figures import reference_figures
from .known import reference_files, reference_store

FIRST, FIGURES, SUITES = "README.md", "figures", "suites"  # the first page, and the folders beside it
NOTES = "notes.toml"  # what was tried where numbers differ, by file; written by people
_TITLE = "# Reference measurements"  # by which an older report is known
_INTRO = f"""{_TITLE}

Made from the files beside it by `salbench reference report`; a test holds it to them. Each file begins with the
command, version, device and date that made it. Use them without measuring anything: `salbench table SUITE --reference`
shows them (with `--scale small` where the table below has only that), and `salbench run SUITE --entries my_method.py
--against reference` measures only what is yours and puts it beside them.

Each suite has a page with its tables and figures."""

_VERDICTS = """*Agrees* means that the published mean lies in the 95 % prediction interval of ours, for as many runs as
are behind it, or within its rounding of that. A suite at its small scale has less data, shorter training or fewer seeds
than the publication: its numbers cannot be compared, the signs of its effects can: how many are as published, and in
brackets how often one of our seeds has the sign of another, which is what a single run could be expected to reach. An
effect on a mean over data sets is taken over those where both training methods reach the accuracy. In the tables ≠
marks a number that differs, measured ones are means ± standard deviation over seeds, and (4/5) says that four of five
models reach the published accuracy and are in it."""

_HEADS = """| suite | scale | models | date | measured on | published numbers | signs as published |
|---|---|---:|---|---|---|---|"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePages:
    """The first page, one of each suite, and the figures that these show."""

    first: str
    suites: dict[str, str]  # Markdown, by the name of the suite
    figures: dict[str, bytes]  # PNG, by the name of the file

    def write(self, folder: Path) -> list[Path]:
        """Write README.md, and `suites` and `figures` beside it, in place of an older report.

        Args:
            folder: where to; made if needed.

        Returns:
            The files, the first page first.

        Raises:
            ValueError: what stands at one of these places is not of an older report.
        """
        refuse_other_contents(folder)
        for old in _older_files(folder):
            old.unlink()
        contents = {folder / FIRST: self.first.encode()}
        contents |= {folder / SUITES / f"{name}.md": text.encode() for name, text in self.suites.items()}
        contents |= {folder / FIGURES / name: picture for name, picture in self.figures.items()}
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return list(contents)


def refuse_other_contents(folder: Path) -> None:
    """Make sure that a report can be written to a folder without the loss of anything else.

    Raises:
        ValueError: it is a file, or what stands where the report goes is not of an older one.
    """
    if folder.is_file():
        raise ValueError(f"{folder} is a file; a report needs a folder")
    first = folder / FIRST
    if first.is_file() and _text(first).startswith(f"{_TITLE}\n"):
        return
    for place in (first, folder / SUITES, folder / FIGURES):
        if place.exists():
            raise ValueError(f"{place} is of no report of salbench; name an empty or a new folder with --out")


def _older_files(folder: Path) -> list[Path]:
    """The pages that the first page of an older report links to, and the figures that these show."""
    first = _text(folder / FIRST) if (folder / FIRST).exists() else ""
    pages = [page for page in (folder / SUITES).glob("*.md") if f"({SUITES}/{page.name}" in first]
    shown = "".join(map(_text, pages))
    return [*pages, *(figure for figure in (folder / FIGURES).glob("*.png") if f"/{FIGURES}/{figure.name})" in shown)]


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8", errors="replace")


def reference_report(folder: Path) -> ReferencePages:
    """What the measurements of a folder say.

    Args:
        folder: of the measurements, with `notes.toml`, which holds `in_short`, what they all say together (Markdown),
            and by the name of a file `notes` (Markdown) and `parts`, other suites that the same measurements answer.

    Raises:
        LookupError: there are no measurements.
        StoreError: a file is damaged.
        ValueError: the notes are not TOML, or name a file that is not there.
    """
    notes: dict[str, Any] = {}
    if (folder / NOTES).exists():
        notes = tomllib.loads((folder / NOTES).read_text(encoding="utf-8"))
    in_short = str(notes.pop("in_short", "")).strip()
    headers = {path.stem: read_header(path) for path in reference_files(folder)}
    if unknown := sorted(set(notes) - set(headers)):
        raise ValueError(f"{NOTES} names {unknown}, of which there are no measurements")
    rows: list[str] = []
    sections: defaultdict[str, list[str]] = defaultdict(list)
    figures: dict[str, bytes] = {}
    with reference_store(folder) as store:
        for name, header in headers.items():
            own = notes.get(name, {})
            for suite in (header["suite"], *own.get("parts", ())):
                results = _results(Request(suite=suite, small=header["scale"] == "small"), store)
                said = own.get("notes", "") if suite == header["suite"] else ""
                rows.append(_row(results, header))
                drawn = reference_figures(results, store)
                stem = _anchor(results, header).removesuffix("-scale")
                figures |= {f"{stem}-{figure}.png": content for figure, content in drawn.items()}
                shown = [f"![{figure}](../{FIGURES}/{stem}-{figure}.png)" for figure in drawn]
                sections[header["suite"]].append(_section(results, header, str(said).strip(), shown))
    blocks = [_INTRO, _VERDICTS, *([f"## In short\n\n{in_short}"] if in_short else []), "\n".join([_HEADS, *rows])]
    suites = {name: [f"# {escape(name)}", _VERDICTS, *found] for name, found in sections.items()}
    return ReferencePages(
        first="\n\n".join(blocks) + "\n",
        suites={name: "\n\n".join(found) + "\n" for name, found in suites.items()},
        figures=figures,
    )


def _results(request: Request, store: Store) -> Results:
    plan = request.plan()
    records = [record for cell in inventory(plan, store) for record in cell.records]
    return Results(request=request, plan=plan, records=tuple(records))


def _row(results: Results, header: dict[str, Any]) -> str:
    own = [record for record in results.records if not record.control] or results.records  # others share controls
    models = {(record.dataset, record.architecture, record.training, record.seed) for record in own}
    verdicts = [verdict_counts(found) for _, found in results.comparisons]
    signed = [signs_in_short(found, table.methods) for table, found in results.comparisons]
    cells = [
        f"[{escape(results.plan.suite)}]({SUITES}/{header['suite']}.md#{_anchor(results, header)})",
        str(header["scale"]),
        f"{len(models)} of {len(results.plan.models)}",
        str(header["date"]),
        escape(str(header["device"])),
        *(escape("; ".join(filter(None, said))) for said in (verdicts, signed)),
    ]
    return f"| {' | '.join(cells)} |"


def _anchor(results: Results, header: dict[str, Any]) -> str:
    """Of a heading, as hosts of repositories and the guide make it: without dots."""
    return f"{results.plan.suite}-{header['scale']}-scale".replace(".", "")


def _section(results: Results, header: dict[str, Any], notes: str, figures: Iterable[str]) -> str:
    title = escape(results.plan.title) + ("" if results.plan.title.endswith("?") else ".")
    blocks = [
        f"## {escape(results.plan.suite)}, {header['scale']} scale",
        f"{title} `{command_line('table', results.request, '--reference')}`",
    ]
    blocks += [notes] if notes else []
    blocks += figures
    for table, found in results.comparisons:
        texts = (verdict_counts(found), signs_in_words(found, table.methods), distances_in_words(found))
        said = "; ".join(filter(None, texts))
        blocks.append(folded(f"{table.title}: {said}", comparison_tables(found)))
    if not results.comparisons and (averages := summary_tables(summary(results.leaderboard))):
        blocks.append(folded("Training methods side by side", averages))
    if not results.comparisons:
        blocks += _ranks(results)
    return "\n\n".join(blocks)


def _ranks(results: Results) -> list[str]:
    """The order of saliency methods and of training methods, by the metrics that have enough blocks for one."""
    blocks = []
    for by in ("saliency", "training"):
        enough = [item for item in ranked(results, by=by).metrics if item.enough]
        if enough:
            content = f"{rank_table(ranks_in_words(enough))}\n\n{RANKS_NOTE}"
            blocks.append(folded(f"Average ranks of {by} methods, the best first", content))
    return blocks
