"""Comparing methods of a small run, by function and by command."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from salbench.benchmark import Request, compare, run
from salbench.benchmark.cli import app
from salbench.benchmark.pairwise import print_comparison
from salbench.results.errors import StoreError

ENTRIES = """
from dataclasses import replace
from salbench.baselines.architectures import MLP
from salbench.baselines.saliency import GRADIENT, INPUT_X_GRADIENT
from salbench.baselines.training import Regular, SaliencyGuided
from salbench.benchmark.entry import entries
from salbench.datasets import BREAST_CANCER, Budget

OWN = replace(BREAST_CANCER, name="own", budget=Budget(epochs=1))
ENTRIES = [
    entry
    for training, recipe in (("plain", Regular()), ("guided", SaliencyGuided()))
    for entry in entries(
        training=training,
        recipe=recipe,
        datasets=[OWN],
        architectures=[MLP],
        saliency=[GRADIENT, INPUT_X_GRADIENT],
    )
]
"""
ONLY = {
    "dataset": ["own"],
    "saliency": ["gradient", "input_x_gradient"],
    "metric": ["accuracy", "sufficiency", "gini"],
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("entries") / "entries.py"
    file.write_text(ENTRIES)
    return file


@pytest.fixture(scope="module")
def request_(file: Path) -> Request:
    return Request(entries=[file], seeds=[0, 1], only=ONLY)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, request_: Request) -> Path:
    folder = tmp_path_factory.mktemp("stores") / "store"
    run(request_, store=folder)
    return folder


def call(store: Path, file: Path, *arguments: str) -> Result:
    options = ["--seeds", "2", "--store", str(store), "--entries", str(file)]
    options += [part for key, names in ONLY.items() for name in names for part in ("--only", f"{key}={name}")]
    return CliRunner(env={"COLUMNS": "160"}).invoke(app, ["compare", *arguments, *options])


def test_trainings_are_told_by_their_names(store: Path, request_: Request) -> None:
    comparison = compare("plain", "guided", request_, store=store)
    assert comparison.by == "training"
    assert comparison.table["metric"].tolist() == ["accuracy", "gini"]
    assert list(comparison.left_out) == ["sufficiency"]
    assert comparison.table["pairs"].tolist() == [2, 2]
    assert set(comparison.table["verdict"]) == {"too few seeds"}
    assert set(comparison.table["source"]) == {"over samples, these 2 pairs"}


def test_saliency_methods_are_told_by_their_names(store: Path, request_: Request) -> None:
    comparison = compare("gradient", "input_x_gradient", request_, store=store)
    assert comparison.by == "saliency"
    assert set(comparison.table["metric"]) == {"gini", "sufficiency"}
    assert comparison.table["pairs"].tolist() == [4, 4]


def test_difference_is_that_of_the_means(store: Path, request_: Request) -> None:
    table = compare("gradient", "input_x_gradient", request_, store=store).table
    assert table["difference"].tolist() == pytest.approx((table["first"] - table["second"]).tolist())


@pytest.mark.parametrize(
    ("names", "by", "message"),
    [
        (("plaim", "guided"), None, "did you mean 'plain'"),
        (("plain", "guideed"), None, "did you mean 'guided'"),
        (("gradient", "input_x_gradient"), "training", "no training 'gradient'"),
        (("plain", "guided"), "trainng", "did you mean 'training'"),
    ],
)
def test_unknown_names_have_the_nearest(
    store: Path, request_: Request, names: tuple[str, str], by: str | None, message: str
) -> None:
    with pytest.raises(KeyError, match=message):
        compare(*names, request_, store=store, by=by)


def test_nothing_measured_names_the_command(store: Path, request_: Request) -> None:
    with pytest.raises(LookupError, match=r"`salbench run quick --store .*` makes them"):
        compare("plain", "guided", replace(request_, seeds=[7]), store=store)


def test_no_store_is_an_error_and_makes_none(tmp_path: Path, request_: Request) -> None:
    with pytest.raises(StoreError, match="run a suite first"):
        compare("plain", "guided", request_, store=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_command_prints_verdicts_and_what_is_left_out(store: Path, file: Path) -> None:
    result = call(store, file, "plain", "guided", "--suite", "quick")
    assert result.exit_code == 0, result.output
    for part in ("gini ↑", "too few seeds", "left out: sufficiency", "7 pairs", "Holm"):
        assert part in result.output


def test_command_explains_a_wrong_name(store: Path, file: Path) -> None:
    result = call(store, file, "gradint", "input_x_gradient", "--by", "saliency")
    assert result.exit_code == 2
    assert "did you mean 'gradient'" in result.output


def test_narrow_terminal_loses_no_digit(store: Path, request_: Request) -> None:
    console = Console(width=80)
    comparison = compare("plain", "guided", request_, store=store)
    with console.capture() as captured:
        print_comparison(comparison, console)
    assert "…" not in captured.get()
    for value in comparison.table[["first", "second", "difference"]].to_numpy().flatten():
        assert f"{value:.3g}" in captured.get()
