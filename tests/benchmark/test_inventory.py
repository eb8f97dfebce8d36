from dataclasses import replace
from pathlib import Path

import pytest
import torch

from salbench.benchmark.engines.inline import Engine
from salbench.benchmark.inventory import inventory
from salbench.benchmark.planning import Plan, make_plan
from salbench.benchmark.speed.invented import fill, invented_plan
from salbench.metrics import GINI
from salbench.results.record import Status
from salbench.results.store import Store

from .conftest import LINEAR, make_entries, make_suite


@pytest.fixture
def plan() -> Plan:
    return make_plan(make_suite(), make_entries())


def measured(store: Store, plan: Plan) -> None:
    Engine(store=store, data=store.folder, device=torch.device("cpu")).run(plan)


def test_without_a_store_everything_is_missing(plan: Plan) -> None:
    assert all(cell.missing == plan.metrics and cell.weights is None for cell in inventory(plan, None))


def test_a_finished_plan_misses_nothing_with_and_without_its_records(plan: Plan, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        measured(store, plan)
        for records in (True, False):
            cells = inventory(plan, store, records=records)
            assert not any(cell.missing for cell in cells)
            assert all(cell.protocols == frozenset(plan.protocols) for cell in cells)
            assert [len(cell.records) for cell in cells] == [len(plan.metrics) * records] * len(cells)


def test_records_are_in_the_order_of_the_metrics(plan: Plan, tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        measured(store, plan)
        names = [metric.name for metric in plan.metrics]
        assert all([record.metric for record in cell.records] == names for cell in inventory(plan, store))


def test_only_what_is_new_is_missing(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        measured(store, make_plan(make_suite(metrics=(GINI,), seeds=(0,)), make_entries()))
        cells = inventory(make_plan(make_suite(), make_entries()), store, records=False)
    seen = {(cell.model.seed, GINI in cell.missing, cell.weights is None) for cell in cells}
    assert seen == {(0, False, False), (1, True, True)}


def test_a_failure_is_missing_and_its_note_is_among_the_records(tmp_path: Path) -> None:
    def build(shape: tuple[int, ...], classes: int) -> torch.nn.Module:
        raise RuntimeError("no network today")

    plan = make_plan(
        replace(make_suite(), architectures=(broken := replace(LINEAR, build=build),)),
        make_entries(architecture=broken),
    )
    with Store(tmp_path) as store:
        measured(store, plan)
        for cell in inventory(plan, store):
            assert cell.missing == plan.metrics
            assert {record.status for record in cell.records} == {Status.FAILED}
            assert all("no network today" in record.note for record in cell.records)


def test_an_invented_store_has_all_of_its_plan(tmp_path: Path) -> None:
    plan = invented_plan(30)
    with Store(tmp_path) as store:
        assert fill(store, plan) == 300
        assert len(store.frame()) == 300
        cells = inventory(plan, store)
    assert len(cells) == 30
    assert not any(cell.missing or cell.curves_to_run for cell in cells)


def test_parts_that_are_looked_up_one_after_the_other_join(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(tmp_path) as store:
        measured(store, plan)
        whole = inventory(plan, store)
        monkeypatch.setattr("salbench.benchmark.inventory._AT_ONCE", 2)
        assert inventory(plan, store) == whole
