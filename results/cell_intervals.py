"""An interval for every mean of a leaderboard, over all that was repeated for it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .batched_intervals import mean_intervals
from .intervals import FEWEST_SEEDS, Interval, Repeats, seed_interval
from .leaderboard import CELL
from .record import Record, Status
from .scores import ReadScores, stacked

_LOST = "the files with the scores of samples are gone or damaged, a run into another store makes them"


def cell_intervals(
    records: Iterable[Record], *, read_scores: ReadScores, repeats: Repeats = Repeats.TRAINING
) -> pd.DataFrame:
    """Intervals of the means over seeds.

    Over seeds and samples where three seeds have scores of the same samples, else over seeds; one model alone has an
    interval over its samples. The randomness of a saliency method changes with the seed of training, and is part of
    what varies over seeds.

    Args:
        records: of any entries, metrics and seeds; those without a value are left out.
        read_scores: from a record to its scores of single samples, see `kept_scores`.
        repeats: what the seeds of these records are of.

    Returns:
        The columns of `leaderboard.CELL`, `low`, `high` (NaN where there are too few seeds) and `source`, which says
        over what the interval is, or why there is none.
    """
    cells: defaultdict[tuple[str | bool, ...], list[Record]] = defaultdict(list)
    for record in records:
        if record.status is Status.OK and record.value is not None and np.isfinite(record.value):
            cells[tuple(getattr(record, column) for column in CELL)].append(record)
    intervals: dict[tuple[str | bool, ...], Interval] = {}
    batches: defaultdict[tuple[str, int, int], dict[tuple[str | bool, ...], NDArray[np.float64]]] = defaultdict(dict)
    for cell, same in cells.items():
        of_samples = [] if 1 < len(same) < FEWEST_SEEDS else [read_scores(record) for record in same]
        scores = stacked(of_samples)
        if scores is None:
            values = np.array([record.value for record in same], dtype=np.float64)
            interval = seed_interval(values, repeats=repeats)  # with too few there is none, and why
            lost = any(record.scores and found is None for record, found in zip(same, of_samples, strict=False))
            intervals[cell] = replace(interval, source=f"{interval.source}; {_LOST}") if lost else interval
        else:
            batches[same[0].dataset, *scores.shape][cell] = scores
    for (name, *_), batch in batches.items():
        found = mean_intervals(np.stack(list(batch.values())), name=name, repeats=repeats)
        intervals |= dict(zip(batch, found, strict=True))
    rows = [
        (*cell, _rounded(intervals[cell].low), _rounded(intervals[cell].high), intervals[cell].source) for cell in cells
    ]
    return pd.DataFrame(rows, columns=[*CELL, "low", "high", "source"])


def _rounded(value: float) -> float:
    """To ten digits: the last ones of a product of matrices differ between machines, and a table must not."""
    return float(f"{value:.10g}")
