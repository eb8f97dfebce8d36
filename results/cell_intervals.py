"""An interval for every mean of a leaderboard, over all that was repeated for it."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pandas as pd

from .intervals import FEWEST_SEEDS, Interval, Repeats, sample_interval, seed_and_sample_interval, seed_interval
from .leaderboard import CELL
from .record import Record, Status
from .scores import ReadScores, stacked


def cell_intervals(
    records: Iterable[Record], *, read_scores: ReadScores, repeats: Repeats = Repeats.TRAINING
) -> pd.DataFrame:
    """Intervals of the means over seeds.

    Over seeds and samples where three seeds have scores of the same samples, else over seeds; one model alone has an
    interval over its samples. The randomness of a saliency method changes with the seed of training, and is part of
    what varies over seeds.

    Args:
        records: of any entries, metrics and seeds; those without a value are left out.
        read_scores: from a record to its scores of single samples, see `scores.scores_in`.
        repeats: what the seeds of these records are of.

    Returns:
        The columns of `leaderboard.CELL`, `low`, `high` (NaN where there are too few seeds) and `source`, which says
        over what the interval is, or why there is none.
    """
    cells: defaultdict[tuple[str | bool, ...], list[Record]] = defaultdict(list)
    for record in records:
        if record.status is Status.OK and record.value is not None and np.isfinite(record.value):
            cells[tuple(getattr(record, column) for column in CELL)].append(record)
    rows = []
    for cell, found in cells.items():
        interval = _interval(found, read_scores, repeats)
        rows.append((*cell, interval.low, interval.high, interval.source))
    return pd.DataFrame(rows, columns=[*CELL, "low", "high", "source"])


def _interval(records: list[Record], read_scores: ReadScores, repeats: Repeats) -> Interval:
    values = np.array([record.value for record in records], dtype=np.float64)
    if 1 < len(records) < FEWEST_SEEDS:
        return seed_interval(values, repeats=repeats)  # none, and why
    scores = stacked([read_scores(record) for record in records])
    if scores is None:
        return seed_interval(values, repeats=repeats)
    name = records[0].dataset
    if len(records) == 1:
        return sample_interval(scores[0], name=name)
    return seed_and_sample_interval(scores, repeats=repeats, name=name)
