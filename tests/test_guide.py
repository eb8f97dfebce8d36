"""The guide's commands and code run as they stand there, and its links lead somewhere."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import cast

import pytest

from salbench.baselines.architectures import MEAN_WORDS
from salbench.baselines.saliency import GRADIENT
from salbench.baselines.training import SaliencyGuidedWords
from salbench.benchmark import Request, Suite
from salbench.benchmark import run as measure
from salbench.benchmark.entry import entries
from salbench.datasets import ERASER_ESNLI, Budget
from salbench.metrics import ERASER_COMPREHENSIVENESS

from .benchmark.suites.test_sgt_images import table_of_words, write_pairs
from .guide_blocks import ROOT, blocks, check, commands, parse, run

DOCS = ROOT / "docs"
SITE = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
PAGES = {
    page.relative_to(DOCS).as_posix(): blocks(page) for page in sorted([*DOCS.glob("*.md"), *DOCS.glob("api/*.md")])
}
QUICK = {"index.md", "api/index.md"}  # seconds; the others train models
NOT_RUN = {"clusters.md": 5, "gpu.md": 3, "index.md": 1, "publications.md": 4}  # each with its reason on the page
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow])
        for name, found in PAGES.items()
        if any(block.language in ("sh", "python") for block in found)
    ],
)
def test_every_block_of_a_page_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run(PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_a_page_can_be_read(name: str) -> None:
    for block in PAGES[name]:
        check(block)
    unfenced = FENCED.sub("", (DOCS / name).read_text(encoding="utf-8"))
    assert not re.search(r"^(?: {4}|\t)\$? ?(?:salbench|ray|import|from)\b", unfenced, re.MULTILINE), (
        "an unfenced block"
    )
    assert "```" not in unfenced, "a fence that the test does not understand"


def test_commands_of_the_readme_have_these_options() -> None:
    found = blocks(ROOT / "README.md")
    assert {"sh", "python"} <= {block.language for block in found}
    for block in found:
        check(block)


def test_blocks_that_are_not_run_are_counted() -> None:
    counted = {name: sum(block.reason is not None for block in found) for name, found in PAGES.items()}
    assert {name: count for name, count in counted.items() if count} == NOT_RUN


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("salbench rum", "No such command"),
        ("salbench run --sedes 3", "No such option"),
        ("salbench run --engine slurm", "is not one of"),
        ("salbench data fetch", "Missing parameter: names"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line: str, message: str) -> None:
    (arguments,) = commands(line)
    with pytest.raises(Exception, match=message):
        parse(arguments)


@pytest.mark.parametrize(
    "page",
    [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "results" / "reference" / "README.md"],
    ids=lambda page: page.relative_to(ROOT).as_posix(),
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        path, _, heading = target.partition("#")
        if "://" in target:
            continue
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), f"{page.name} links to {target}"
        assert DOCS not in page.parents or DOCS in file.parents, f"{target} is no page of the site"
        assert not heading or heading in _headings(file), f"{page.name} links to {target}"


def _headings(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[\s-]+", "-", re.sub(r"[^\w\s-]", "", title.lower()).strip()) for title in titles}


def test_every_page_has_a_place_in_the_site() -> None:
    for name in (*PAGES, "metrics/README.md"):
        assert re.search(rf"^\s+- .*\b{re.escape(name)}$", SITE, re.MULTILINE), name


def test_what_is_shown_from_elsewhere_is_there() -> None:
    shown = [path for page in DOCS.glob("*.md") for path in re.findall(r'^--8<-- "(.+)"$', page.read_text(), re.M)]
    assert shown == ["results/reference/README.md"]
    for path in shown:
        assert (ROOT / path).is_file()


def test_modules_and_objects_of_the_api_can_be_imported() -> None:
    for page in DOCS.glob("api/*.md"):
        for name in re.findall(r"^::: (\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE):
            resolve_name(name)


def test_eraser_files_are_written_as_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = run(block for block in PAGES["publications.md"] if block.language == "python")
    export = cast(Callable[..., list[Path]], names["export"])
    write_pairs(tmp_path / "eraser_esnli")
    pairs = replace(ERASER_ESNLI, name="eraser_esnli_tiny", vectors=partial(table_of_words, 6))
    suite = Suite(
        name="tiny-texts",
        title="A tiny suite",
        datasets=(pairs,),
        architectures=(MEAN_WORDS,),
        saliency=(GRADIENT,),
        controls=(),
        metrics=(ERASER_COMPREHENSIVENESS,),
        seeds=(0,),
        entries=tuple(
            entries(
                training="guided",
                recipe=SaliencyGuidedWords(),
                datasets=[pairs],
                architectures=[MEAN_WORDS],
                saliency=[GRADIENT],
                budget=Budget(epochs=1),
            )
        ),
    )
    store = tmp_path / "store"
    assert not measure(Request(suite=suite), store=store, data=tmp_path).failures
    (file,) = export(Request(suite=suite), store=store, data=tmp_path, out=tmp_path / "eraser")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 9
