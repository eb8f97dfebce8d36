"""What is said below the tables of a run."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from salbench.benchmark import Request, Results, run
from salbench.benchmark.reports.terminal import print_results
from salbench.results.choice import Choice

from ..conftest import make_entries, make_suite


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    suite = replace(make_suite(), entries=tuple(make_entries()))
    return replace(run(Request(suite=suite), store=tmp_path_factory.mktemp("store"), device="cpu"), store=None)


@pytest.mark.parametrize(
    ("choice", "options"),
    [
        (None, ""),
        (Choice(rows=("training",), columns=("metric", "saliency")), "--rows training --columns metric,saliency "),
    ],
)
def test_the_command_that_shows_all_keeps_the_layout(results: Results, choice: Choice | None, options: str) -> None:
    console = Console(width=40, file=StringIO())
    with console.capture() as captured:
        print_results(results, console, choice)
    text = " ".join(captured.get().split())
    assert f"hidden to fit this terminal; salbench table tiny {options}--format markdown shows all" in text
