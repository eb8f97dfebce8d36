"""Suites that answer publications: own entries, a small scale, published numbers beside ours, and figures."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from salbench.baselines.training import SaliencyGuided
from salbench.benchmark import Request, Results, Suite, run
from salbench.benchmark.reports.published import print_comparisons
from salbench.benchmark.reports.terminal import write_results
from salbench.benchmark.suite import Figure, Published
from salbench.results.formats.render import RENDERERS
from salbench.results.store import Store

from .conftest import make_entries, make_suite


def claims() -> pd.DataFrame:
    keys = {"dataset": "points", "architecture": "linear", "saliency": "gradient", "metric": "gini"}
    return pd.DataFrame(
        [keys | {"training": training, "value": value} for training, value in (("regular", 0.5), ("guided", 0.6))]
    )


def draw(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    files = [path.with_suffix(".png"), path.with_suffix(".pdf")]
    for file in files:
        file.write_text(f"{len(results.records)} records, {store.folder.name}")
    return files


def draw_nothing(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    raise LookupError("no maps of images")


def draw_weights(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    store.get("0" * 64)
    return []


@pytest.fixture
def suite() -> Suite:
    own = (*make_entries(), *make_entries("guided", recipe=SaliencyGuided()))
    whole = replace(
        make_suite(),
        entries=own,
        published=(Published(title="somebody, table 1", claims=claims, methods=("guided",)),),
        figures=(
            Figure(name="figure_1", draw=draw),
            Figure(name="figure_2", draw=draw_nothing),
            Figure(name="figure_3", draw=draw_weights),
        ),
    )
    return replace(whole, small=replace(whole, seeds=(0,), obstacle="one seed of five"))


def test_a_suite_with_entries_of_its_own_asks_no_others(suite: Suite) -> None:
    assert {model.name for model in Request(suite=suite).plan().models} == {
        "points/linear/regular",
        "points/linear/guided",
    }


def test_the_small_scale_is_another_suite_of_the_same_name(suite: Suite) -> None:
    assert len(Request(suite=suite, small=True).plan().models) == 2
    assert len(Request(suite=suite).plan().models) == 4
    with pytest.raises(ValueError, match="suite 'tiny' has one scale"):
        Request(suite=replace(suite, small=None), small=True).plan()


def test_published_numbers_stand_beside_ours(suite: Suite, tmp_path: Path) -> None:
    results = run(Request(suite=suite), store=tmp_path)
    ((table, comparison),) = results.comparisons
    assert table.title == "somebody, table 1"
    assert comparison["published"].tolist() == [0.5, 0.6]
    means = [
        [record.value for record in results.records if (record.training, record.saliency, record.metric) == key]
        for key in (("regular", "gradient", "gini"), ("guided", "gradient", "gini"))
    ]
    assert comparison["measured"].tolist() == pytest.approx([sum(pair) / 2 for pair in means])  # type: ignore[arg-type]
    console = Console(width=120, record=True, file=StringIO())
    print_comparisons(results, console)
    text = console.export_text()
    assert "cells in which guided moves the number as published: " in text
    assert "2 published numbers: " in text


@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_every_format_has_the_published_numbers(suite: Suite, tmp_path: Path, form: str) -> None:
    text = RENDERERS[form](run(Request(suite=suite), store=tmp_path).published())
    assert "0.6" in text
    if form == "csv":
        rows = pd.read_csv(StringIO(text))
        assert rows["published"].tolist() == [0.5, 0.6]
        assert rows["table"].unique().tolist() == ["somebody, table 1"]
    else:
        assert "made by: salbench table tiny" in text
        assert "--published" in text.replace("-{}-", "--")  # as LaTeX keeps it


def test_the_small_scale_says_that_it_cannot_be_compared(suite: Suite, tmp_path: Path) -> None:
    results = run(Request(suite=suite, small=True), store=tmp_path)
    ((_, comparison),) = results.comparisons
    assert comparison["verdict"].unique().tolist() == ["cannot be compared: one seed of five"]


def test_figures_and_comparisons_are_written_and_a_failure_costs_no_other(suite: Suite, tmp_path: Path) -> None:
    results = run(Request(suite=suite), store=tmp_path)
    console = Console(width=200, record=True, file=StringIO())
    write_results(results, tmp_path, None, console)
    folder = tmp_path / "reports" / "tiny"
    assert {"figure_1.png", "figure_1.pdf", "published.csv", "leaderboard.csv"} <= {p.name for p in folder.iterdir()}
    text = console.export_text()
    assert "figure_2 was not drawn: no maps of images" in text
    assert "figure_3 was not drawn: the store lacks weights or maps that it shows" in text
    assert pd.read_csv(folder / "published.csv")["published"].tolist() == [0.5, 0.6]


def test_files_of_an_earlier_request_are_not_left_beside_those_of_another(suite: Suite, tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "tiny"

    def shown(request: Request) -> set[str]:
        console = Console(width=400, record=True, file=StringIO())
        write_results(run(request, store=tmp_path), tmp_path, None, console)
        (line,) = [line for line in console.export_text().splitlines() if line.startswith("Files in")]
        return set(line.partition(": ")[2].split(", "))

    whole = shown(Request(suite=suite))
    assert {"figure_1.png", "figure_1.pdf", "published.csv", "leaderboard.csv"} <= whole
    (folder / "notes.md").write_text("my own")
    plain = Request(suite=replace(suite, figures=(), published=(), seeds=(0,)))
    tables = shown(plain)
    assert tables == {name for name in whole if not name.startswith(("figure_", "published"))}
    assert {path.name for path in folder.iterdir()} == tables | {"notes.md", ".written"}
    assert shown(plain) == tables, "also where nothing is written anew"
