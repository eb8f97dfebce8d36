"""Common ground: one budget for all, right for the right reasons where data are annotated, and a Pareto table."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from salbench.baselines.architectures import MLP
from salbench.benchmark import Request, run
from salbench.benchmark.pareto import draw_pareto, pareto_table
from salbench.benchmark.registry import find_suite
from salbench.benchmark.suites.training_methods import ANNOTATED, RECIPES, methods_on
from salbench.datasets import DIGITS, Budget, Split
from salbench.datasets.subset import subset
from salbench.metrics import ACCURACY, AOPC_MORF, CALIBRATION_ERROR, NORMALIZED_AOPC_MORF
from salbench.results.store import Store

SUITE = find_suite("training-methods")
TINY = replace(subset(DIGITS, train=60, test=20), name="tiny_digits")
PLANNED = [Request(suite=SUITE, small=small) for small in (False, True)]


@pytest.mark.parametrize("request_", PLANNED, ids=["full", "small"])
def test_every_method_has_one_budget_on_a_data_set(request_: Request) -> None:
    budgets = defaultdict(set)
    trainings = defaultdict(set)
    for entry in request_.chosen_suite.entries:
        budgets[entry.dataset.name].add(entry.budget)
        trainings[entry.dataset.name, entry.architecture.name].add(entry.training)
    assert {len(found) for found in budgets.values()} == {1}
    for (dataset, _), found in trainings.items():
        assert found == set(RECIPES) | (set(ANNOTATED) if dataset.startswith("decoy") else set())


def test_only_annotated_data_have_right_for_the_right_reasons(tmp_path: Path) -> None:
    small = PLANNED[1].chosen_suite
    for dataset in small.datasets:
        annotated = dataset.load(tmp_path, Split.TRAIN).irrelevant is not None
        asked = any(entry.training in ANNOTATED for entry in small.entries if entry.dataset == dataset)
        assert annotated == asked


def test_the_small_scale_plans_fewer_models() -> None:
    full, small = (len(request.plan().models) for request in PLANNED)
    assert small == 2 * (11 + 12)
    assert full == 5 * 2 * (11 + 12 + 11 + 12)


def test_the_pareto_table_joins_numbers_and_cost(tmp_path: Path) -> None:
    chosen = ("regular", "saliency_guided", "scaat_fgsm")
    made = methods_on([TINY], [MLP], budget=Budget(epochs=2, batch_size=20))
    suite = replace(
        PLANNED[1].chosen_suite,
        datasets=(TINY,),
        architectures=(MLP,),
        entries=made,
        trainings=chosen,
        metrics=(ACCURACY, CALIBRATION_ERROR, NORMALIZED_AOPC_MORF),
        samples=4,
        seeds=(0, 1),
    )
    results = run(Request(suite=suite), store=tmp_path)
    with Store(tmp_path, create=False) as store:
        table = pareto_table(results, store).set_index("training")
        files = draw_pareto(results, store, tmp_path, tmp_path / "pareto")
        with pytest.raises(ValueError, match="comparable between models, got aopc_morf"):
            pareto_table(results, store, faithfulness=AOPC_MORF)
        with pytest.raises(LookupError, match="no accuracy of maps of 'lime'"):
            pareto_table(results, store, saliency="lime")
    assert set(table.index) == set(chosen)
    assert [table[name]["regular"] for name in ("cost", "passes", "time")] == [1.0, 1.0, 1.0]
    assert table["cost"].to_dict() == pytest.approx({"regular": 1.0, "saliency_guided": 7 / 3, "scaat_fgsm": 3.0})
    assert table["seeds"].tolist() == [2, 2, 2]
    assert table["optimal"].any()
    for name, metric in (("accuracy", "accuracy"), ("faithfulness", "normalized_aopc_morf")):
        for training in chosen:
            values = [
                record.value
                for record in results.records
                if (record.training, record.metric, record.saliency) == (training, metric, "gradient")
            ]
            assert table.loc[training, name] == pytest.approx(sum(filter(None, values)) / 2)
    assert [file.suffix for file in files] == [".png", ".pdf", ".csv"]
    assert len(pd.read_csv(files[-1])) == 3
