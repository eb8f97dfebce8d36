"""What a plan lacks is found, counted and filled by one command."""

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from salbench.benchmark.cli import app
from salbench.benchmark.commands import table
from salbench.benchmark.missing import describe_missing, missing, shared_filters
from salbench.benchmark.request import Request
from salbench.results.record import Record, Status

TINY = Request(
    seeds=range(2), only={"dataset": ["breast_cancer"], "saliency": ["gradient"], "metric": ["accuracy", "gini"]}
)


@pytest.fixture
def records() -> list[Record]:
    """All that the plan asks for."""
    return [
        Record(
            key=f"{model.training}/{metric.name}/{model.seed}",
            dataset="breast_cancer@1",
            architecture="mlp",
            training=model.training,
            saliency="gradient",
            control=False,
            metric=metric.name,
            metric_version=metric.version,
            family=str(metric.family),
            higher_is_better=metric.higher_is_better,
            seed=model.seed,
            value=0.5,
        )
        for model in TINY.plan().models
        for metric in TINY.plan().metrics
    ]


def keep(records: list[Record], wanted: Callable[[Record], bool]) -> list[Record]:
    return [record for record in records if wanted(record)]


def test_a_whole_plan_lacks_nothing(records: list[Record]) -> None:
    gaps = missing(TINY.plan(), records)
    assert gaps == []
    assert describe_missing(gaps, TINY.plan()) == []


def test_a_skipped_number_is_there_and_a_failed_one_is_not(records: list[Record]) -> None:
    first, second, *others = records
    skipped = replace(first, status=Status.SKIPPED, value=None)
    failed = replace(second, status=Status.FAILED, value=None)
    (gap,) = missing(TINY.plan(), [skipped, failed, *others])
    assert (gap.metric, gap.failed) == (second.metric, True)
    assert describe_missing([gap], TINY.plan())[0] == "Not there: 1 number of the plan, 0 not measured and 1 failed"


def test_lines_name_models_seeds_and_what_they_lack(records: list[Record]) -> None:
    plan = TINY.plan()
    gaps = missing(plan, keep(records, lambda record: record.training != "regular" or record.seed == 0))
    assert describe_missing(gaps, plan) == [
        "Not there: 2 numbers of the plan, 2 not measured and 0 failed",
        "breast_cancer/mlp/regular, seed 1: all 2 metrics of gradient",
    ]


def test_filters_name_what_all_gaps_share(records: list[Record]) -> None:
    plan = TINY.plan()
    gaps = missing(plan, keep(records, lambda record: record.training != "regular" or record.metric == "gini"))
    assert shared_filters(gaps, plan) == {"training": ["regular"], "metric": ["accuracy"]}


def test_the_command_fills_what_the_table_lacks(tmp_path: Path) -> None:
    store, runner = tmp_path / "store", CliRunner(env={"COLUMNS": "160"})
    narrow = ["--only", "dataset=breast_cancer", "--only", "saliency=gradient", "--only", "metric=gini"]
    done = runner.invoke(app, ["run", "quick", *narrow, "--seeds", "1", "--workers", "1", "--store", str(store)])
    assert done.exit_code == 0, done.output
    request = Request(seeds=range(1), only={**TINY.only})
    found = table(request, store=store)
    assert "Not there: 2 numbers of the plan, 2 not measured and 0 failed" in found.sheet.missing
    again = runner.invoke(app, [*shlex.split(found.sheet.command)[1:], "--workers", "1"])
    assert again.exit_code == 0, again.output
    assert table(request, store=store).sheet.missing == ()
