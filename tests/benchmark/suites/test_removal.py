"""The suite of removal: its small scale is a part of the whole, so that what it measured serves both."""

from salbench.benchmark.keys import train_key
from salbench.benchmark.request import Request
from salbench.benchmark.suites.full import SUITE as FULL
from salbench.benchmark.suites.removal import SUITE
from salbench.metrics import F_FIDELITY_MINUS, F_FIDELITY_PLUS, METRICS, ROAD, ROAR


def test_the_three_ways_stand_side_by_side() -> None:
    assert {ROAR, ROAD, F_FIDELITY_PLUS, F_FIDELITY_MINUS} <= set(SUITE.metrics)


def test_the_small_scale_is_a_part_of_the_whole() -> None:
    whole, small = (Request(suite=SUITE, small=small).plan() for small in (False, True))
    assert (small.metrics, small.samples) == (whole.metrics, whole.samples)
    assert {train_key(model) for model in small.models} < {train_key(model) for model in whole.models}
    assert {model.seed for model in small.models} == {model.seed for model in whole.models}


def test_the_full_suite_has_every_metric_and_a_filter_finds_each() -> None:
    assert FULL.metrics == METRICS
    plan = Request(suite=FULL, seeds=(0,), only={"metric": ["shortcut_auroc"], "dataset": ["decoy_digits"]}).plan()
    assert [metric.name for metric in plan.metrics] == ["shortcut_auroc"]
    assert {model.dataset.name for model in plan.models} == {"decoy_digits"}
