import re
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from salbench.benchmark.cli import app

TINY = ["quick", "--seeds", "1", "--only", "dataset=breast_cancer", "--only", "saliency=gradient"]
TABLES = ["leaderboard.csv", "leaderboard.md", "leaderboard.tex"]
FILES = ["accuracy_drop.pdf", "accuracy_drop.png", *TABLES, "training.pdf", "training.png"]


def call(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, arguments)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one small finished run."""
    folder = tmp_path_factory.mktemp("stores") / "store"
    result = call("run", *TINY, "--workers", "1", "--store", str(folder))
    assert result.exit_code == 0, result.output
    assert "breast_cancer@1 · mlp" in result.output
    assert "Next: salbench table quick" in result.output
    return folder


def test_version_is_the_installed_one() -> None:
    assert call("--version").output == f"salbench {version('salbench')}\n"


def test_help_sorts_every_command_under_what_one_wants_to_do() -> None:
    """A command without a panel of its own would stand under `Commands`."""
    shown = call("--help").output
    assert all(title in shown for title in ("Measure", "Read what was measured", "Add a method"))
    assert "Commands" not in shown


def test_run_leaves_tables_and_a_figure(store: Path) -> None:
    assert sorted(path.name for path in (store / "reports" / "quick").iterdir()) == [".written", *FILES]


def test_second_run_measures_nothing(store: Path) -> None:
    before = (store / "reports" / "quick" / "leaderboard.csv").read_text()
    result = call("run", *TINY, "--store", str(store))
    assert result.exit_code == 0
    assert "done" not in result.output
    assert (store / "reports" / "quick" / "leaderboard.csv").read_text() == before


def test_plan_says_what_is_done_and_what_is_not(store: Path, tmp_path: Path) -> None:
    done = call("plan", *TINY, "--store", str(store)).output
    assert "Nothing to do." in done
    assert f"Next: salbench table quick --store {store} --seeds 1 --only dataset=breast_cancer" in done
    fresh = call("plan", *TINY, "--store", str(tmp_path / "none"))
    assert fresh.exit_code == 0
    assert "0/2" in fresh.output
    assert "To do: 2 trainings, 2 map sets, 2 curve sets" in fresh.output
    assert (
        f"Next: salbench run quick --store {tmp_path / 'none'} --seeds 1 --only dataset=breast_cancer" in fresh.output
    )
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("suite", ["shortcut-detection", "quick"])
def test_plan_shows_every_count_in_a_narrow_terminal(
    tmp_path: Path, suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = call("plan", suite, "--store", str(tmp_path))
    assert "…" not in result.output
    numbers = {"shortcut-detection": "0/72 0/1260 0/11340", "quick": "0/42 0/372 0/372 0/5952"}[suite]
    assert f"all {numbers}" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("form", "sign"),
    [("terminal", "accuracy ↑"), ("markdown", "| accuracy ↑ |"), ("latex", r"\toprule"), ("csv", "sd,")],
)
def test_table_in_every_format(store: Path, form: str, sign: str) -> None:
    result = call("table", *TINY, "--store", str(store), "--format", form)
    assert result.exit_code == 0
    assert sign in result.output


@pytest.mark.parametrize("form", ["terminal", "markdown", "latex", "csv", "html", "json"])
def test_table_in_another_layout(store: Path, form: str) -> None:
    layout = ["--rows", "metric", "--columns", "training", "--mean-over", "saliency"]
    result = call("table", *TINY, "--store", str(store), "--format", form, *layout)
    assert result.exit_code == 0, result.output
    assert "gini" in result.output
    assert "guided" in result.output


def test_table_says_where_intervals_come_from(store: Path) -> None:
    result = call("table", *TINY, "--store", str(store), "--format", "markdown")
    assert "95% intervals: over samples, one model" in result.output
    assert (
        "made by: salbench table quick --seeds 1 --only dataset=breast_cancer --only saliency=gradient" in result.output
    )


def test_table_lists_what_is_missing_and_the_command_that_fills_it(store: Path) -> None:
    result = call("table", "quick", "--seeds", "2", *TINY[3:], "--store", str(store), "--format", "markdown")
    assert re.search(r"- breast_cancer/mlp/regular, seed 1: all \d+ metrics of gradient\n", result.output)
    assert f"    salbench run quick --store {store} --seeds 2 --only dataset=breast_cancer" in result.output


def test_agreement_of_too_few_methods_says_so(store: Path) -> None:
    result = call("agreement", *TINY, "--store", str(store))
    assert result.exit_code == 0, result.output
    assert "No two metrics rank three common methods" in result.output


def test_table_is_written_to_a_file(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "table.tex"
    call("table", *TINY, "--store", str(store), "--format", "latex", "--out", str(out))
    assert r"\end{table}" in out.read_text()
    call("table", *TINY, "--store", str(store), "--out", str(tmp_path / "table.md"))
    assert "| --- |" in (tmp_path / "table.md").read_text()


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("datasets", "rare_feature"),
        ("architectures", "sgt_cnn"),
        ("training", "saliency_guided"),
        ("saliency", "smoothgrad"),
        ("metrics", "aup_diff_count@1"),
        ("suites", "quick"),
        ("entries", "middle/tcn/saliency_guided/smoothgrad"),
    ],
)
def test_list_shows_what_there_is(what: str, line: str) -> None:
    result = call("list", what)
    assert result.exit_code == 0
    assert line in result.output


def test_data_status_names_files_and_folders(tmp_path: Path) -> None:
    result = call("data", "status", "--data", str(tmp_path))
    assert result.exit_code == 0
    assert "missing" in result.output


def test_data_that_need_no_fetching_say_so() -> None:
    assert "nothing to fetch" in call("data", "fetch", "digits").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "quik"], "no suite 'quik'; did you mean 'quick'"),
        (["plan", "quick", "--only", "dataset=digit"], "no dataset 'digit'; did you mean 'digits'"),
        (["plan", "quick", "--only", "metric=gni"], "no metric 'gni'; did you mean 'gini'"),
        (["plan", "quick", "--only", "regular"], "--only takes KEY=NAME"),
        (["table", "quick", "--rows", "trainng"], "no key 'trainng' for rows; did you mean 'training'"),
        (["table", "quick", "--rows", "seed", "--mean-over", "seed"], "key 'seed' may be named once"),
        (["table", "quick", "--published", "--rows", "seed"], "--published has a layout of its own"),
        (["table", "quick", "--reference", "--published"], "suite 'quick' answers no published table"),
        (["table", "quick", "--reference", "--out", "a.txt"], "--out must end in .md, .tex, .csv, .html, .json"),
        (["list", "suits"], "no list 'suits'; did you mean 'suites'"),
        (["data", "fetch", "mnits"], "no dataset 'mnits'; did you mean 'mnist'"),
        (["run", "quick", "--entries", "nowhere.py"], "no entries file nowhere.py"),
        (["table", "quick", "--store", "nowhere"], "nowhere"),
    ],
)
def test_bad_input_gets_one_message_and_status_2(arguments: list[str], message: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert f"error: {message}" in result.output if message != "nowhere" else message in result.output
    assert "Traceback" not in result.output


def test_table_of_a_store_without_results_says_how_to_make_them(store: Path) -> None:
    result = call("table", "quick", "--only", "dataset=digits", "--store", str(store))
    assert result.exit_code == 2
    assert f"`salbench run quick --store {store} --only dataset=digits` makes them" in result.output


def test_gpu_where_there_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    result = call("run", *TINY, "--device", "cuda", "--store", str(tmp_path / "store"))
    assert result.exit_code == 2
    assert "torch sees no GPU" in result.output


def test_unwritable_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = call("run", *TINY, "--workers", "1", "--store", str(tmp_path / "file" / "store"))
    assert result.exit_code == 2
    assert str(tmp_path / "file" / "store") in result.output
    assert "--store" in result.output


BROKEN = """
from dataclasses import dataclass
from typing import ClassVar
from salbench.baselines.architectures import MLP
from salbench.baselines.saliency import GRADIENT
from salbench.baselines.training import Recipe
from salbench.benchmark.entry import entries
from salbench.datasets import BREAST_CANCER

