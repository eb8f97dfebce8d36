"""What every command has: options that make a request, and errors in one line."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from salbench.benchmark import Request
from salbench.benchmark.cli import app
from salbench.benchmark.cli.command import command, requested

toy = typer.Typer()
seen: list[object] = []


@toy.command()
@command
def measure(*, rounds: int = 1, request: Request) -> None:
    seen[:] = rounds, request
    raise ArithmeticError("nothing [measured]")


@toy.command()
@command
def match(
    *, first: Annotated[str, typer.Argument()], suite: Annotated[str, typer.Option()] = "quick", request: Request
) -> None:
    seen[:] = first, suite, request


@toy.command()
@command
def leave(status: int) -> None:
    raise typer.Exit(status)


def test_options_make_the_request() -> None:
    options = ["--seeds", "2", "--only", "metric=gini", "--only", "metric=entropy", "--scale", "small", "--stacked"]
    CliRunner().invoke(toy, ["measure", "scaat", "--rounds", "3", *options, "--entries", "mine.py"])
    only = {"metric": ["gini", "entropy"]}
    asked = Request(suite="scaat", entries=[Path("mine.py")], seeds=range(2), only=only, small=True, stacked=True)
    assert seen == [3, asked]


def test_without_options_it_is_the_usual_request() -> None:
    CliRunner().invoke(toy, ["measure"])
    assert seen == [1, Request()]
    assert requested() == Request()


def test_an_option_of_the_commands_own_form_goes_into_the_request() -> None:
    result = CliRunner().invoke(toy, ["match", "regular", "--suite", "scaat", "--compile"])
    assert result.exit_code == 0, result.output
    assert seen == ["regular", "scaat", Request(suite="scaat", compiled=True)]


def test_a_command_without_a_request_has_no_such_options() -> None:
    assert CliRunner().invoke(toy, ["leave", "0", "--seeds", "2"]).exit_code == 2


def test_errors_are_one_line_and_status_2() -> None:
    result = CliRunner().invoke(toy, ["measure"])
    assert (result.exit_code, result.output) == (2, "error: nothing [measured]\n")


def test_debug_lets_errors_through() -> None:
    with pytest.raises(ArithmeticError, match="nothing"):
        CliRunner().invoke(toy, ["measure", "--debug"], catch_exceptions=False)


@pytest.mark.parametrize("status", [0, 1, 7])
def test_exit_statuses_are_kept(status: int) -> None:
    assert CliRunner().invoke(toy, ["leave", str(status)]).exit_code == status


def test_an_interrupted_run_says_that_it_can_go_on(tmp_path: Path) -> None:
    (tmp_path / "stops.py").write_text("raise KeyboardInterrupt")
    command_line = ["run", "--entries", str(tmp_path / "stops.py"), "--store", str(tmp_path / "store")]
    result = CliRunner(env={"COLUMNS": "400"}).invoke(app, command_line)
    assert result.exit_code == 130
    assert f"interrupted; what was measured is in {tmp_path / 'store'}, and the same command" in result.output


def test_help_does_not_wait_for_torch() -> None:
    program = "import sys, salbench.benchmark.cli; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
