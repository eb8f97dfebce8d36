"""SCAAT's suites: every published number has a place, ratios are made by hand, and figures come from a store."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from salbench.baselines.training import SCAAT, SaliencyRegularized
from salbench.benchmark import Request, Suite, run
from salbench.benchmark.entry import entries
from salbench.benchmark.keys import train_key
from salbench.benchmark.plan_results import Results
from salbench.benchmark.publications.scaat_claims import anywhere, table1, table2, table3, time_ratios
from salbench.benchmark.publications.scaat_figures import (
    draw_distributions,
    draw_maps,
    draw_proportions,
    draw_times,
    times,
)
from salbench.benchmark.publications.scaat_models import recipes
from salbench.benchmark.registry import find_suite, suites
from salbench.benchmark.search import search
from salbench.datasets import DIGITS, Budget
from salbench.datasets.subset import subset
from salbench.results.derived import RATIOS
from salbench.results.published import KEY
from salbench.results.store import Store

SCAAT_SUITES = [name for name in suites() if name.startswith("scaat-")]
TABLES = [name for name in SCAAT_SUITES if "table" in name or name == "scaat-fashion-mnist"]
TINY_DATA = replace(subset(DIGITS, train=60, test=20), budget=Budget(epochs=3, batch_size=20))


@pytest.fixture(scope="module")
def tiny() -> Suite:
    """Figure 2's small suite on a few digits."""
    small = find_suite("scaat-figure2").small
    assert small is not None
    chosen = {"regular", "scaat", "scaat_fgsm"}
    made = tuple(
        entry
        for training, recipe in recipes(SCAAT(radius=0.1), colors=False).items()
        if training in chosen
        for entry in entries(
            training=training,
            recipe=recipe,
            datasets=[TINY_DATA],
            architectures=small.architectures,
            saliency=small.saliency,
        )
    )
    return replace(small, datasets=(TINY_DATA,), entries=made, samples=8, seeds=(0,))


