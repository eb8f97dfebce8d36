"""What ismail2021improving claims about series, in the names of our entries: tables 2, 7 and 8 to 11."""

from collections.abc import Collection

import pandas as pd

from ...results.published import KEY, read_published
from .series import ARCHITECTURES, METRICS, TRAININGS, Configuration

CELLS = {architecture: f"sgt_table{number}" for number, architecture in enumerate(ARCHITECTURES, start=8)}
# The published models reach 99 or 100 %, rounded means of five. A model more than two of the 100 test samples below
# is none of them.
MIN_ACCURACY = 0.97
_HALF_A_DIGIT = 0.0005  # tables 2 and 8 to 11 have three digits


def mean_claims(configuration: Configuration) -> pd.DataFrame:
    """Table 2: means over the ten layouts."""
    return _named(read_published("sgt_table2").assign(dataset=""), configuration)


def cell_claims(
    configuration: Configuration, architecture: str, datasets: Collection[str] = (), saliency: Collection[str] = ()
) -> pd.DataFrame:
    """One of tables 8 to 11, the values of each layout.

    Args:
        configuration: names the architecture and the saliency methods.
        architecture: one of ARCHITECTURES, which decides the table.
        datasets: names of data sets; none takes all ten.
        saliency: published names of methods; none takes all six.
    """
    table = read_published(CELLS[architecture]).assign(architecture=architecture)
    table = table.assign(dataset=table["dataset"].map(configuration.layouts))
    for column, names in (("dataset", datasets), ("saliency", saliency)):
        table = table[table[column].isin(names)] if names else table
    return _named(table, configuration)


def part_claims(
    configuration: Configuration, architecture: str, datasets: Collection[str], saliency: Collection[str] = ()
) -> pd.DataFrame:
    """What table 2 would say of some layouts only: means over them of the values in tables 8 to 11.

    A mean that lacks a value, because it could not be recovered, is left out.
    """
    cells = cell_claims(configuration, architecture, datasets, saliency)
    keys = [column for column in KEY if column != "dataset"]
    means = cells.groupby(keys, sort=False)["value"].agg(["mean", "size"]).reset_index()
    means = means[means["size"] == len(datasets)]
    means = means.assign(dataset="", value=means["mean"], min_accuracy=MIN_ACCURACY, rounding=_HALF_A_DIGIT)
    return means[[*KEY, "value", "min_accuracy", "rounding"]]


def accuracy_claims(configuration: Configuration) -> pd.DataFrame:
    """Table 7: test accuracies, as fractions instead of the printed percents."""
    table = read_published("sgt_table7")
    table = table.assign(saliency="", metric="accuracy", value=table["test_accuracy_percent"] / 100)
    table["rounding"] = 0.005  # whole percents
    table = table.assign(dataset=table["dataset"].map(configuration.layouts))
    return _architecture_named(table, configuration)[[*KEY, "value", "rounding"]]


def _named(table: pd.DataFrame, configuration: Configuration) -> pd.DataFrame:
    """The rows in our names, asked of models as accurate as the published ones."""
    saliency = {name: method.name for name, method in configuration.saliency.items()}
    named = table.assign(
        metric=table["metric"].map(METRICS),
        saliency=table["saliency"].map(saliency),
        min_accuracy=MIN_ACCURACY,
        rounding=_HALF_A_DIGIT,
    )
    return _architecture_named(named, configuration)[[*KEY, "value", "min_accuracy", "rounding"]]


def _architecture_named(table: pd.DataFrame, configuration: Configuration) -> pd.DataFrame:
    architectures = {name: architecture.name for name, architecture in configuration.architectures.items()}
    return table.assign(
        architecture=table["architecture"].map(architectures), training=table["training"].map(TRAININGS)
    )
