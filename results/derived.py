"""Numbers that only means have, such as a ratio of two of them: made of other records, never measured themselves."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .record import Record, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One metric's mean over another's, for each entry and seed."""

    name: str
    version: int
    numerator: str
    denominator: str
    higher_is_better: bool
    smallest: float  # a denominator below this makes no ratio

    def of(self, numerator: Record, denominator: Record) -> Record:
        """The ratio of two records of one entry and seed, or the reason why there is none."""
        blank = replace(
            numerator,
            key=f"{self.name}@{self.version}:{numerator.key}:{denominator.key}",
            metric=self.name,
            metric_version=self.version,
            higher_is_better=self.higher_is_better,
            value=None,
            count=0,
            curve={},
            scores="",
            seconds=0.0,
        )
        for part in (numerator, denominator):
            if part.status is not Status.OK or part.value is None:
                return replace(blank, status=part.status, note=part.note or f"{part.metric} has no value")
        assert numerator.value is not None
        assert denominator.value is not None
        if denominator.value < self.smallest:
            note = f"{self.denominator} is {denominator.value:.2g}, too near zero or negative for a ratio"
            return replace(blank, note=note)
        return replace(blank, value=numerator.value / denominator.value, count=numerator.count)


# xu2024scaat, table 1, as the ratio of the means over samples; their printed denominators go down to 1.8e-4. So small a
# number is decided by noise, and below 1e-4 nothing is given.
SCAAT_AOPC_REL = Ratio(
    name="scaat_aopc_rel",
    version=2,
    numerator="scaat_aopc_morf",
    denominator="scaat_aopc_lerf",
    higher_is_better=True,
    smallest=1e-4,
)
RATIOS = (SCAAT_AOPC_REL,)


def with_ratios(records: Iterable[Record], ratios: Iterable[Ratio] = RATIOS) -> list[Record]:
    """The records, and each ratio right after the later of the two records that it is made of.

    Args:
        records: of any entries, metrics and seeds.
        ratios: those to add wherever both their metrics are among the records.
    """
    everything = list(records)
    found = {(record.entry, record.seed, record.metric): record for record in everything}
    places = {record.key: place for place, record in enumerate(everything)}
    added: dict[int, list[Record]] = {}
    for ratio in ratios:
        for (entry, seed, metric), numerator in found.items():
            denominator = found.get((entry, seed, ratio.denominator))
            if metric == ratio.numerator and denominator is not None:
                place = max(places[numerator.key], places[denominator.key])
                added.setdefault(place, []).append(ratio.of(numerator, denominator))
    return [item for place, record in enumerate(everything) for item in (record, *added.get(place, ()))]
