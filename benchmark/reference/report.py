"""What the measurements that come with salbench say: every published table beside ours, as pages of Markdown."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
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

FIGURES, SUITES = "figures", "suites"  # the folders beside the first page
NOTES = "notes.toml"  # what was tried where numbers differ, by file; written by people
_INTRO = """# Reference measurements

Made from the files beside it by `salbench reference report`; a test holds it to them. Each file begins with the
command, version, device and date that made it. Use them without measuring anything: `salbench table SUITE --reference`
shows them (with `--scale small` where the table below has only that), and `salbench run SUITE --entries my_method.py
--against reference` measures only what is yours and puts it beside them.

Each suite has a page with its tables and figures."""

_VERDICTS = """*Agrees* means that the published mean lies in the 95 % prediction interval of ours. A suite at its small
scale has less data, shorter training or fewer seeds than the publication: its numbers cannot be compared, the signs of
its effects can: how many are as published, and in brackets how often one of our seeds has the sign of another, which is
what a single run could be expected to reach. In the tables ≠ marks a number that differs, measured ones are means ±
standard deviation over seeds, and (4/5) says that four of five models reach the published accuracy and are in it."""

_HEADS = """| suite | scale | models | date | measured on | published numbers | signs as published |
|---|---|---:|---|---|---|---|"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePages:
    """The first page, one of each suite, and the figures that these show."""

    first: str
    suites: dict[str, str]  # Markdown, by the name of the suite
    figures: dict[str, bytes]  # PNG, by the name of the file

    def write(self, folder: Path) -> list[Path]:
        """README.md in a folder, and `suites` and `figures` beside it, where no other page or figure is left."""
        first = folder / "README.md"
        first.write_text(self.first, encoding="utf-8")
        suites = {f"{name}.md": text.encode() for name, text in self.suites.items()}
        return [first, *_only(folder / SUITES, ".md", suites), *_only(folder / FIGURES, ".png", self.figures)]


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


def _only(folder: Path, suffix: str, files: Mapping[str, bytes]) -> list[Path]:
    """These files in a folder, and no others of their kind."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"*{suffix}"):
        if old.name not in files:
            old.unlink()
    paths = [folder / name for name in files]
    for path in paths:
        path.write_bytes(files[path.name])
    return paths


def _results(request: Request, store: Store) -> Results:
    plan = request.plan()
    records = [record for cell in inventory(plan, store) for record in cell.records]
    return Results(request=request, plan=plan, records=tuple(records))


def _row(results: Results, header: dict[str, Any]) -> str:
    models = {
        (record.dataset, record.architecture, record.training, record.seed)
        for record in results.records
        if not record.control  # controls may be there for models whose maps another suite explained
    }
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
