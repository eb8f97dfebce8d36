"""The pairs in which two methods are compared: models trained alike, or maps of one model."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .record import Record, Status
from .scores import ReadScores, stacked


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedGroup:
    """The pairs of one data set and architecture, a row a seed and a column a map that both methods have."""

    dataset: str
    first: NDArray[np.float64]  # (S, I)
    second: NDArray[np.float64]
    differences: NDArray[np.float64] | None  # of single samples, (S, I, N)

    @property
    def pairs(self) -> NDArray[np.float64]:
        """One difference a seed, shape (S,)."""
        difference: NDArray[np.float64] = (self.first - self.second).mean(axis=1)
        return difference


def paired_groups(
    records: Iterable[Record], first: str, second: str, by: str, read_scores: ReadScores
) -> list[PairedGroup]:
    """All pairs, within each data set and architecture (and training method, if maps of one model are compared)."""
    found: defaultdict[tuple[str, ...], dict[tuple[int, str], dict[str, Record]]] = defaultdict(dict)
    for record in records:
        if record.status is Status.OK and record.value is not None and np.isfinite(record.value):
            place = (record.dataset, record.architecture, *([record.training] if by == "saliency" else []))
            inner = record.saliency if by == "training" else ""
            found[place].setdefault((record.seed, inner), {})[getattr(record, by)] = record
    groups = []
    for (dataset, *_), cells in found.items():
        paired = {cell: pair for cell, pair in cells.items() if len(pair) == 2}
        seeds = sorted({seed for seed, _ in paired})
        inners = dict.fromkeys(inner for _, inner in paired)
        shared = [inner for inner in inners if all((seed, inner) in paired for seed in seeds)]
        if shared:
            rows = [[paired[seed, inner] for inner in shared] for seed in seeds]
            groups.append(_group(dataset, rows, first, second, read_scores))
    return groups


def _group(
    dataset: str, rows: list[list[dict[str, Record]]], first: str, second: str, read_scores: ReadScores
) -> PairedGroup:
    shape = (len(rows), len(rows[0]))
    pairs = [pair for row in rows for pair in row]
    scores = [stacked([read_scores(pair[name]) for pair in pairs]) for name in (first, second)]
    known = [item for item in scores if item is not None]
    if len(known) == 2 and known[0].shape == known[1].shape:
        differences = known[0] - known[1]  # NaN where one of the two is undefined
        both = np.isfinite(differences)
        if both.any(axis=1).all():
            means = [np.nanmean(np.where(both, item, np.nan), axis=1).reshape(shape) for item in known]
            return PairedGroup(
                dataset=dataset, first=means[0], second=means[1], differences=differences.reshape(*shape, -1)
            )
    values = [np.array([pair[name].value for pair in pairs], dtype=np.float64) for name in (first, second)]
    return PairedGroup(
        dataset=dataset, first=values[0].reshape(shape), second=values[1].reshape(shape), differences=None
    )
