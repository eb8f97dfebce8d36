"""What an explanation costs: LIME's time over the gradient's on four data sets, table 1."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from ...baselines.architectures import RRR_MLP
from ...baselines.saliency import PUBLISHED_RRR, RANDOM
from ...datasets import NEWSGROUPS, NEWSGROUPS_WORDS, TOY_COLORS, Dataset, iris_cancer
from ...datasets.decoy import DECOY_MNIST
from ...metrics import ACCURACY, GINI
from ...results.plots.rrr import Bar, BarPanel, bars_plot
from ...results.published import read_published
from ...results.store import Store
from ..costs import explanation_costs
from ..entry import entries
from ..plan_results import Results
from ..suite import Figure, Suite
from .rrr_decoy_mnist import GRADIENT_RRR, LIME_RRR, NO_ANNOTATION

Named = dict[str, str]  # our data set's name to the publication's


def ratios(costs: pd.DataFrame, names: Named) -> pd.DataFrame:
    """LIME's time over the gradient's, ours beside the published one.

    Args:
        costs: what `explanation_costs` gives.
        names: the publication's name of each of our data sets.

    Returns:
        The columns dataset, `lime_milliseconds` and `gradient_milliseconds` of one explanation, `ratio`,
        `lime_forwards` (passes of the model for one explanation), and `published_ratio`; a row for each data set that
        has both.
    """
    published = read_published("rrr_table1").set_index("dataset")
    rows = []
    for name, called in names.items():
        own = costs[costs["dataset"] == name].set_index("saliency")
        if not {LIME_RRR.name, GRADIENT_RRR.name} <= set(own.index):
            continue
        lime, gradient = own.loc[LIME_RRR.name], own.loc[GRADIENT_RRR.name]
        theirs = published.loc[called]
        rows.append(
            {
                "dataset": name,
                "lime_milliseconds": lime["milliseconds"],
                "gradient_milliseconds": gradient["milliseconds"],
                "ratio": lime["milliseconds"] / gradient["milliseconds"],
                "lime_forwards": lime["forwards"],
                "published_ratio": theirs["lime_seconds_per_explanation"] / theirs["gradient_seconds_per_explanation"],
            }
        )
    return pd.DataFrame(rows)


def _draw(results: Results, store: Store, _data: Path, path: Path, *, names: Named) -> list[Path]:
    """The ratios as bars, and the table."""
    found = ratios(explanation_costs(results.plan, store), names)
    if found.empty:
        raise LookupError("no data set has the times of both methods")
    bars = [Bar(row["dataset"], row["ratio"], published=[row["published_ratio"]]) for row in found.to_dict("records")]
    table = path.with_name(path.name + ".csv")
    found.to_csv(table, index=False)
    panel = BarPanel("time of one explanation, LIME over gradient", "ratio", bars, logarithmic=True)
    return [*bars_plot([panel], path), table]


def _suite(text: Dataset, seeds: int, samples: int, shorter: Callable[[Dataset], Dataset] | None = None) -> Suite:
    names = {
        iris_cancer().name: "iris_cancer",
        TOY_COLORS.name: "toy_colors",
        DECOY_MNIST.name: "decoy_mnist",
        text.name: "20newsgroups",
    }
    datasets = [_IRIS, TOY_COLORS, DECOY_MNIST, text]
    own = [
        entry
        for dataset in datasets
        for entry in entries(
            training="regular",
            recipe=NO_ANNOTATION,
            datasets=[dataset],
            architectures=[RRR_MLP],
            saliency=PUBLISHED_RRR,
            budget=(shorter(dataset) if shorter else dataset).budget,
        )
    ]
    return Suite(
        name="rrr-table1",
        title="Right for the right reasons: what an explanation costs by gradients and by LIME",
        datasets=tuple(datasets),
        architectures=(RRR_MLP,),
        saliency=PUBLISHED_RRR,
        controls=(RANDOM,),
        metrics=(ACCURACY, GINI),
        seeds=tuple(range(seeds)),
        entries=tuple(own),
        samples=samples,
        reference="ross2017right",
        figures=(Figure(name="rrr_table1", of_numbers=True, draw=partial(_draw, names=names)),),
        obstacle="seconds depend on the machine and on the implementation of LIME; only the order of magnitude counts",
    )


_IRIS = iris_cancer()


def _brief(dataset: Dataset) -> Dataset:
    """How long a model was trained does not change the time of an explanation."""
    return replace(dataset, budget=replace(dataset.budget, epochs=2))


SUITE = replace(_suite(NEWSGROUPS, 3, 500), small=_suite(NEWSGROUPS_WORDS, 1, 200, _brief))
