"""What a page shows, before it is written: the numbers, and what lies behind them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import pandas as pd

from ...metrics.base import Metric
from ..leaderboard import Leaderboard
from ..record import Record


class EntryName(NamedTuple):
    """What tells the rows of a leaderboard apart."""

    dataset: str  # name@version, as in records
    architecture: str
    training: str
    saliency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an entry costs; None where it is not known."""

    training_seconds: float | None = None  # of its model
    milliseconds: float | None = None  # of a map


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricCard:
    """What a reader must know to compare two values of a metric."""

    name: str
    version: int
    description: str
    higher_is_better: bool
    across_models: bool
    family: str
    bounds: tuple[float, float] | None = None
    unit: str = ""
    sign: str = ""  # which maps it reads: signed, absolute or none
    needs: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    reference: str = ""  # key in references.bib
    definition: tuple[tuple[str, tuple[str, ...]], ...] = ()  # functions by name, and paragraphs about each

    @classmethod
    def of(cls, metric: Metric, definition: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Self:
        """The card of a metric."""
        return cls(
            name=metric.name,
            version=metric.version,
            description=metric.description,
            higher_is_better=metric.higher_is_better,
            across_models=metric.across_models,
            family=str(metric.family),
            bounds=metric.bounds,
            unit=metric.unit,
            sign=str(metric.sign),
            needs=tuple(sorted(map(str, metric.needs))),
            modalities=tuple(sorted(map(str, metric.modalities))),
            reference=metric.reference,
            definition=definition,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What lies behind the numbers of one entry."""

    settings: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # by heading, e.g. "training method"
    maps: Mapping[str, Any] | None = None  # what `pictures.maps_payload` makes, of the inputs of its data set
    note: str = ""  # why there are no maps


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A report. What is large is made when it is written, one entry at a time."""

    suite: str
    title: str
    caption: str  # how the numbers were made, in a sentence
    records: Sequence[Record]
    leaderboard: Leaderboard | None = None  # of the records, with the evidence; None: intervals over seeds alone
    cards: Sequence[MetricCard] = ()
    costs: Mapping[EntryName, Cost] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # `pictures.inputs_payload` of each data set
    behind: Callable[[EntryName], Behind] = lambda name: Behind()
    disagreements: Iterable[Mapping[str, Any]] = ()  # what `disagreement.disagreement_payload` makes, a model each
    published: Sequence[tuple[str, pd.DataFrame]] = ()  # title, and what `published.compare` gives
