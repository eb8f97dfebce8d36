"""The suites that answer right for the right reasons: what they claim can be measured, and what they draw."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isnan, sqrt
from pathlib import Path

import pandas as pd
import pytest
import torch

from salbench.baselines.architectures import RRR_MLP
from salbench.baselines.saliency import GRADIENT, RANDOM
from salbench.baselines.training import Recipe, Regular, RightForRightReasons
from salbench.benchmark import Request, Results, run
from salbench.benchmark.entry import entries
from salbench.benchmark.registry import suites
from salbench.benchmark.suite import Suite
from salbench.benchmark.suites import rrr_figure13, rrr_iris_cancer, rrr_table1, shortcut_detection
from salbench.datasets import Budget, Dataset, Split, iris_cancer
from salbench.datasets.decoy import DECOY_DIGITS_SCALED, DECOY_MNIST
from salbench.datasets.newsgroups import vocabulary
from salbench.metrics import Metric, Sign
from salbench.metrics.shortcut import ACCURACY_ABSENT, ACCURACY_FLIPPED, ACCURACY_INFORMATIVE, SHORTCUT_AUROC
from salbench.results.store import Store

RRR = [suite for name, suite in suites().items() if name.startswith("rrr-")]
ROWS = {  # of each published table
    "rrr-figure2": [1],
    "rrr-figure3": [50 * 3 + 45 * 3],
    "rrr-figure4": [3],
    "rrr-figure5": [1, 1],
    "rrr-figure6": [],
    "rrr-figure7": [],
    "rrr-figure8": [2, 4],
    "rrr-figure9": [4, 6],
    "rrr-figure10": [14],
    "rrr-figure11": [21],
    "rrr-figure12": [42],
    "rrr-figure13": [160],
    "rrr-decoy-sweep": [26, 8],
    "rrr-table1": [],
}


def measurable(suite: Suite) -> Iterator[tuple[str, bool]]:
    """Each claim, and whether the suite has an entry and a metric for it."""
    models = {
        (entry.dataset.name, entry.architecture.name, entry.training, entry.saliency.name) for entry in suite.entries
    }
    metrics = {metric.name for metric in suite.metrics}
    for table in suite.published:
        for row in table.claims().to_dict("records"):
            asked = (row["dataset"], row["architecture"], row["training"], row["saliency"])
            fits = any(all(not want or want == has for want, has in zip(asked, model, strict=True)) for model in models)
            yield f"{asked} {row['metric']}", fits and row["metric"] in metrics


def test_there_is_a_suite_for_every_table_and_figure() -> None:
    assert {suite.name for suite in RRR} == set(ROWS)
    assert "shortcut-detection" in suites()


@pytest.mark.parametrize("suite", RRR, ids=[suite.name for suite in RRR])
def test_every_claim_can_be_measured(suite: Suite) -> None:
    assert [len(table.claims()) for table in suite.published] == ROWS[suite.name]
    assert [claim for claim, can in measurable(suite) if not can] == []


@pytest.mark.parametrize("suite", RRR, ids=[suite.name for suite in RRR])
def test_the_small_scale_asks_the_same_of_fewer_models(suite: Suite) -> None:
    assert suite.small is not None
    small, whole = Request(suite=suite, small=True).plan(), Request(suite=suite).plan()
    cost = [sum(model.budget.epochs for model in plan.models) for plan in (small, whole)]
    assert cost[0] < cost[1]
    assert suite.small.name == suite.name
    assert suite.small.obstacle
    if suite.published:
        assert any(can for _, can in measurable(suite.small)) or "newsgroups" in suite.datasets[0].name


def test_the_published_values_of_figure_9() -> None:
    text, notebook = (table.claims() for table in suites()["rrr-figure9"].published)
    accuracy = text[text["metric"] == "accuracy"].set_index("dataset")["value"]
    assert accuracy.to_dict() == {"plain_mnist": 0.958, "decoy_mnist": 0.552}
    full = notebook[notebook["training"] == "right_for_right_reasons"].set_index("metric")["value"]
    assert full.to_dict() == pytest.approx({"accuracy_training": 0.982016666667, "accuracy": 0.9607})


@pytest.mark.parametrize("suite", RRR, ids=[suite.name for suite in RRR])
def test_a_claim_about_maps_names_its_saliency_method(suite: Suite) -> None:
    unread = {metric.name for metric in suite.metrics if metric.sign is Sign.UNUSED}
    for table in suite.published:
        claims = table.claims()
        assert (claims[~claims["metric"].isin(unread)]["saliency"] == "gradient_rrr").all()  # not a mean with controls
        assert (claims[claims["metric"].isin(unread)]["saliency"] == "").all()


def test_rounds_are_predecessors_of_each_other() -> None:
    for name, weights in (("rrr-figure4", [0.0, 1e3, 1e6]), ("rrr-figure11", [1000.0] * 7)):
        recipes = list(dict.fromkeys(entry.recipe for entry in suites()[name].entries))
        assert [recipe.penalty_weight for recipe in recipes] == weights  # type: ignore[attr-defined]
        assert [recipe.after for recipe in recipes] == [None, *recipes[:-1]]  # type: ignore[attr-defined]


def test_counterfactuals_have_the_same_samples_but_for_the_swatch(tmp_path: Path) -> None:
    test = DECOY_DIGITS_SCALED.load(tmp_path, Split.TEST)
    assert test.irrelevant is not None
    assert {item.shortcut for item in DECOY_DIGITS_SCALED.counterfactuals} == {"informative", "flipped", "absent"}
    for _, dataset in DECOY_DIGITS_SCALED.counterfactuals:
        other = dataset.load(tmp_path, Split.TEST)
        assert torch.equal(other.ids, test.ids)
        assert torch.equal(other.inputs[~test.irrelevant], test.inputs[~test.irrelevant])
        assert not dataset.counterfactuals
    assert DECOY_MNIST.counterfactuals


def test_how_much_less_data_a_level_takes() -> None:
    counts = [10.0, 100.0, 1000.0]
    assert rrr_figure13.saving(counts, [0.5, 0.7, 0.9], [0.9, 0.9, 0.9], 0.9) == pytest.approx(100)
    between = rrr_figure13.saving(counts, [0.5, 0.7, 0.9], [0.5, 0.7, 0.9], 0.8)
    assert between == pytest.approx(1)
    halfway = rrr_figure13.saving(counts, [0.5, 0.7, 0.9], [0.8, 0.8, 0.8], 0.8)
    assert halfway == pytest.approx(sqrt(100 * 1000) / 10)
    assert isnan(rrr_figure13.saving(counts, [0.5, 0.6, 0.7], [0.9, 0.9, 0.9], 0.9))


def test_the_ratio_of_the_times_by_hand() -> None:
    costs = pd.DataFrame(
        {
            "dataset": ["iris_cancer_0"] * 2 + ["toy_colors"],
            "saliency": ["lime_rrr", "gradient_rrr", "lime_rrr"],
            "milliseconds": [30.0, 0.1, 5.0],
            "forwards": [257.0, 1.0, 257.0],
        }
    )
    found = rrr_table1.ratios(costs, {"iris_cancer_0": "iris_cancer", "toy_colors": "toy_colors"})
    assert found["dataset"].tolist() == ["iris_cancer_0"]  # the gradient of the other was not timed
    assert found["ratio"].tolist() == pytest.approx([300.0])
    assert found["published_ratio"].tolist() == pytest.approx([0.03 / 1.9e-5])


def test_only_the_two_news_sets_have_a_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="decoy_mnist"):
        vocabulary(DECOY_MNIST, tmp_path)


def tiny(
    suite: Suite,
    trainings: Mapping[str, Recipe],
    dataset: Dataset,
    *,
    samples: int | None = None,
    metrics: tuple[Metric, ...] = (),
) -> Suite:
    """The suite with models that train in a moment."""
    own = [
        entry
        for training, recipe in trainings.items()
        for entry in entries(
            training=training,
            recipe=recipe,
            datasets=[dataset],
            architectures=[RRR_MLP],
            saliency=suite.saliency if suite.name != "shortcut-detection" else [GRADIENT],
            budget=Budget(epochs=3, batch_size=256),
        )
    ]
    return replace(
        suite,
        entries=tuple(own),
        datasets=(dataset,),
        architectures=(RRR_MLP,),
        saliency=tuple(dict.fromkeys(entry.saliency for entry in own)),
        controls=(RANDOM,),
        seeds=(0,),
        samples=samples,
        metrics=metrics or suite.metrics,
    )


def drawn(results: Results, store: Path, folder: Path) -> list[str]:
    """The names of the files of all figures."""
    with Store(store, create=False) as opened:
        files = [
            file
            for figure in results.suite.figures
            for file in figure.draw(results, opened, folder, folder / figure.name)
        ]
    assert all(file.stat().st_size for file in files)
    return sorted(file.name for file in files)


def test_iris_cancer_end_to_end(tmp_path: Path) -> None:
    trainings = {"regular": RightForRightReasons(penalty_weight=0.0), "right_for_right_reasons": RightForRightReasons()}
    suite = tiny(suites()["rrr-figure8"], trainings, dataset=rrr_iris_cancer.SPLITS[0])
    results = run(Request(suite=suite), store=tmp_path / "store", data=tmp_path, stop_on_failure=True)
    assert {record.status for record in results.records} == {"ok"}
    assert [len(comparison) for _, comparison in results.comparisons] == [2, 4]
    assert all((comparison["verdict"] != "not measured").all() for _, comparison in results.comparisons)
    assert drawn(results, tmp_path / "store", tmp_path) == ["rrr_figure8.pdf", "rrr_figure8.png"]


def test_figure_7_names_the_columns(tmp_path: Path) -> None:
    trainings = {"regular": RightForRightReasons(penalty_weight=0.0)}
    suite = tiny(suites()["rrr-figure7"], trainings, dataset=rrr_iris_cancer.SPLITS[0], samples=3)
    results = run(Request(suite=suite), store=tmp_path / "store", data=tmp_path, stop_on_failure=True)
    assert drawn(results, tmp_path / "store", tmp_path) == ["rrr_figure7.pdf", "rrr_figure7.png"]


def test_a_figure_without_its_maps_is_not_drawn(tmp_path: Path) -> None:
    trainings = {"regular": RightForRightReasons(penalty_weight=0.0)}
    suite = tiny(suites()["rrr-figure7"], trainings, dataset=iris_cancer(3), samples=3)
    results = run(Request(suite=suite), store=tmp_path / "store", data=tmp_path)
    with pytest.raises(LookupError, match="no maps of iris_cancer_0/regular"):
        drawn(results, tmp_path / "store", tmp_path)


def test_shortcut_detection_end_to_end(tmp_path: Path) -> None:
    trainings = {
        "regular": Regular(),
        "right_for_right_reasons": RightForRightReasons(penalty_weight=0.1),
    }
    metrics = (ACCURACY_INFORMATIVE, ACCURACY_FLIPPED, ACCURACY_ABSENT, SHORTCUT_AUROC)
    suite = tiny(suites()["shortcut-detection"], trainings, dataset=DECOY_DIGITS_SCALED, samples=20, metrics=metrics)
    results = run(Request(suite=suite), store=tmp_path / "store", data=tmp_path, stop_on_failure=True)
    assert {record.status for record in results.records} == {"ok"}
    with Store(tmp_path / "store", create=False) as store:
        found = shortcut_detection.separations(results, store).set_index("saliency")
    assert found["told_apart"]["random"] == 0.5  # the same maps for both models
    assert found["control"].to_dict() == {"gradient": False, "random": True}
    assert 0 <= found["told_apart"]["gradient"] <= 1
    values = {
        (record.training, record.metric): record.value for record in results.records if record.saliency == "gradient"
    }
    kept, flipped = (values["regular", metric.name] for metric in (ACCURACY_INFORMATIVE, ACCURACY_FLIPPED))
    assert kept is not None
    assert flipped is not None
    assert found["reliance_of_regular"].tolist() == pytest.approx([kept - flipped] * 2)
    assert "shortcut_detection.csv" in drawn(results, tmp_path / "store", tmp_path)
