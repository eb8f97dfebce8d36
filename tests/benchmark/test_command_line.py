"""Commands that messages name can be copied: they ask the same question of the same store."""

import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salbench.benchmark.cli import app
from salbench.benchmark.command_line import STORE, command_line
from salbench.benchmark.commands import table
from salbench.benchmark.reference.known import FOLDER
from salbench.benchmark.request import Request

NARROW = ["--only", "dataset=breast_cancer", "--only", "saliency=gradient"]
ASKED = Request(only={"dataset": ["breast_cancer"], "saliency": ["gradient"]})


def test_options_are_those_of_the_request() -> None:
    request = Request(suite="sgt_table1", entries=[Path("my method.py")], small=True)
    line = "salbench table sgt_table1 --entries 'my method.py' --scale small --format latex"
    assert command_line("table", request, "--format", "latex", store=STORE) == line


@pytest.mark.parametrize(
    ("request_", "options"),
    [
        (Request(seeds=range(3)), ["--seeds", "3"]),
        (Request(only={"metric": ["gini", "aup_count"]}), ["--only", "metric=gini", "--only", "metric=aup_count"]),
        (Request(stacked=True), ["--stacked"]),
        (Request(compiled=True), ["--compile"]),
    ],
)
def test_each_option_is_named(request_: Request, options: list[str]) -> None:
    named = shlex.split(command_line("run", request_, store=Path("my store")))
    assert named == ["salbench", "run", "quick", "--store", "my store", *options]


def test_results_know_which_measurements_filled_in(tmp_path: Path) -> None:
    results = table(ASKED, store=tmp_path, reference=FOLDER)
    asked = ["--store", str(tmp_path), *NARROW]
    assert shlex.split(results.command_line("ranks")) == ["salbench", "ranks", "quick", *asked, "--reference"]
    assert shlex.split(results.command_line("run")) == ["salbench", "run", "quick", *asked, "--against", "reference"]


def test_the_command_that_a_narrow_table_names_shows_all_of_it(tmp_path: Path) -> None:
    """Seen in a terminal of 80 columns, over a store that is not there."""
    shown = ["table", "quick", "--store", str(tmp_path / "none"), *NARROW, "--reference"]
    narrow = CliRunner(env={"COLUMNS": "80"}).invoke(app, shown)
    assert narrow.exit_code == 0, narrow.output
    named = shlex.join([*shown, "--format", "markdown"])
    assert named in " ".join(narrow.output.split())
    whole = CliRunner().invoke(app, shlex.split(named))
    assert whole.exit_code == 0, whole.output
    assert f"made by: {shlex.join(['salbench', 'table', 'quick', *NARROW, '--reference'])}." in whole.output


def test_what_a_store_lacks_is_named_with_all_that_was_asked(tmp_path: Path) -> None:
    store, asked = tmp_path / "store", [*NARROW, "--seeds", "1"]
    run = ["run", "quick", "--store", str(store), *asked, "--only", "metric=gini", "--workers", "1"]
    assert CliRunner().invoke(app, run).exit_code == 0
    other = ["--store", str(store), "--seeds", "1", "--only", "dataset=digits"]
    refused = CliRunner().invoke(app, ["table", "quick", *other])
    assert refused.exit_code == 2
    assert f"`{shlex.join(['salbench', 'run', 'quick', *other])}` makes them" in refused.stderr
