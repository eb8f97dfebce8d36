"""The regularizers' suites: claims with their units, and the cross table, whose diagonal is each model's own number."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from salbench.baselines.architectures import CNN3B
from salbench.baselines.training import SaliencyRegularized
from salbench.benchmark import Request, Results, run
from salbench.benchmark.cross_table import cross_table
from salbench.benchmark.entry import entries
from salbench.benchmark.publications.regularizer_figures import draw_cross_table
from salbench.benchmark.registry import find_suite
from salbench.benchmark.suites.regularizers_images import TRAININGS
from salbench.datasets import DIGITS, FASHION_MNIST_UNIT, MNIST_UNIT, Budget
from salbench.datasets.subset import subset
from salbench.metrics import ACCURACY, ACCURACY_DROP, XCL_MORF
from salbench.results.published import KEY
from salbench.results.store import Store
from salbench.results.xcl_claims import claims, cross_claims

WEIGHTS = {
    "regularizers-mnist": 0.1,
    "regularizers-mnist-weight-1": 1.0,
    "regularizers-mnist-weight-0.01": 0.01,
    "regularizers-mnist-1-epoch": 0.1,
    "regularizers-fashion": 0.1,
}
NAMES = tuple(WEIGHTS)
TINY = replace(subset(DIGITS, train=60, test=30), budget=Budget(epochs=2, batch_size=20))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    """Two models of a few digits."""
    small = find_suite("regularizers-mnist").small
    assert small is not None
    made = tuple(
        entry
        for training in ("regular", "symmetry_regularized")
        for entry in entries(
            training=training,
            recipe=TRAININGS[training],
            datasets=[TINY],
            architectures=[CNN3B],
            saliency=small.saliency,
        )
    )
    metrics = (ACCURACY, XCL_MORF, ACCURACY_DROP)
    suite = replace(small, datasets=(TINY,), entries=made, metrics=metrics, samples=8, seeds=(0,))
    return run(Request(suite=suite), store=folder)


def test_every_published_number_but_the_crossed_ones_is_claimed() -> None:
    mnist = claims("mnist", measured_on="mnist_unit", architecture="cnn3b")
    assert mnist["metric"].value_counts().to_dict() == dict.fromkeys(mnist["metric"].unique(), 7)
    assert len(mnist) == 49
    assert len(claims("fashion_mnist", measured_on="fashion_mnist_unit", architecture="cnn4b")) == 2
    assert len(cross_claims()) == 14


def test_roar_is_claimed_in_our_unit() -> None:
    table = claims("mnist", measured_on="mnist_unit", architecture="cnn3b")
    row = table[(table["metric"] == "xcl_roar_area") & (table["training"] == "regular")]
    assert row["value"].item() == pytest.approx(8355.05)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("small", [False, True])
def test_every_claim_is_measured_by_the_suite(name: str, small: bool) -> None:
    suite = Request(suite=name, small=small).chosen_suite
    metrics = {metric.name for metric in suite.metrics}
    places = {(entry.dataset.name, entry.architecture.name, entry.training) for entry in suite.entries}
    methods = {method.name for method in suite.saliency}
    for published in suite.published:
        table = published.claims()
        assert len(table)
        for claim in table.to_dict("records"):
            assert claim["metric"] in metrics
            assert claim["saliency"] in {"", *methods}
            assert tuple(claim[column] for column in KEY[:3]) in places


@pytest.mark.parametrize("name", NAMES)
def test_all_seven_models_have_one_budget(name: str) -> None:
    suite = find_suite(name)
    assert {entry.training for entry in suite.entries} == set(TRAININGS)
    assert len(TRAININGS) == 7
    (budget,) = {entry.budget for entry in suite.entries}
    assert (budget.epochs, budget.batch_size) == (1 if "1-epoch" in name else 8, 30 if "fashion" in name else 60)
    assert (budget.optimizer, budget.learning_rate) == ("adam", 1e-3)
    assert len(Request(suite=name, small=True).plan().models) < len(Request(suite=name).plan().models)


@pytest.mark.parametrize(("name", "weight"), WEIGHTS.items())
def test_all_penalties_of_a_suite_have_one_weight(name: str, weight: float) -> None:
    recipes = {entry.recipe for entry in find_suite(name).entries if isinstance(entry.recipe, SaliencyRegularized)}
    assert [penalty.weight for recipe in recipes for penalty in recipe.penalties] == [weight] * 6


def test_pixels_of_the_unit_sets_are_between_0_and_1() -> None:
    assert MNIST_UNIT.load.args[1:] == FASHION_MNIST_UNIT.load.args[1:] == (0.0, 1.0)  # type: ignore[attr-defined]


def test_the_diagonal_of_the_cross_table_is_each_models_own_number(results: Results, folder: Path) -> None:
    with Store(folder, create=False) as store:
        table = cross_table(results, store, folder, saliency="gradient_xcl")
    assert len(table) == 4
    for metric in (XCL_MORF, ACCURACY_DROP):
        own = {
            record.training: record.value
            for record in results.records
            if record.metric == metric.name and record.saliency == "gradient_xcl"
        }
        diagonal = table[table["maps_of"] == table["evaluated_on"]].set_index("maps_of")[metric.name].to_dict()
        assert diagonal == pytest.approx(own, rel=1e-5)


def test_a_second_cross_table_runs_no_model(results: Results, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(folder, create=False) as store:
        first = cross_table(results, store, folder, saliency="gradient_xcl")
        monkeypatch.setattr("salbench.benchmark.cross_table.restore", None)
        pd.testing.assert_frame_equal(first, cross_table(results, store, folder, saliency="gradient_xcl"))


def test_the_cross_table_is_drawn_with_published_pairs(results: Results, folder: Path, tmp_path: Path) -> None:
    with Store(folder, create=False) as store:
        files = draw_cross_table(results, store, folder, tmp_path / "cross_table")
    assert [file.suffix for file in files] == [".png", ".pdf", ".csv"]
    table = pd.read_csv(files[-1]).set_index(["maps_of", "evaluated_on"])
    assert table.loc[("symmetry_regularized", "regular"), "published_mnist_xcl_morf"] == pytest.approx(
        0.826177, abs=1e-6
    )


def test_no_maps_are_a_lookup_error(results: Results, folder: Path) -> None:
    with Store(folder, create=False) as store, pytest.raises(LookupError, match="no maps of 'lime'"):
        cross_table(results, store, folder, saliency="lime")
