"""Suites of saliency guided training on images and language: what they claim, plan, draw and export."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Tensor

from salbench.baselines.architectures import BILSTM, MEAN_WORDS, SGT_CNN
from salbench.baselines.saliency import GRADIENT, RANDOM
from salbench.baselines.training import FineTuned, SaliencyGuided, SaliencyGuidedWords
from salbench.benchmark import Request, Results, Suite, run
from salbench.benchmark.entry import entries
from salbench.benchmark.planning import Plan
from salbench.benchmark.publications.eraser_export import export_eraser
from salbench.benchmark.publications.image_figures import (
    draw_distributions,
    draw_drops,
    draw_drops_with_errors,
    draw_maps,
    draw_maskings,
)
from salbench.benchmark.publications.images import Pictures, sound
from salbench.benchmark.registry import suites
from salbench.datasets import CIFAR10, DIGITS, ERASER_ESNLI, Budget
from salbench.datasets.subset import subset
from salbench.metrics import ACCURACY, ACCURACY_DROP, ACCURACY_DROP_MEAN, ERASER_COMPREHENSIVENESS, GINI
from salbench.results.published import KEY
from salbench.results.store import Store

NAMES = [
    *(f"sgt-{name}" for name in ("table1", "table5", "sentences")),
    *(
        f"sgt-{name}{suffix}"
        for name in ("table3", "table4", "figure2", "figure3", "figure4", "figure10")
        for suffix in ("", "-as-published")
    ),
]
SCALES = [(name, small) for name in NAMES for small in (False, True)]
ROWS = {"sgt-table1": 42, "sgt-table3": 6, "sgt-table4": 4, "sgt-table5": 6, "sgt-sentences": 16}


def plan(name: str, small: bool = False) -> Plan:
    return Request(suite=name, small=small).plan()


@pytest.mark.parametrize(("name", "small"), SCALES)
def test_every_claim_is_measured_by_the_plan(name: str, small: bool) -> None:
    suite, work = Request(suite=name, small=small).chosen_suite, plan(name, small)
    metrics = {metric.name for metric in work.metrics}
    cells = {
        (model.dataset.name, model.architecture.name, model.training, method.name)
        for model in work.models
        for method in model.methods
    }
    rows = [row for table in suite.published for row in table.claims().to_dict("records")]
    assert len(rows) == ROWS.get(name.removesuffix("-as-published"), 0) - (2 if small and "table3" in name else 0)
    for row in rows:
        assert row["metric"] in metrics
        wanted = [row[column] for column in KEY[:4]]
        assert any(all(want in ("", got) for want, got in zip(wanted, cell, strict=True)) for cell in cells), row


@pytest.mark.parametrize("name", NAMES)
def test_the_small_scale_plans_less_and_says_why_it_is_not_the_paper(name: str) -> None:
    small = Request(suite=name, small=True).chosen_suite
    assert small.name == name
    assert len(plan(name, small=True).models) < len(plan(name).models)
    assert "training" in small.obstacle


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("as-published")])
def test_sound_suites_give_every_training_one_budget_and_never_look_at_the_test(name: str) -> None:
    spent: dict[str, set[int]] = {}
    for model in plan(name).models:
        assert not model.budget.watches_test
        epochs = model.budget.epochs
        if isinstance(model.recipe, FineTuned):
            assert model.recipe.first_budget is not None
            epochs += model.recipe.first_budget.epochs
        spent.setdefault(model.dataset.name, set()).add(epochs)
    assert all(len(found) == 1 for found in spent.values())


def test_published_numbers_stand_where_the_paper_has_them() -> None:
    areas = suites()["sgt-table4"].published[1].claims().set_index("training")["value"].to_dict()
    assert areas == {"regular": 3360.4, "fine_tuned": 2258.8}
    accuracies = suites()["sgt-table3"].published[0].claims().set_index(["dataset", "training"])["value"]
    assert accuracies["bird", "saliency_guided"] == pytest.approx(0.969)
    faithful = suites()["sgt-table1"].published[0].claims().set_index(KEY)["value"]
    assert faithful["eraser_movies", "bilstm", "regular", "gradient", "eraser_sufficiency"] == 0.042
    assert faithful["eraser_fever", "bilstm", "", "random", "eraser_comprehensiveness"] == 0.001
    assert suites()["sgt-table5"].published[0].claims()["value"].tolist()[:2] == [0.889, 0.898]


def test_a_model_is_trained_once_for_all_suites_that_look_at_it() -> None:
    names = ("sgt-table3", "sgt-table4", "sgt-figure2", "sgt-figure3", "sgt-figure4", "sgt-figure10")
    recipes = {
        model.recipe_digest
        for name in names
        for model in plan(name).models
        if (model.dataset.name, model.training) == ("mnist", "regular")
    }
    assert len(recipes) == 1


def test_words_are_masked_as_often_as_published() -> None:
    shares = {
        model.dataset.name: model.recipe.masked_fraction
        for model in plan("sgt-table1").models
        if isinstance(model.recipe, SaliencyGuidedWords)
    }
    assert shares == {"eraser_movies": 0.6, "eraser_fever": 0.8, "eraser_esnli": 0.7}


# a tiny world of images

PICTURES = sound(subset(DIGITS, train=300, test=60), SGT_CNN, Budget(epochs=4, batch_size=20), SaliencyGuided())


def tiny(pictures: Pictures = PICTURES) -> Suite:
    return Suite(
        name="tiny-images",
        title="A tiny suite",
        datasets=(pictures.dataset,),
        architectures=(pictures.architecture,),
        saliency=(GRADIENT,),
        controls=(RANDOM,),
        metrics=(ACCURACY, GINI, ACCURACY_DROP, ACCURACY_DROP_MEAN),
        seeds=(0,),
        samples=40,
        entries=pictures.entries([GRADIENT], ("regular", "saliency_guided")),
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Path]:
    folder = tmp_path_factory.mktemp("store")
    return run(Request(suite=tiny()), store=folder, data=folder), folder


@pytest.mark.parametrize("draw", [draw_maps, draw_distributions, draw_drops, draw_drops_with_errors])
def test_figures_are_drawn_from_a_store(
    ran: tuple[Results, Path], tmp_path: Path, draw: Callable[[Results, Store, Path, Path], list[Path]]
) -> None:
    results, folder = ran
    with Store(folder, create=False) as store:
        files = draw(results, store, folder, tmp_path / "figure")
    assert [file.name for file in files] == ["figure.png", "figure.pdf"]
    assert all(file.stat().st_size > 1000 for file in files)


def test_maskings_are_those_of_one_training_method(ran: tuple[Results, Path], tmp_path: Path) -> None:
    results, folder = ran
    regular = replace(results, records=tuple(item for item in results.records if item.training == "regular"))
    with Store(folder, create=False) as store:
        assert len(draw_maskings(regular, store, folder, tmp_path / "figure")) == 2
        with pytest.raises(ValueError, match="got 2 entries"):
            draw_maskings(results, store, folder, tmp_path / "figure")


def test_a_data_set_that_must_be_brought_fails_alone_and_says_what_to_put_where(tmp_path: Path) -> None:
    missing = sound(subset(CIFAR10, train=10, test=10), SGT_CNN, Budget(epochs=2), SaliencyGuided())
    suite = tiny(sound(subset(DIGITS, train=50, test=20), SGT_CNN, Budget(epochs=2), SaliencyGuided()))
    both = replace(
        suite,
        datasets=(*suite.datasets, missing.dataset),
        entries=(*suite.entries, *missing.entries([GRADIENT], ("regular",))),
        metrics=(ACCURACY, GINI),
        samples=5,
    )
    told: list[str] = []
    results = run(Request(suite=both), store=tmp_path / "store", data=tmp_path / "data", report=told.append)
    failed = {(record.dataset, record.training) for record in results.failures}
    assert failed == {("cifar10_10_test_10@1", "regular")}
    assert all(
        "put" in record.note and str(tmp_path / "data" / "cifar10") in record.note for record in results.failures
    )
    assert any("cifar10" in line for line in told)
    assert {record.dataset for record in results.records if record.value is not None} == {"digits_50_test_20@1"}
    with Store(tmp_path / "store", create=False) as store:
        assert draw_maps(results, store, tmp_path / "data", tmp_path / "maps")  # of what there is


# a tiny world of texts

SENTENCE = "the old dog sleeps while a young cat runs over two green fields and nobody looks at them"


def table_of_words(width: int, root: Path) -> Tensor:
    return torch.randn(40, width, generator=torch.Generator().manual_seed(0))


def write_pairs(folder: Path) -> None:
    """Nine pairs of sentences in ERASER's format, three of each class."""
    folder.mkdir()
    lines, documents = [], []
    for number in range(9):
        label = ("entailment", "contradiction", "neutral")[number % 3]
        docids = [f"{number}_hypothesis", f"{number}_premise"]
        spans = [{"text": "", "docid": docid, "start_token": 0, "end_token": 2} for docid in docids]
        lines.append(
            {"annotation_id": f"pair {number}", "query": "", "classification": label, "evidences": [spans]}
            | {"docids": docids, "query_type": None}
        )
        for start, docid in enumerate(docids):
            documents.append({"docid": docid, "document": " ".join(SENTENCE.split()[start : start + 5 + number])})
    for name, rows in (("train", lines), ("val", []), ("test", lines), ("docs", documents)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_results_of_eraser_are_written_for_the_explained_texts(tmp_path: Path) -> None:
    write_pairs(tmp_path / "eraser_esnli")
    pairs = replace(ERASER_ESNLI, name="eraser_esnli_tiny", vectors=partial(table_of_words, 6))
    own = entries(
        training="guided",
        recipe=SaliencyGuidedWords(),
        datasets=[pairs],
        architectures=[MEAN_WORDS],
        saliency=[GRADIENT],
        budget=Budget(epochs=1),
    )
    suite = Suite(
        name="tiny-texts",
        title="A tiny suite",
        datasets=(pairs,),
        architectures=(MEAN_WORDS,),
        saliency=(GRADIENT,),
        controls=(RANDOM,),
        metrics=(ERASER_COMPREHENSIVENESS,),
        seeds=(3, 4),
        samples=6,
        entries=tuple(own),
    )
    results = run(Request(suite=suite), store=tmp_path / "store", data=tmp_path)
    assert not results.failures
    with Store(tmp_path / "store", create=False) as store:
        files = export_eraser(results, store, tmp_path, tmp_path / "results")
    assert {file.name for file in files} == {
        f"results_eraser_esnli_tiny_guided_{m}.jsonl" for m in ("gradient", "random")
    }
    lines = [json.loads(line) for line in files[0].read_text().splitlines()]
    assert len(lines) == 6
    drops = []
    for line in lines:
        assert line["annotation_id"].startswith("pair ")
        clean = line["classification_scores"]
        label = line["classification"]
        scores = [item["comprehensiveness_classification_scores"][label] for item in line["thresholded_scores"]]
        drops.append(sum(clean[label] - score for score in scores) / len(scores))
    record = next(item for item in results.records if (item.saliency, item.seed) == ("gradient", 3))
    assert record.value == pytest.approx(sum(drops) / len(drops), abs=1e-6)


def test_nothing_to_export_is_an_error(ran: tuple[Results, Path], tmp_path: Path) -> None:
    results, folder = ran
    with Store(folder, create=False) as store, pytest.raises(LookupError, match="run sgt-table1"):
        export_eraser(results, store, folder, tmp_path / "results")


def test_text_suites_use_the_recurrent_network() -> None:
    for name in ("sgt-table1", "sgt-table5", "sgt-sentences"):
        assert {model.architecture for model in plan(name).models} == {BILSTM}
