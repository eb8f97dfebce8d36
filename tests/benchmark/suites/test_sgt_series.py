"""The suites on series: every claim has an entry, shares and layouts are those of the tables, and figures are drawn."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import torch

from salbench.baselines.training import SaliencyGuided
from salbench.benchmark import Request, Results, Suite
from salbench.benchmark.planning import make_plan
from salbench.benchmark.publications.series import (
    ARCHITECTURES,
    AS_DRAWN,
    AS_DRAWN_AS_PUBLISHED,
    AS_PUBLISHED,
    SOUND,
    Configuration,
    masked_fraction,
    series_entries,
)
from salbench.benchmark.publications.series_claims import CELLS, accuracy_claims, cell_claims, mean_claims, part_claims
from salbench.benchmark.publications.series_figures import digits_figure, layouts_figure, vanishing_figure
from salbench.benchmark.registry import find_entries, suites
from salbench.benchmark.suite import Figure
from salbench.datasets import GAUSSIAN_SERIES, MIDDLE, RARE_FEATURE, Dataset, Split
from salbench.datasets.layouts import LAYOUTS
from salbench.results.published import KEY, read_published
from salbench.results.record import Record
from salbench.results.store import Store

METHODS = ("gradient", "integrated_gradients")
TABLES = {f"sgt-table{number}" for number in (2, 7, 8, 9, 10, 11)}
WAYS = ("", "-as-published", "-unscaled", "-unscaled-as-published")
OURS = [suite for name, suite in suites().items() if name in {table + way for table in TABLES for way in WAYS}]
SCALES = [scale for suite in OURS for scale in (suite, suite.small) if scale is not None]


def test_each_way_has_all_six_tables_and_two_scales() -> None:
    assert len(OURS) == 24
    assert len(SCALES) == 48


@pytest.mark.parametrize("suite", OURS, ids=lambda suite: suite.name)
def test_every_claim_is_about_something_that_the_suite_measures(suite: Suite) -> None:
    measured: set[tuple[str, ...]] = {
        (entry.dataset.name, entry.architecture.name, entry.training, entry.saliency.name, metric.name)
        for entry in suite.entries
        for metric in suite.metrics
    }
    measured |= {(dataset, *rest) for _, *rest in measured for dataset in [""]}
    measured |= {(*rest, "", metric) for *rest, _, metric in measured}
    for table in suite.published:
        claims = table.claims()
        assert len(claims)
        assert set(claims[KEY].itertuples(index=False, name=None)) <= measured


@pytest.mark.parametrize("configuration", [SOUND, AS_PUBLISHED, AS_DRAWN, AS_DRAWN_AS_PUBLISHED])
def test_tables_have_as_many_claims_as_the_paper_has_numbers(configuration: Configuration) -> None:
    assert len(mean_claims(configuration)) == 96
    assert len(accuracy_claims(configuration)) == 80
    assert [len(cell_claims(configuration, name)) for name in ARCHITECTURES] == [240, 240, 237, 240]


def test_claims_have_our_names_and_fractions() -> None:
    claims = mean_claims(AS_PUBLISHED).set_index(KEY)["value"]
    assert claims["", "lstm_ica_published", "saliency_guided", "gradient_published_series", "aup_diff_count"] == 0.118
    accuracies = accuracy_claims(SOUND).set_index(KEY)["value"]
    assert accuracies["middle", "lstm", "regular", "", "accuracy"] == 0.99
    cells = cell_claims(SOUND, "tcn", ["middle"]).set_index(KEY)["value"]
    assert cells["middle", "tcn", "saliency_guided", "integrated_gradients", "aup_diff_count"] == 0.393


def test_claims_on_values_as_drawn_are_those_of_the_layouts() -> None:
    cells = cell_claims(AS_DRAWN, "tcn").set_index(KEY)["value"]
    assert cells["middle_unscaled", "tcn", "saliency_guided", "integrated_gradients", "aup_diff_count"] == 0.393
    scaled = cell_claims(SOUND, "tcn")
    assert (cells.to_numpy() == scaled["value"].to_numpy()).all()
    assert [entry.recipe for entry in series_entries(AS_DRAWN)] == [entry.recipe for entry in series_entries(SOUND)]


def test_a_mean_over_some_layouts_by_hand() -> None:
    means = part_claims(SOUND, "lstm", ["middle", "small_middle"]).set_index(KEY)["value"]
    assert means["", "lstm", "regular", "gradient", "aup_diff_count"] == pytest.approx((-0.280 - 0.071) / 2)


def test_a_mean_that_lacks_a_value_is_left_out() -> None:
    whole = part_claims(SOUND, "tcn", ["middle", "moving_small_middle"])
    assert len(whole) == 24 - 2  # two of the three values that could not be recovered are of this layout


def test_means_over_all_layouts_are_those_of_table_2() -> None:
    layouts = [dataset.name for dataset in GAUSSIAN_SERIES]
    cells = pd.concat([part_claims(SOUND, name, layouts) for name in ARCHITECTURES]).set_index(KEY)["value"]
    printed = mean_claims(SOUND).set_index(KEY)["value"]
    assert len(cells) == 94
    assert (cells - printed.reindex(cells.index)).abs().max() < 0.0011


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_shares_of_masked_cells_are_the_printed_ones(architecture: str) -> None:
    table = read_published(CELLS[architecture])[["dataset", "k_percent", "lambda"]].drop_duplicates()
    printed = dict(zip(table["dataset"], table["k_percent"] / 100, strict=True))
    assert printed == {layout: masked_fraction(layout, architecture) for layout in LAYOUTS}
    assert (
        table["lambda"].unique().tolist() == [SOUND.guided.divergence_weight] == [AS_PUBLISHED.guided.divergence_weight]
    )


def test_layouts_have_the_sizes_of_table_6() -> None:
    table = read_published("sgt_table6").set_index("dataset")
    columns = ["informative_timesteps", "informative_features", "n_timesteps", "n_features"]
    ours = {dataset.name: [*LAYOUTS[dataset.name].size, *dataset.shape] for dataset in GAUSSIAN_SERIES}
    assert table[columns].T.to_dict("list") == ours
    counts = [len(MIDDLE.load(Path(), split)) for split in Split]
    assert table[["n_train", "n_test"]].drop_duplicates().to_numpy().tolist() == [counts]


@pytest.mark.parametrize("configuration", [SOUND, AS_PUBLISHED])
def test_both_trainings_have_one_budget_and_only_the_published_way_looks_at_test_samples(
    configuration: Configuration,
) -> None:
    for entry in series_entries(configuration):
        name = next(name for name, item in configuration.architectures.items() if item == entry.architecture)
        assert entry.budget == configuration.budgets[name]
        assert entry.budget.watches_test == (configuration is AS_PUBLISHED)
        if isinstance(entry.recipe, SaliencyGuided):
            assert entry.recipe.masked_fraction == masked_fraction(entry.dataset.name, name)


def test_full_scale_is_400_models_that_the_suites_of_one_way_share() -> None:
    plan = Request(suite="sgt-table2").plan()
    assert len(plan.models) == 400
    digests = {(model.name, model.seed): model.recipe_digest for model in plan.models}
    for number in (7, 8, 9, 10, 11):
        for model in Request(suite=f"sgt-table{number}").plan().models:
            assert digests[model.name, model.seed] == model.recipe_digest


@pytest.mark.parametrize("suite", [suite for suite in OURS if suite.small], ids=lambda suite: suite.name)
def test_the_small_scale_is_smaller_and_says_so(suite: Suite) -> None:
    assert len(Request(suite=suite, small=True).plan().models) <= 24
    assert suite.small is not None
    assert "small scale" in suite.small.obstacle
    names = {
        "dataset": {"", *(dataset.name for dataset in suite.small.datasets)},
        "architecture": {architecture.name for architecture in suite.small.architectures},
        "saliency": {"", *(method.name for method in suite.small.saliency)},
    }
    for table in suite.small.published if "sgt-table7" not in suite.name else ():
        for column, known in names.items():
            assert set(table.claims()[column]) <= known


def test_all_layouts_and_architectures_are_known_to_other_suites() -> None:
    known = {entry.name for entry in find_entries().installed}
    for layout in LAYOUTS:
        for architecture in ("lstm", "lstm_ica", "tcn", "transformer"):
            assert {
                f"{layout}/{architecture}/{training}/gradient" for training in ("regular", "saliency_guided")
            } <= known


@pytest.fixture
def drawn(tmp_path: Path) -> tuple[Results, Store]:
    """Maps of two layouts, an architecture, both trainings and two seeds, made up and kept in a store."""
    datasets: tuple[Dataset, ...] = (MIDDLE, RARE_FEATURE)
    made = series_entries(SOUND, datasets=datasets, architectures=["tcn"], saliency=METHODS)
    whole = next(suite for suite in OURS if suite.name == "sgt-table10")
    suite = replace(whole, datasets=datasets, entries=made, seeds=(0, 1), samples=4, controls=())
    plan = make_plan(suite, [])
    store = Store(tmp_path / "store")
    records = [
        Record(
            key=f"{model.name}/{method.name}/{model.seed}",
            dataset=f"{model.dataset.name}@1",
            architecture=model.architecture.name,
            training=model.training,
            saliency=method.name,
            control=False,
            metric="aup_count",
            metric_version=1,
            family="localization",
            higher_is_better=True,
            seed=model.seed,
            value=0.1 * model.seed,
            attributions=store.put({"attributions": torch.randn(4, 50, 50)}),
        )
        for model in plan.models
        for method in model.methods
    ]
    return Results(request=Request(suite=suite), plan=plan, records=tuple(records)), store


@pytest.mark.parametrize(
    "figure",
    [
        layouts_figure(SOUND, "tcn"),
        vanishing_figure("tcn", "gradient"),
        digits_figure("digits", [("tcn", name) for name in METHODS], count=2),
    ],
    ids=lambda figure: figure.name,
)
def test_figures_are_drawn_from_the_store(figure: Figure, drawn: tuple[Results, Store], tmp_path: Path) -> None:
    results, store = drawn
    if figure.name == "digits":
        results = replace(results, request=Request(suite=replace(results.suite, datasets=(MIDDLE,))))
    files = figure.draw(results, store, tmp_path, tmp_path / figure.name)
    assert [file.suffix for file in files] == [".png", ".pdf"]
    assert all(file.stat().st_size > 1000 for file in files)


def test_a_figure_without_its_maps_is_a_lookup_error(drawn: tuple[Results, Store], tmp_path: Path) -> None:
    results, store = drawn
    with pytest.raises(LookupError, match="no maps of middle/tcn/regular/gradient, seed 0"):
        layouts_figure(SOUND, "tcn").draw(replace(results, records=()), store, tmp_path, tmp_path / "maps")
