"""The maps of a run under all conventions, and the commands that show them."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from shutil import copytree, rmtree

import pandas as pd
import pytest
import torch
from rich.console import Console
from typer.testing import CliRunner

from salbench.baselines.saliency import GRADIENT, INTEGRATED_GRADIENTS, ORACLE, RANDOM, SMOOTHGRAD
from salbench.benchmark import Request, Suite
from salbench.benchmark.cli import app
from salbench.benchmark.commands import table
from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.planning import make_plan
from salbench.benchmark.reports.conventions import Explored, conventions, definitions
from salbench.benchmark.reports.conventions_shown import (
    _agreement,
    _cell,
    claims,
    print_explored,
    rendered_conventions,
    write_explored,
)
from salbench.benchmark.reports.ranks import print_ranked, ranks, write_ranked
from salbench.metrics import AOPC_MORF, AUP_COUNT, DELETION_AUC
from salbench.metrics.conventions import CONVENTIONS
from salbench.results.formats.render import RENDERERS
from salbench.results.store import Store

from ..conftest import make_entries, make_suite

METHODS = (GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD)


@pytest.fixture(scope="module")
def suite() -> Suite:
    tiny = make_suite(metrics=(AOPC_MORF, DELETION_AUC, AUP_COUNT), seeds=(0, 1))
    return replace(tiny, entries=tuple(make_entries(saliency=METHODS)), saliency=METHODS, controls=(ORACLE, RANDOM))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, suite: Suite) -> Path:
    folder = tmp_path_factory.mktemp("store")
    with Store(folder) as opened:
        Engine(store=opened, data=folder, device=torch.device("cpu")).run(make_plan(suite, ()))
    return folder


@pytest.fixture(scope="module")
def explored(store: Path, suite: Suite) -> Explored:
    return conventions(Request(suite=suite), store=store, data=store)


def shown(explored: Explored) -> str:
    console = Console(width=160, file=StringIO())
    with console.capture() as captured:
        print_explored(explored, console)
    return captured.get()


def test_conventions_that_are_metrics_have_the_records_values(explored: Explored, store: Path, suite: Suite) -> None:
    records = {
        (item.metric, item.saliency, item.seed): item.value for item in table(Request(suite=suite), store=store).records
    }
    compared = 0
    for convention in (item for item in CONVENTIONS if item.metric in {"aopc_morf", "deletion_auc", "aup_count"}):
        numbers = explored.numbers
        own = numbers[(numbers["measure"] == convention.measure) & (numbers["convention"] == convention.name)]
        for row in own.to_dict("records"):
            assert row["value"] == pytest.approx(records[convention.metric, row["saliency"], row["seed"]])
            compared += 1
    assert compared == 3 * 5 * 2  # conventions, methods and controls, seeds


def test_what_the_store_lacks_is_not_listed(explored: Explored) -> None:
    listed = definitions(explored.numbers)
    assert "fill_mean" not in set(listed["convention"])  # no such curves were run
    assert "mass_minus_permuted" not in set(listed["convention"])  # series only
    assert len(definitions()) == len(CONVENTIONS) > len(listed)


def test_every_table_is_written(explored: Explored, tmp_path: Path) -> None:
    few = explored.numbers[explored.numbers["measure"] == "aopc_contrast"]  # one square is drawn faster than eight
    files = write_explored(replace(explored, numbers=few), tmp_path / "new")
    assert {file.name for file in files} == {
        *("definitions.csv", "values.csv", "agreement.csv", "contested.csv", "agreement.png", "agreement.pdf")
    }
    values = pd.read_csv(tmp_path / "new" / "values.csv")
    assert values.loc[values["control"], "rank"].isna().all()
    assert pd.read_csv(tmp_path / "new" / "agreement.csv")["tau"].between(-1.001, 1.001).all()


def test_report_names_definitions_values_agreement_and_claims(explored: Explored) -> None:
    text = shown(explored)
    assert "aopc_morf, higher is better" in text
    assert "deletion_auc, lower is better" in text
    assert "regular/oracle" in text
    assert "Claims that depend on a convention" in text
    assert "of 3 pairs" in text
    for line in claims(explored):
        assert " over " in line
        assert "(not by " in line


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert _cell(pd.DataFrame({"mean": [-0.0], "rank": [1.0]}, index=["ours"]), "ours").plain == "0\n1"
    agreement = pd.DataFrame({"first": ["ours"], "second": ["theirs"], "tau": [-0.003], "groups": [1]})
    assert list(_agreement(agreement, ["ours", "theirs"]).columns[2].cells) == ["0.00", ""]


def test_leaderboard_has_a_column_a_convention(explored: Explored) -> None:
    names = {metric.name for metric in explored.leaderboard.metrics}
    assert "aopc_morf/with_zero" in names
    assert len(names) == len(definitions(explored.numbers))
    for form in RENDERERS:
        assert "shallow" in rendered_conventions(explored, form)


def test_ranks_of_the_same_run(store: Path, suite: Suite, tmp_path: Path) -> None:
    ranked = ranks(Request(suite=suite), store=store)
    verdicts = {item.metric.name: item.verdict for item in ranked.metrics}
    assert verdicts["aopc_morf"].startswith("too few blocks: ")  # one model
    console = Console(width=160, file=StringIO())
    with console.capture() as captured:
        print_ranked(ranked, console)
    assert "Average ranks of saliency methods" in captured.get()
    assert "Reliability of the metrics" in captured.get()
    files = write_ranked(ranked, tmp_path)
    assert {file.name for file in files} >= {"ranks.csv", "reliability.csv", "concordance.csv"}
    assert not list(tmp_path.glob("*.png"))  # too few blocks for any diagram
    with pytest.raises(ValueError, match="by must be saliency or training"):
        ranks(Request(suite=suite), store=store, by="dataset")


def test_store_without_maps_says_how_to_make_them(tmp_path: Path, suite: Suite) -> None:
    Store(tmp_path).close()
    for command in (conventions, ranks):
        with pytest.raises(LookupError, match=r"`salbench run tiny --store .*` makes them"):
            command(Request(suite=suite), store=tmp_path)


def test_maps_that_are_gone_are_made_in_another_store(store: Path, suite: Suite, tmp_path: Path) -> None:
    copytree(store, tmp_path / "store")
    rmtree(tmp_path / "store" / "artifacts")
    with pytest.raises(LookupError, match=r"not the maps behind them.*`salbench run tiny --store another-store`"):
        conventions(Request(suite=suite), store=tmp_path / "store")


def test_concordance_names_unreliable_metrics(store: Path, suite: Suite) -> None:
    found = ranks(Request(suite=suite), store=store)
    marked = set(found.reliability.loc[~found.reliability["reliable"].astype(bool), "metric"])
    named = {name for names in found.concordance["unreliable"] for name in names.split(", ") if name}
    assert named <= marked
    assert named or not marked or found.concordance.empty


@pytest.mark.parametrize("command", ["conventions", "ranks"])
def test_missing_store_gets_one_message(command: str) -> None:
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, [command, "quick", "--store", "nowhere"])
    assert result.exit_code == 2
    assert "nowhere" in result.output
    assert "Traceback" not in result.output
