"""The README's examples, as they stand there, do what it says."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salbench.benchmark.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_new_method_appears_in_the_table(tmp_path: Path) -> None:
    file = tmp_path / "gradient_penalty.py"
    file.write_text(next(example for example in EXAMPLES if "ENTRIES" in example))
    only = ["--only", "dataset=breast_cancer", "--only", "saliency=gradient", "--seeds", "1", "--workers", "1"]
    command = ["run", "quick", "--entries", str(file), "--store", str(tmp_path / "store"), *only]
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "breast_cancer/mlp/gradient_penalty seed 0" in result.output
    table = (tmp_path / "store/reports/quick/leaderboard.md").read_text()
    assert {"| regular |", "| saliency_guided |", "| gradient_penalty |"} <= set(re.findall(r"^\| \w+ \|", table, re.M))


def test_right_for_the_right_reasons_on_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    example = next(example for example in EXAMPLES if "find_another_explanation" in example)
    names: dict[str, object] = {"__name__": "__main__"}
    exec(example, names)
    assert capsys.readouterr().out.count("looks at") == 3
    file = tmp_path / "tumors.py"
    file.write_text(example)
    only = ["--only", "dataset=tumors", "--only", "saliency=gradient", "--seeds", "1", "--workers", "1"]
    command = ["run", "quick", "--entries", str(file), "--store", str(tmp_path / "store"), *only]
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "tumors/rrr_mlp/right_for_right_reasons seed 0" in result.output


def test_running_from_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(next(example for example in EXAMPLES if "import Request, run" in example), {})
    assert "accuracy" in capsys.readouterr().out


def test_every_command_of_the_readme_is_there() -> None:
    names = set(re.findall(r"`?salbench (\w+)", README)) - {"measures", "computes"}
    help_text = CliRunner().invoke(app, ["--help"]).output
    assert {"run", "plan", "table", "list", "data"} <= names
    for name in names & {"run", "plan", "table", "list", "data", "compare", "report", "why", "new", "check"}:
        assert name in help_text


def test_its_findings_are_those_of_the_reference() -> None:
    notes = tomllib.loads((ROOT / "results" / "reference" / "notes.toml").read_text(encoding="utf-8"))
    assert notes["in_short"].strip() in README


def test_its_table_is_what_the_reference_says(tmp_path: Path) -> None:
    shown = re.search(r"```sh\nsalbench (table [^\n]*--reference[^\n]*)\n```\n\n```text\n(.*?)```", README, re.DOTALL)
    assert shown
    command = [*shown[1].split(), "--store", str(tmp_path / "none")]
    printed = CliRunner(env={"COLUMNS": "101"}).invoke(app, command).output
    assert [line.rstrip() for line in printed.splitlines()][: shown[2].count("\n")] == shown[2].splitlines()
