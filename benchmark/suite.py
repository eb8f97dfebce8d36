"""A suite: which entries, metrics and seeds answer one question."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..baselines.architectures.base import Architecture
from ..baselines.saliency.base import SaliencyMethod
from ..datasets.base import Dataset
from ..metrics.base import Metric
from .entry import Entry

if TYPE_CHECKING:  # a suite only names them
    import pandas as pd

    from ..results.store import Store
    from .plan_results import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a publication, made anew from a suite's results."""

    name: str  # of the files, without their suffix
    draw: "Callable[[Results, Store, Path, Path], list[Path]]"  # results, store, data, path without suffix; the files
    of_numbers: bool = False  # is it drawn where neither maps nor data are at hand


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A table of a publication that a suite measures again.

    `claims()` gives a data frame with the columns of `results.published.KEY`, where an empty text stands for a mean
    over all there are, the column `value`, and where needed `reason`, why that number cannot be compared, and
    `min_accuracy`, the least accuracy of the models that it is about: others are left out and counted.
    """

    title: str  # e.g. "ismail2021improving, table 2"
    claims: "Callable[[], pd.DataFrame]"
    methods: tuple[str, ...] = ()  # the training methods whose effects over regular training are claimed
    relative_to: str | None = None  # compare shares of this training method's value, where scales cannot be matched


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A query over all known entries, or entries of its own; the order of its fields is the order of its tables."""

    name: str
    title: str
    datasets: tuple[Dataset, ...]
    architectures: tuple[Architecture, ...]
    saliency: tuple[SaliencyMethod, ...]
    controls: tuple[SaliencyMethod, ...]
    metrics: tuple[Metric, ...]
    seeds: tuple[int, ...]
    entries: tuple[Entry, ...] = ()  # its own, with its own budgets; if there are any, no others are asked
    trainings: tuple[str, ...] | None = None  # None takes every training method that has fitting entries
    samples: int | None = None  # test samples that are explained; None takes all
    reference: str | None = None  # key in references.bib of the publication it answers
    published: tuple[Published, ...] = ()
    figures: tuple[Figure, ...] = ()
    obstacle: str = ""  # why its numbers cannot be compared with the published ones; shown beside them
    small: "Suite | None" = None  # the same question at a scale that two CPU cores answer in minutes

    def asks_for(self, entry: Entry) -> bool:
        """Does the entry belong to the suite's question?"""
        return (
            entry.dataset in self.datasets
            and entry.architecture in self.architectures
            and entry.saliency in self.saliency
            and (self.trainings is None or entry.training in self.trainings)
        )
