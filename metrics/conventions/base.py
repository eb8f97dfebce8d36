"""What a convention is: one of several definitions that go by the same name, such as AOPC."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from ...datasets.base import Modality
from ..base import Case, Need
from ..protocol import SHARED, Protocol

Score = Callable[[Case], Tensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """One definition of a measure, declared so that its values can be set beside those of the other definitions."""

    measure: str  # the name that all of them go by, e.g. "aopc_morf"
    name: str  # which of them, e.g. "without_zero"
    formula: str  # in one line
    score: Score  # (N,), or () where it is no mean over samples; NaN where undefined
    higher_is_better: bool
    across_models: bool  # may values of two models be compared
    reference: str  # key in references.bib, of who computes it so
    metric: str = ""  # the metric of salbench that is this one
    needs: frozenset[Need] = frozenset()
    protocols: tuple[Protocol, ...] = ()  # whose perturbation curves it reads
    modalities: frozenset[Modality] = frozenset(Modality)

    @property
    def full_name(self) -> str:
        """Measure and name, unique among all conventions."""
        return f"{self.measure}/{self.name}"

    def suits(self, case: Case) -> bool:
        """Does the case have what this one reads?"""
        curves = all(protocol in case.curves for protocol in self.protocols)
        return curves and case.modality in self.modalities and all(case.has(need) for need in self.needs)

    def value(self, case: Case) -> float:
        """The mean of the scores that are defined; NaN where none is."""
        return float(self.score(case).double().nanmean())


class CurveDefinition(NamedTuple):
    """A convention that reads perturbation curves, without what all of its measure share."""

    name: str
    formula: str
    reference: str
    score: Score
    metric: str = ""
    protocol: Protocol = SHARED


def declared(
    measure: str, definitions: Iterator[CurveDefinition], *, higher: bool, across_models: bool
) -> list[Convention]:
    """The conventions of one measure."""
    return [
        Convention(
            measure=measure,
            name=found.name,
            formula=found.formula,
            score=found.score,
            higher_is_better=higher,
            across_models=across_models,
            reference=found.reference,
            metric=found.metric,
            protocols=(found.protocol,),
        )
        for found in definitions
    ]
