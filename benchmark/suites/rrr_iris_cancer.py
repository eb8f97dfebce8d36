"""Iris-Cancer: gradients and LIME, overcoming the confound on 50 splits, find-another-explanation: figures 7, 8, 11."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from ...baselines.architectures import RRR_MLP
from ...baselines.saliency import PUBLISHED_RRR, RANDOM
from ...baselines.training import AnotherExplanation
from ...datasets import Dataset, iris_cancer
from ...metrics import ACCURACY, IRRELEVANT_SHARE
from ...metrics.shortcut import (
    ACCURACY_ABSENT,
    ACCURACY_TRAINING,
    ACCURACY_WITHOUT_IRRELEVANT,
    IRRELEVANT_IN_TOP,
    SHORTCUT_AUROC,
)
from ...results.plots.rrr import LinePanel, Ranked, lines_plot, ranked_plot
from ...results.rrr_claims import accuracies
from ...results.store import Store
from ..entry import Entry, entries
from ..plan_results import Results
from ..publications.rrr_figures import Numbers, accuracy_bars, explained, line, published_line
from ..suite import Figure, Published, Suite
from .rrr_decoy_mnist import FULL_ANNOTATION, GRADIENT_RRR, NO_ANNOTATION

SPLITS = tuple(iris_cancer(seed) for seed in range(50))
LIME_RRR = PUBLISHED_RRR[1]
ROUNDS = 7
_WEIGHT = 1000.0  # lambda_1
_COLUMNS = ("sepal length", "sepal width", "petal length", "petal width")
_SETTINGS = {"A=0": "regular", "full_A": "right_for_right_reasons"}
_METRICS = {
    "test_acc_iris_in": "accuracy",
    "test_acc_iris_removed": "accuracy_absent",
    "mean_n_iris_in_top10_gradients": "irrelevant_in_top",
}
_ROUND_METRICS = {
    "train_acc": "accuracy_training",
    "test_acc": "accuracy_absent",
    "iris_fraction_of_M0.67": "irrelevant_share",
}


def another(count: int) -> AnotherExplanation:
    """The recipe of a model with so many predecessors."""
    return AnotherExplanation(penalty_weight=_WEIGHT, after=another(count - 1) if count else None)


def _confounds(splits: tuple[Dataset, ...]) -> tuple[Entry, ...]:
    methods = {"regular": NO_ANNOTATION, "right_for_right_reasons": FULL_ANNOTATION}
    return tuple(
        entry
        for training, recipe in methods.items()
        for entry in entries(
            training=training, recipe=recipe, datasets=splits, architectures=[RRR_MLP], saliency=[GRADIENT_RRR]
        )
    )


def _rounds(splits: tuple[Dataset, ...], rounds: int) -> tuple[Entry, ...]:
    return tuple(
        entry
        for count in range(rounds)
        for entry in entries(
            training=f"another_explanation_{count}",
            recipe=another(count),
            datasets=splits,
            architectures=[RRR_MLP],
            saliency=[GRADIENT_RRR],
        )
    )


def _claims(source: str, runs: int) -> pd.DataFrame:
    maps = {"irrelevant_in_top": GRADIENT_RRR.name}
    return accuracies("iris_cancer", _SETTINGS, _METRICS, name="", source=source, saliency=maps, runs=runs)


def _round_claims() -> pd.DataFrame:
    settings = {f"fae_theta{count}_lambda1=1000": f"another_explanation_{count}" for count in range(ROUNDS)}
    return accuracies(
        "iris_cancer", settings, _ROUND_METRICS, name="", saliency={"irrelevant_share": GRADIENT_RRR.name}
    )


def _draw_figure8(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    models = [("A = 0", "", "regular"), ("full A", "", "right_for_right_reasons")]
    return accuracy_bars(results, models, ["accuracy", "accuracy_absent", "irrelevant_in_top"], path)


def _draw_figure11(results: Results, _store: Store, _data: Path, path: Path) -> list[Path]:
    numbers = Numbers(results)
    places = [(float(count), "", f"another_explanation_{count}") for count in range(ROUNDS)]
    panels = []
    for title, names in (
        ("accuracy", ("accuracy_training", "accuracy", "accuracy_absent")),
        ("Iris", ("irrelevant_share",)),
    ):
        lines = []
        for name in names:
            lines.append(line(name, numbers, name, places))
            lines += published_line(name, results, name, places)
        panels.append(LinePanel(f"Iris-Cancer: {title}", "model", "mean, sd over seeds", lines))
    return lines_plot(panels, path)


def _draw_figure7(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    from sklearn.datasets import load_breast_cancer  # slow to import

    names = [*_COLUMNS, *load_breast_cancer()["feature_names"].tolist()]
    where = {"dataset": SPLITS[0].name, "training": "regular"}
    found = {
        method.name: explained(results, store, data, saliency=method.name, **where)
        for method in (GRADIENT_RRR, LIME_RRR)
    }
    targets = next(iter(found.values())).samples.targets
    panels = []
    for target in (0, 1):
        row = int((targets == target).nonzero()[0])
        values = {name: item.maps[row].tolist() for name, item in found.items()}
        panels.append(Ranked(f"a row of class {target}", names, values, frozenset(_COLUMNS)))
    return ranked_plot(panels, path)


def _suite(name: str, title: str, splits: tuple[Dataset, ...], own: tuple[Entry, ...], seeds: int) -> Suite:
    return Suite(
        name=name,
        title=f"Right for the right reasons: {title}",
        datasets=splits,
        architectures=(RRR_MLP,),
        saliency=tuple(dict.fromkeys(entry.saliency for entry in own)),
        controls=(RANDOM,),
        metrics=(
            ACCURACY,
            ACCURACY_ABSENT,
            ACCURACY_WITHOUT_IRRELEVANT,
            ACCURACY_TRAINING,
            IRRELEVANT_IN_TOP,
            IRRELEVANT_SHARE,
            SHORTCUT_AUROC,
        ),
        seeds=tuple(range(seeds)),
        entries=own,
        reference="ross2017right",
    )


def _figure8(splits: tuple[Dataset, ...], seeds: int) -> Suite:
    return replace(
        _suite("rrr-figure8", "the confound of Iris-Cancer on 50 splits", splits, _confounds(splits), seeds),
        published=tuple(
            Published(title=title, claims=partial(_claims, source, runs), methods=("right_for_right_reasons",))
            for title, source, runs in (  # a seed of ours has 50 splits
                ("ross2017right, section 3.2, the text", "paper", 1),
                ("ross2017right, figure 8, 350 runs of the public notebook", "notebook", 7),
            )
        ),
        figures=(Figure(name="rrr_figure8", of_numbers=True, draw=_draw_figure8),),
    )


def _figure11(splits: tuple[Dataset, ...], seeds: int) -> Suite:
    return replace(
        _suite("rrr-figure11", "find-another-explanation on Iris-Cancer", splits, _rounds(splits, ROUNDS), seeds),
        published=(Published(title="ross2017right, figure 11, read off the plot ±0.01", claims=_round_claims),),
        figures=(Figure(name="rrr_figure11", of_numbers=True, draw=_draw_figure11),),
    )


def _figure7(seeds: int) -> Suite:
    own = entries(
        training="regular",
        recipe=NO_ANNOTATION,
        datasets=SPLITS[:1],
        architectures=[RRR_MLP],
        saliency=[GRADIENT_RRR, LIME_RRR],
    )
    return replace(
        _suite("rrr-figure7", "gradients and LIME on Iris-Cancer", SPLITS[:1], tuple(own), seeds),
        figures=(Figure(name="rrr_figure7", draw=_draw_figure7),),
    )


SUITES = (
    replace(_figure7(5), small=replace(_figure7(2), obstacle="small scale: 2 of 5 seeds")),
    replace(
        _figure8(SPLITS, 5), small=replace(_figure8(SPLITS[:20], 2), obstacle="small scale: 20 of 50 splits, 2 seeds")
    ),
    replace(
        _figure11(SPLITS, 3), small=replace(_figure11(SPLITS[:5], 2), obstacle="small scale: 5 of 50 splits, 2 seeds")
    ),
)
