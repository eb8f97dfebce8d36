"""Saliency guided training on ten synthetic series: tables 2, 7 and 8 to 11 of its paper, in a sound and its own way.

All suites of one way share their models and maps: after `sgt-table2` the others only measure again what they show.
Table 6, the sizes of the boxes, is a table of the data alone: a test holds `datasets.layouts` to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import pandas as pd

from ...baselines.saliency import CONTROLS
from ...datasets import MIDDLE, Dataset
from ...metrics import (
    ACCURACY,
    AUP_COUNT,
    AUP_DIFF_COUNT,
    AUP_DIFF_MASS,
    AUP_MASS,
    AUR_COUNT,
    AUR_DIFF_COUNT,
    AUR_DIFF_MASS,
    AUR_MASS,
)
from ..publications.series import (
    ABSOLUTE_RANKING,
    ARCHITECTURES,
    AS_DRAWN,
    AS_DRAWN_AS_PUBLISHED,
    AS_DRAWN_PUBLISHED_MAPS,
    AS_PUBLISHED,
    FEATURE_RANGE,
    LONG,
    PUBLISHED_MAPS,
    SOUND,
    Configuration,
    series_entries,
)
from ..publications.series_claims import CELLS, accuracy_claims, cell_claims, mean_claims, part_claims
from ..publications.series_figures import layouts_figure
from ..suite import Published, Suite

METRICS = (
    ACCURACY,
    *(AUP_DIFF_COUNT, AUR_DIFF_COUNT, AUP_COUNT, AUR_COUNT),
    *(AUP_DIFF_MASS, AUR_DIFF_MASS, AUP_MASS, AUR_MASS),  # the rule of ismail2020benchmarking's code
)
TITLES = dict(zip(ARCHITECTURES, ("LSTM", "LSTM with input-cell attention", "TCN", "Transformer"), strict=True))
SMALL_LAYOUTS = ("middle", "moving_middle", "rare_feature")
SMALL_SALIENCY = ("gradient", "integrated_gradients", "deeplift", "smoothgrad")


def _table(title: str, claims: Callable[[], pd.DataFrame]) -> Published:
    return Published(title=f"ismail2021improving, {title}", claims=claims, methods=("saliency_guided",))


def _cells(configuration: Configuration, architecture: str, datasets: Sequence[Dataset] = ()) -> Published:
    number = CELLS[architecture].removeprefix("sgt_table")
    names = tuple(dataset.name for dataset in datasets)
    claims = partial(cell_claims, configuration, architecture, names, SMALL_SALIENCY if names else ())
    return _table(f"table {number}: {TITLES[architecture]}, layout by layout", claims)


def _mean_of_part(configuration: Configuration, architecture: str, datasets: Sequence[Dataset]) -> Published:
    names = tuple(dataset.name for dataset in datasets)
    claims = partial(part_claims, configuration, architecture, names, SMALL_SALIENCY)
    return _table(f"table 2: {TITLES[architecture]}, mean over {', '.join(names)} only, from the cells", claims)


def _suite(configuration: Configuration, name: str, title: str, architectures: Sequence[str]) -> Suite:
    """A suite of all layouts, methods and seeds."""
    return Suite(
        name=f"{name}{configuration.suffix}",
        title=f"{title} ({configuration.words})",
        datasets=configuration.datasets,
        architectures=tuple(configuration.architectures[name] for name in architectures),
        saliency=tuple(configuration.saliency.values()),
        controls=CONTROLS,
        metrics=METRICS,
        seeds=(0, 1, 2, 3, 4),
        entries=series_entries(configuration, architectures=architectures),
        trainings=("regular", "saliency_guided"),
        reference="ismail2021improving",
    )


def _small(
    whole: Suite,
    configuration: Configuration,
    architectures: Sequence[str],
    layouts: Sequence[str] = SMALL_LAYOUTS,
    epochs: int = MIDDLE.budget.epochs,
) -> Suite:
    """Few layouts, four fast methods, two seeds, and fewer epochs; the stopping rules of the published way stay."""
    budget = replace(configuration.budgets[architectures[0]], epochs=epochs)
    datasets = _with(configuration, layouts)
    return replace(
        whole,
        datasets=datasets,
        architectures=tuple(configuration.architectures[name] for name in architectures),
        saliency=tuple(method for method in whole.saliency if method.name.startswith(SMALL_SALIENCY)),
        seeds=(0, 1),
        entries=series_entries(
            configuration,
            datasets=datasets,
            architectures=architectures,
            saliency=SMALL_SALIENCY,
            budget=budget,
        ),
        obstacle=f"small scale: {epochs} epochs at most, {len(datasets)} of 10 layouts, 2 of 5 seeds",
    )


def _with(configuration: Configuration, layouts: Sequence[str]) -> tuple[Dataset, ...]:
    """The data sets of some layouts."""
    names = {configuration.layouts[layout] for layout in layouts}
    return tuple(dataset for dataset in configuration.datasets if dataset.name in names)


def _table2(configuration: Configuration) -> Suite:
    title = "Saliency guided training on ten synthetic series"
    whole = replace(
        _suite(configuration, "sgt-table2", title, ARCHITECTURES),
        published=(
            _table("table 2: means over ten layouts", partial(mean_claims, configuration)),
            _table("table 7: accuracy", partial(accuracy_claims, configuration)),
        ),
    )
    few, small_datasets = ("lstm", "tcn"), _with(configuration, SMALL_LAYOUTS)
    small = replace(
        _small(whole, configuration, few),
        published=(
            *(_mean_of_part(configuration, architecture, small_datasets) for architecture in few),
            *(_cells(configuration, architecture, small_datasets) for architecture in few),
        ),
        figures=tuple(layouts_figure(configuration, name) for name in few),
    )
    return replace(whole, small=small)


def _table7(configuration: Configuration) -> Suite:
    title = "Accuracy with and without saliency guided training"
    published = (_table("table 7: accuracy", partial(accuracy_claims, configuration)),)
    whole = replace(
        _suite(configuration, "sgt-table7", title, ARCHITECTURES),
        saliency=(configuration.saliency["gradient"],),
        metrics=(ACCURACY,),
        entries=series_entries(configuration, saliency=("gradient",)),
        published=published,
    )
    return replace(whole, small=_small(whole, configuration, ("lstm", "tcn")))


def _table_of(configuration: Configuration, architecture: str) -> Suite:
    """Table 8, 9, 10 or 11."""
    name = CELLS[architecture].replace("_", "-")
    title = f"Saliency guided training of {TITLES[architecture]} on ten synthetic series"
    whole = replace(
        _suite(configuration, name, title, (architecture,)),
        published=(_cells(configuration, architecture),),
        figures=(layouts_figure(configuration, architecture),),
    )
    slow = architecture == "transformer"  # its epochs are fifteen to thirty times as long
    layouts = SMALL_LAYOUTS[:1] if slow else SMALL_LAYOUTS
    epochs = 5 if slow else MIDDLE.budget.epochs
    small = replace(
        _small(whole, configuration, (architecture,), layouts, epochs),
        published=(_cells(configuration, architecture, _with(configuration, layouts)),),
    )
    return replace(whole, small=small)


def _suites(configuration: Configuration) -> list[Suite]:
    return [
        _table2(configuration),
        *([] if "published-maps" in configuration.suffix else [_table7(configuration)]),  # the same models' accuracies
        *(_table_of(configuration, architecture) for architecture in ARCHITECTURES),
    ]


_WAYS = (SOUND, AS_PUBLISHED, PUBLISHED_MAPS, AS_DRAWN, AS_DRAWN_PUBLISHED_MAPS, AS_DRAWN_AS_PUBLISHED)
SUITES = (
    *(suite for configuration in _WAYS for suite in _suites(configuration)),
    *(_table_of(configuration, "tcn") for configuration in (LONG, ABSOLUTE_RANKING, FEATURE_RANGE)),
)
