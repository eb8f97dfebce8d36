"""A suite: which entries, metrics and seeds answer one question."""

from dataclasses import dataclass

from ..baselines.architectures.base import Architecture
from ..baselines.saliency.base import SaliencyMethod
from ..datasets.base import Dataset
from ..metrics.base import Metric
from .entry import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A query over all known entries; the order of its fields is the order of its tables."""

    name: str
    title: str
    datasets: tuple[Dataset, ...]
    architectures: tuple[Architecture, ...]
    saliency: tuple[SaliencyMethod, ...]
    controls: tuple[SaliencyMethod, ...]
    metrics: tuple[Metric, ...]
    seeds: tuple[int, ...]
    trainings: tuple[str, ...] | None = None  # None takes every training method that has fitting entries
    samples: int | None = None  # test samples that are explained; None takes all
    reference: str | None = None  # key in references.bib of the publication it answers

    def asks_for(self, entry: Entry) -> bool:
        """Does the entry belong to the suite's question?"""
        return (
            entry.dataset in self.datasets
            and entry.architecture in self.architectures
            and entry.saliency in self.saliency
            and (self.trainings is None or entry.training in self.trainings)
        )