@pytest.fixture(scope="module")
def folder(tiny: Suite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store")
    run(Request(suite=tiny), store=path)
    return path


@pytest.fixture(scope="module")
def results(tiny: Suite, folder: Path) -> Results:
    return run(Request(suite=tiny), store=folder)


def test_tables_have_every_published_number() -> None:
    assert [len(table()) for table in (table1, table2, table3)] == [135, 48, 6]
    assert not any(table()[KEY].isna().any().any() for table in (table1, table2, table3))
    assert time_ratios() == {"regular": 1.0, "scaat": 2.5, "scaat_fgsm": 1.4}


def test_a_claim_is_the_printed_number() -> None:
    table = table1()
    row = table[(table["dataset"] == "imagenet") & (table["training"] == "scaat") & (table["saliency"] == "gradient")]
    values = dict(zip(row["metric"], row["value"], strict=True))
    assert values["entropy"] == 4.45
    assert values["scaat_aopc_lerf"] == pytest.approx(0.98e-3)
    assert values["scaat_aopc_rel"] == 321


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("small", [False, True])
def test_every_claim_is_measured_by_the_suite(name: str, small: bool) -> None:
    suite = Request(suite=name, small=small).chosen_suite
    metrics = {metric.name for metric in suite.metrics}
    metrics |= {ratio.name for ratio in RATIOS if {ratio.numerator, ratio.denominator} <= metrics}
    found = pd.DataFrame(
        [
            dict(
                zip(
                    KEY,
                    (entry.dataset.name, entry.architecture.name, entry.training, entry.saliency.name, metric),
                    strict=True,
                )
            )
            for entry in suite.entries
            for metric in metrics
            if suite.asks_for(entry)
        ]
    )
    for published in suite.published:
        for claim in published.claims().to_dict("records"):
            wanted = [column for column in KEY if claim[column]]
            assert (found[wanted] == pd.Series({column: claim[column] for column in wanted})).all(axis=1).any(), claim


@pytest.mark.parametrize("name", SCAAT_SUITES)
def test_the_small_scale_says_what_is_smaller_and_plans_fewer_models(name: str) -> None:
    full, small = Request(suite=name), Request(suite=name, small=True)
    assert small.chosen_suite.name == name
    assert ",000 images of Fashion-MNIST" in small.chosen_suite.obstacle
    assert len(small.plan().models) < len(full.plan().models)


def test_suites_of_one_scale_share_their_models() -> None:
    keys = {name: {train_key(m) for m in Request(suite=name, small=True).plan().models} for name in SCAAT_SUITES}
    assert keys["scaat-table1"] == keys["scaat-figure2"] == keys["scaat-figure3"]
    assert keys["scaat-table1"] < keys["scaat-table2"]
    assert len(keys["scaat-table3"] - keys["scaat-table2"]) == 2  # FGSM, two seeds


def test_the_paper_s_network_on_data_at_hand_compares_signs_only() -> None:
    suite = find_suite("scaat-fashion-mnist")
    assert {entry.architecture.name for entry in suite.entries} == {"resnet18"}
    assert suite.obstacle == "Fashion-MNIST stands in for CIFAR-10 and ImageNet"
    assert {entry.dataset.name for entry in suite.entries} == {"fashion_mnist"}
    assert all((published.claims()["dataset"] == "").all() for published in suite.published)


def test_published_numbers_that_stand_beside_other_data_name_none() -> None:
    claims = anywhere(table1(), dataset="cifar10")
    assert len(claims) == 45
    assert set(claims["dataset"]) | set(claims["architecture"]) == {""}
    with_regular = claims[(claims["metric"] == "png_kilobytes") & (claims["saliency"] == "gradient")]
    assert with_regular["value"].tolist() == [3.3, 2.93, 1.95]


def test_figures_are_drawn_from_the_store(results: Results, folder: Path, tmp_path: Path) -> None:
    with Store(folder, create=False) as store:
        for draw in (draw_distributions, draw_maps, draw_proportions, draw_times):
            files = draw(results, store, tmp_path, tmp_path / draw.__name__)
            assert {file.suffix for file in files} >= {".png", ".pdf"}
            assert all(file.stat().st_size > 0 for file in files)


def test_proportions_lie_beside_the_weights_and_have_moved(results: Results, folder: Path) -> None:
    (model,) = [model for model in results.plan.models if model.training == "scaat"]
    with Store(folder, create=False) as store:
        outcome = store.outcome(train_key(model))
        assert outcome is not None
        memory = store.get(outcome["artifacts"]["memory"])
    assert memory.keys() == {"ids", "q"}
    assert memory["q"].shape == (60,)
    steps = (memory["q"] - 0.5) / 0.05
    assert torch.allclose(steps, steps.round(), atol=1e-6)
    assert set(steps.round().abs().int().tolist()) <= {0, 2}  # two epochs after the warm-up: up twice, down twice, both


def test_regular_training_remembers_nothing(results: Results, folder: Path) -> None:
    (model,) = [model for model in results.plan.models if model.training == "regular"]
    with Store(folder, create=False) as store:
        outcome = store.outcome(train_key(model))
    assert outcome is not None
    assert "memory" not in outcome["artifacts"]


def test_proportions_of_an_old_store_are_a_lookup_error(tiny: Suite, results: Results, tmp_path: Path) -> None:
    with Store(tmp_path) as store, pytest.raises(LookupError, match="no model of adaptive SCAAT"):
        draw_proportions(results, store, tmp_path, tmp_path / "figure")


def test_time_ratios_stand_beside_passes_and_published(results: Results, folder: Path) -> None:
    with Store(folder, create=False) as store:
        table = times(results, store).set_index("training")
    assert table["ratio"]["regular"] == 1.0
    assert table["passes"].to_dict() == pytest.approx({"regular": 1.0, "scaat": 5.0, "scaat_fgsm": 3.0})
    assert table["published"].to_dict() == {"regular": 1.0, "scaat": 2.5, "scaat_fgsm": 1.4}
    assert np.isfinite(table["ratio"]).all()


def test_a_search_keeps_accuracy_and_names_one_best(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("salbench.benchmark.search.GRID", (SCAAT(steps=1), SCAAT(steps=1, radius=0.3)))
    told: list[str] = []
    frame = search(
        dataset="digits", architecture="mlp", train=60, epochs=1, tolerance=1.0, data=tmp_path, on_trial=told.append
    )
    assert len(frame) == len(told) == 3
    assert sorted(frame["verdict"]) == ["best", "keeps accuracy", "regular"]
    best = frame[frame["verdict"] == "best"]["divergence"].item()
    assert best == frame["divergence"][1:].min()


def test_an_unknown_method_has_no_search(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="no method to search for 'sgt'"):
        search("sgt", data=tmp_path)


def test_a_search_needs_an_architecture_for_the_data(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'cnn3b' does not take tabular data, such as 'breast_cancer'; use .*mlp"):
        search(dataset="breast_cancer", architecture="cnn3b", data=tmp_path)


def test_ablations_vary_one_setting() -> None:
    for name in ("q", "divergence", "epsilon", "lambda", "map"):
        suite = find_suite(f"scaat-ablation-{name}")
        found = {entry.training: entry.recipe for entry in suite.entries}
        assert found.keys() >= {"regular", "scaat"}
        assert not any(isinstance(recipe, SaliencyRegularized) for recipe in found.values())
        assert len(set(found.values())) == len(found) >= 4
