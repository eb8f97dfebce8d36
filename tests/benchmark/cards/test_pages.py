"""The metric cards: written from the registry, complete, and never stale."""

from math import nan
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from salbench.benchmark.cards.definitions import definitions
from salbench.benchmark.cards.pages import cards, write_cards
from salbench.benchmark.cards.separation import Separation, must_separate, read_separation, separates
from salbench.benchmark.cards.separation_suites import CONTROLS
from salbench.benchmark.cli import app
from salbench.metrics import AOPC_LERF, AUP_DIFF_COUNT, GINI, METRICS, Metric, Sign
from salbench.results.references import bibliography

COMMITTED = Path(__file__).parents[3] / "docs" / "metrics"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return cards()


def test_every_metric_has_a_card_and_the_index_names_it(pages: dict[str, str]) -> None:
    assert list(pages) == ["README.md", *(f"{metric.name}.md" for metric in METRICS)]
    assert all(f"({metric.name}.md)" in pages["README.md"] for metric in METRICS)


def test_the_committed_cards_are_what_is_written_now(pages: dict[str, str]) -> None:
    """If this fails: salbench cards --out docs/metrics."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in COMMITTED.glob("*.md")}
    assert sorted(committed) == sorted(pages)
    assert [name for name, text in pages.items() if committed[name] != text] == []


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_card_says_what_is_declared_and_what_is_written(metric: Metric, pages: dict[str, str]) -> None:
    page = pages[f"{metric.name}.md"]
    assert f"`{metric.name}@{metric.version}`" in page
    assert f"| unit | {metric.unit} |" in page
    assert bibliography()[metric.reference] in page
    assert "**Source and departures.**" in page or metric.name == "accuracy"  # the field's oldest score
    names = [item.name for item in metric.protocols] + [item.name for item in metric.retrainings]
    assert all(f"`{name}`" in page for name in names)


def test_a_metric_is_defined_by_its_own_function_and_those_that_this_one_names() -> None:
    assert [function.__name__ for function in definitions(GINI)] == ["gini"]
    assert [function.__name__ for function in definitions(AOPC_LERF)] == ["aopc"]
    found = [function.__name__ for function in definitions(AUP_DIFF_COUNT)]
    assert found[:3] == ["aup", "above_random", "precision_recall"]


def test_settings_that_are_not_the_default_are_told(pages: dict[str, str]) -> None:
    page = pages["xcl_roar_area.md"]
    assert "percents: 20, 50, 80, 90 %; unit: pixel; replacement: dataset; rule: nonzero; input scale: 255.0" in page
    assert "budget: (epochs: 6; batch size: 30)" in page


def test_a_metric_without_a_module_is_refused() -> None:
    unknown = Metric(
        name="unknown",
        version=1,
        score=GINI.score,
        higher_is_better=True,
        across_models=True,
        bounds=(0.0, 1.0),
        unit="share",
        family=GINI.family,
        sign=Sign.ABSOLUTE,
        description="registered nowhere",
        reference="xu2024scaat",
    )
    with pytest.raises(LookupError, match="'unknown'"):
        definitions(unknown)


def test_the_order_follows_the_direction() -> None:
    assert separates(AUP_DIFF_COUNT, 3.0, 2.0, 1.0)
    assert not separates(AUP_DIFF_COUNT, 3.0, 3.0, 1.0)
    assert separates(AUP_DIFF_COUNT, 3.0, 2.0, nan)  # where the inverted map has no score
    assert not separates(AUP_DIFF_COUNT, 2.0, 3.0, nan)
    assert separates(AOPC_LERF, 1.0, 2.0, 3.0)
    assert not separates(AOPC_LERF, 3.0, 2.0, 1.0)


def test_every_metric_that_must_separate_was_measured_in_its_present_version() -> None:
    measured = read_separation()
    wanted = [metric for metric in METRICS if must_separate(metric)]
    assert [metric.name for metric in wanted if not len(measured.of(metric))] == []
    assert "salbench cards --measure" in measured.made


def test_a_card_tells_what_it_was_measured_on_and_where_the_order_is_not_kept(pages: dict[str, str]) -> None:
    measured = read_separation()
    for metric in METRICS:
        page = pages[f"{metric.name}.md"]
        if metric.sign is not Sign.UNUSED:
            for row in measured.of(metric).to_dict("records"):
                assert f"On {row['dataset']}: {measured.about[row['dataset']]}." in page
        if must_separate(metric):
            rows = measured.of(metric)[[control.name for control in CONTROLS]].to_numpy(dtype=float)
            assert page.count("| **no** |") == sum(not separates(metric, *values) for values in rows)


def test_a_number_of_another_version_is_not_shown(tmp_path: Path) -> None:
    old = {"metric": "aopc_lerf", "version": AOPC_LERF.version - 1, "dataset": "middle@1", "architecture": "tcn"}
    row = old | {"seeds": 2, "samples": 100} | {control.name: 0.125 for control in CONTROLS}
    rows = pd.DataFrame([row, row | {"metric": "gini", "version": GINI.version}])
    write_cards(tmp_path, measured=Separation(rows, "measured by hand"))
    assert "Not measured." in (tmp_path / "aopc_lerf.md").read_text(encoding="utf-8")
    assert "| middle@1 | tcn | 2 | 100 | 0.125 | 0.125 | 0.125 |" in (tmp_path / "gini.md").read_text(encoding="utf-8")


def test_the_command_writes_pages_and_removes_stale_ones(tmp_path: Path) -> None:
    stale = tmp_path / "no_more.md"
    stale.write_text("a metric that is no more\n\nWritten by `salbench cards`; change", encoding="utf-8")
    result = CliRunner().invoke(app, ["cards", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert f"wrote {1 + len(METRICS)} pages" in result.output.replace("\n", " ")
    assert not stale.exists()
    assert (tmp_path / "README.md").is_file()


@pytest.mark.parametrize("name", ["README.md", "diary.md"])
def test_somebody_elses_pages_are_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("# My own\n", encoding="utf-8")
    measured = tmp_path / "separation.csv"
    result = CliRunner().invoke(app, ["cards", "--out", str(tmp_path), "--measure", str(measured)])
    assert result.exit_code == 2
    assert f"{name} is no card of a metric; name an empty or a new folder with --out" in result.output.replace("\n", "")
    assert not measured.exists(), "refused before the work"
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [(name, "# My own\n")]


def test_cards_need_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file; cards need a folder"):
        write_cards(tmp_path / "file")
