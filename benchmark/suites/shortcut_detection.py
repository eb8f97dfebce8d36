"""Does each saliency method, on each training method, find a decoy? With the decoy in the test set and without it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from ...baselines.architectures import MLP, SGT_CNN, Architecture
from ...baselines.saliency import ALL_METHODS, CONTROLS
from ...baselines.training import SCAAT, Recipe, Regular, RightForRightReasons, SaliencyGuided, SaliencyRegularized
from ...baselines.training.penalties import InputGradient
from ...datasets import Dataset
from ...datasets.decoy import DECOY_DIGITS_SCALED, DECOY_MNIST_SCALED
from ...metrics import ACCURACY, IRRELEVANT_MASS, IRRELEVANT_SHARE
from ...metrics.shortcut import (
    ACCURACY_ABSENT,
    ACCURACY_FLIPPED,
    ACCURACY_INFORMATIVE,
    ACCURACY_WITHOUT_IRRELEVANT,
    SHORTCUT_AUROC,
    SHORTCUT_AUROC_ABSENT,
    told_apart,
)
from ...results.plots.rrr import heat_plot
from ...results.record import Record, Status
from ...results.store import Store
from ..entry import Entry, entries
from ..plan_results import Results
from ..suite import Figure, Suite

RELYING = "regular"  # nothing keeps it from the decoy
RECIPES: dict[str, Recipe] = {
    RELYING: Regular(),
    "saliency_guided": SaliencyGuided(masked_fraction=0.5),
    "scaat": SCAAT(radius=0.1),
    "gradient_regularized": SaliencyRegularized(penalties=(InputGradient(weight=0.1),)),
    "right_for_right_reasons": RightForRightReasons(penalty_weight=0.1),
    "right_for_right_reasons_standardized": RightForRightReasons(penalty_weight=1.0, form="standardized"),
}


def separations(results: Results, store: Store) -> pd.DataFrame:
    """How well each saliency method tells the relying model from each other one, by where its maps look.

    Args:
        results: of a suite that measures `shortcut_auroc`.
        store: where its scores lie.

    Returns:
        The columns dataset, architecture, training, saliency, control, `seeds`, `told_apart` (mean over seeds, see
        there), and how far the two models rely on the shortcut: `reliance` and `reliance_of_regular`, the accuracy
        with an informative shortcut minus that with a flipped one. A row for each training method but regular.
    """
    records = [record for record in results.records if record.status is Status.OK]
    maps = {_place(record): record for record in records if record.metric == SHORTCUT_AUROC.name and record.scores}
    rows: dict[tuple[str, ...], list[float]] = {}
    for (dataset, architecture, training, saliency, seed), record in maps.items():
        base = maps.get((dataset, architecture, RELYING, saliency, seed))
        if training != RELYING and base is not None:
            scores = [store.get(item.scores)[SHORTCUT_AUROC.name] for item in (base, record)]
            rows.setdefault((dataset, architecture, training, saliency), []).append(told_apart(*scores))
    reliance, controls = _reliance(records), {record.saliency for record in records if record.control}
    return pd.DataFrame(
        [
            {
                "dataset": dataset,
                "architecture": architecture,
                "training": training,
                "saliency": saliency,
                "control": saliency in controls,
                "seeds": len(values),
                "told_apart": float(np.mean(values)),
                "reliance": reliance.get((dataset, architecture, training), float("nan")),
                "reliance_of_regular": reliance.get((dataset, architecture, RELYING), float("nan")),
            }
            for (dataset, architecture, training, saliency), values in rows.items()
        ]
    )


def _place(record: Record) -> tuple[str, str, str, str, int]:
    return record.dataset.split("@")[0], record.architecture, record.training, record.saliency, record.seed


def _reliance(records: list[Record]) -> dict[tuple[str, str, str], float]:
    """Accuracy lost when the shortcut tells another class, a mean over seeds for each model."""
    found: dict[tuple[str, str, str], dict[str, list[float]]] = {}
    for record in records:
        if record.value is not None and record.metric in {ACCURACY_INFORMATIVE.name, ACCURACY_FLIPPED.name}:
            found.setdefault(_place(record)[:3], {}).setdefault(record.metric, []).append(record.value)
    return {
        model: float(np.mean(values[ACCURACY_INFORMATIVE.name]) - np.mean(values[ACCURACY_FLIPPED.name]))
        for model, values in found.items()
        if len(values) == 2
    }


def _draw(results: Results, store: Store, _data: Path, path: Path) -> list[Path]:
    """A table of colors for each data set and architecture, and all numbers as CSV."""
    found = separations(results, store)
    if found.empty:
        raise LookupError(f"no model beside {RELYING} was measured")
    table = path.with_name(path.name + ".csv")
    found.to_csv(table, index=False)
    files = [table]
    for (dataset, architecture), group in found.groupby(["dataset", "architecture"], sort=False):
        wide = group.pivot_table(index="saliency", columns="training", values="told_apart", sort=False, dropna=False)
        reliance = group.drop_duplicates("training").set_index("training")["reliance"]
        files += heat_plot(
            wide.to_numpy(dtype=np.float64),
            wide.index.tolist(),
            [f"{training} (relies {reliance[training]:.2f})" for training in wide.columns],
            f"{dataset}, {architecture}: told apart from {RELYING} "
            f"(relies {group['reliance_of_regular'].iloc[0]:.2f}) by the map",
            path.with_name(f"{path.name}_{dataset}_{architecture}"),
        )
    return files


def _suite(datasets: tuple[Dataset, ...], architectures: tuple[Architecture, ...], seeds: int, samples: int) -> Suite:
    own: list[Entry] = []
    for training, recipe in RECIPES.items():
        own += entries(
            training=training, recipe=recipe, datasets=datasets, architectures=architectures, saliency=ALL_METHODS
        )
    return Suite(
        name="shortcut-detection",
        title="Which saliency method shows that a model relies on a decoy, and which training method keeps it from it?",
        datasets=datasets,
        architectures=architectures,
        saliency=ALL_METHODS,
        controls=CONTROLS,
        metrics=(
            ACCURACY,
            ACCURACY_INFORMATIVE,
            ACCURACY_FLIPPED,
            ACCURACY_ABSENT,
            ACCURACY_WITHOUT_IRRELEVANT,
            SHORTCUT_AUROC,
            SHORTCUT_AUROC_ABSENT,
            IRRELEVANT_MASS,
            IRRELEVANT_SHARE,
        ),
        seeds=tuple(range(seeds)),
        entries=tuple(own),
        samples=samples,
        reference="ross2017right",
        figures=(Figure(name="shortcut_detection", draw=_draw),),
    )


SUITE = replace(
    _suite((DECOY_DIGITS_SCALED, DECOY_MNIST_SCALED), (MLP, SGT_CNN), 3, 500),
    small=_suite((DECOY_DIGITS_SCALED,), (MLP,), 2, 100),
)