@dataclass(frozen=True, slots=True, kw_only=True)
class Broken(Recipe):
    reference: ClassVar[str] = "ross2017right"
    def loss(self, model, batch, state):
        raise RuntimeError("the loss is [broken]")

ENTRIES = entries(
    training="broken", recipe=Broken(), datasets=[BREAST_CANCER], architectures=[MLP], saliency=[GRADIENT]
)
"""


def test_failed_entry_is_shown_with_its_reason_and_status_1(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text(BROKEN)
    arguments = [*TINY, "--store", str(store), "--entries", str(file)]
    result = call("run", *arguments, "--workers", "1")
    assert result.exit_code == 1
    assert "RuntimeError: the loss is [broken]" in result.output
    assert "failed" in result.output
    again = call("table", *arguments)
    assert "training failed: RuntimeError: the loss is [broken]" in " ".join(again.output.split())
    with pytest.raises(RuntimeError, match="the loss is"):
        CliRunner().invoke(app, ["run", *arguments, "--debug"], catch_exceptions=False)


@pytest.mark.parametrize("engine", ["processes", "ray"])
def test_debug_stays_in_this_process(store: Path, engine: str) -> None:
    result = call("run", *TINY, "--store", str(store), "--debug", "--engine", engine)
    assert result.exit_code == 2
    assert f"leave out --engine {engine}" in " ".join(result.output.split())


def test_help_teaches() -> None:
    text = call("--help").output
    for command in ("run", "plan", "table", "list", "data"):
        assert command in text
    assert "--only" in call("run", "--help").output
