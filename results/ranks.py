"""Average ranks of methods over many tables, and which of them cannot be told apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest, friedmanchisquare, rankdata, studentized_range

from .leaderboard import Leaderboard
from .paired import SIGNIFICANCE
from .significant import significant


@dataclass(frozen=True, slots=True, kw_only=True)
class RankComparison:
    """Methods by their average rank; 1 is best."""

    average: dict[str, float]  # by method, best first
    blocks: int  # tables in which all methods were ranked
    left_out: int  # tables that lack a method
    p: float  # of Friedman's test that all methods rank alike, of two methods the sign test; NaN where all tie
    critical_difference: float  # average ranks closer than this cannot be told apart
    groups: tuple[tuple[str, ...], ...]  # largest sets of neighbors closer than that


def compare_ranks(
    scores: pd.DataFrame, *, higher_is_better: bool = True, level: float = SIGNIFICANCE
) -> RankComparison:
    """Friedman's test, of two methods the exact sign test that it approximates, and Nemenyi's critical difference.

    Args:
        scores: a row a block, such as a data set, a column a method; rows with a NaN are left out.
        higher_is_better: which end of a row has rank 1; ties share their mean rank.
        level: of the critical difference.

    Raises:
        ValueError: fewer than two methods, or no complete row.

    Source:
        demsar2006statistical, section 3.2.2.
    """
    complete = scores.dropna()
    blocks, methods = complete.shape
    if methods < 2 or not blocks:
        raise ValueError(f"ranks need two methods and a block that has them all, got {methods} and {blocks}")
    values = significant(complete.to_numpy(dtype=np.float64))
    ranks = rankdata(-values if higher_is_better else values, axis=1)
    average = pd.Series(ranks.mean(axis=0), index=complete.columns.astype(str)).sort_values(kind="stable")
    reach = critical_difference(methods, blocks, level=level)
    return RankComparison(
        average={str(name): float(rank) for name, rank in average.items()},
        blocks=blocks,
        left_out=len(scores) - blocks,
        p=_p(values),
        critical_difference=reach,
        groups=_neighbors(average, reach),
    )


def _p(values: NDArray[np.float64]) -> float:
    """That all methods rank alike, from their values, shape (blocks, methods)."""
    if len(values) < 2 or not (values.max(axis=1) > values.min(axis=1)).any():
        return float("nan")
    if values.shape[1] > 2:
        return float(friedmanchisquare(*values.T).pvalue)
    wins, losses = (int((side * (values[:, 0] - values[:, 1]) > 0).sum()) for side in (1, -1))
    return float(binomtest(wins, wins + losses).pvalue)


def critical_difference(methods: int, blocks: int, *, level: float = SIGNIFICANCE) -> float:
    """Nemenyi's: how far two average ranks must lie apart to differ, all pairs taken together.

    Source:
        demsar2006statistical, section 3.2.2 and table 5: q is the Studentized range over the root of two.
    """
    q = float(studentized_range.ppf(1 - level, methods, np.inf)) / np.sqrt(2)
    return float(q * np.sqrt(methods * (methods + 1) / (6 * blocks)))


class RankTable(NamedTuple):
    """What `compare_ranks` ranks."""

    scores: pd.DataFrame  # a row a block, a column a method, NaN where a method has no value
    unshared: tuple[str, ...]  # over what no mean was taken in some block, since too few methods were measured there


def rank_table(
    leaderboard: Leaderboard,
    metric: str,
    *,
    by: str = "saliency",
    blocks: Sequence[str] = ("dataset", "architecture"),
) -> RankTable:
    """The scores that `compare_ranks` ranks, from the means over seeds of a leaderboard.

    Seeds of one data set are no blocks of their own: what they have in common would count as often as there are seeds.

    Args:
        leaderboard: of any entries; controls and cells without a full value are left out.
        metric: its name.
        by: "saliency" or "training", what is ranked.
        blocks: columns of the leaderboard whose combinations are the blocks; the mean is taken over all others.

    Returns:
        The scores. A block's means are over the same training methods for all (with "training", over the same saliency
        methods): those that leave most to compare, see `with_most_cells`. A method that was not measured on one of
        them, or failed there, lacks the block: others would be averaged over harder ground.

    Raises:
        ValueError: trainings are to be ranked by a metric that cannot be compared across models; or an unknown `by`
            or metric.
    """
    if by not in ("saliency", "training"):
        raise ValueError(f"by must be saliency or training, got {by!r}")
    columns = {column.name: column for column in leaderboard.metrics}
    if metric not in columns:
        raise ValueError(f"metric must be one of {', '.join(columns)}, got {metric!r}")
    if not columns[metric].across_models and by == "training":
        raise ValueError(f"{metric} cannot be compared across models, so that it ranks no training methods")
    cells = leaderboard.cells
    cells = cells[(cells["metric"] == metric) & ~cells["control"]]
    cells = cells.assign(asked=1.0, mean=cells["mean"].where(cells["status"] == "ok"))
    inner = "training" if by == "saliency" else "saliency"
    if not columns[metric].across_models and inner not in blocks:
        blocks = [*blocks, inner]  # their scales differ, so that no mean is taken over them
    index = [*blocks, *({inner} - {*blocks})]
    scores, asked = (
        cells.pivot_table(index=index, columns=by, values=values, observed=True, dropna=False)
        for values in ("mean", "asked")
    )
    asked = asked.dropna(how="all")
    scores = scores.reindex(index=asked.index, columns=asked.columns)
    return RankTable(scores, ()) if inner in blocks or scores.empty else _shared_means(scores, asked, list(blocks))


def with_most_cells(scores: pd.DataFrame, *, fewest: int = 2) -> pd.DataFrame:
    """The methods that leave most to compare: methods times the blocks that have them all.

    One method that was measured on half of the blocks would else cost all others the other half. Methods come in the
    order of how many blocks have them; of two choices that leave equally much, it is the one with more methods.

    Args:
        scores: a row a block, a column a method, NaN where there is no value.
        fewest: methods that are left at least, if there are as many.

    Returns:
        The chosen columns of all rows.
    """
    counts = scores.notna().sum()
    best, most = scores, 0
    for least in sorted({int(count) for count in counts if count}):
        chosen = scores.loc[:, counts >= least]
        cells = chosen.shape[1] * len(chosen.dropna())
        if cells > most and chosen.shape[1] >= fewest:
            best, most = chosen, cells
    return best


def _shared_means(scores: pd.DataFrame, asked: pd.DataFrame, blocks: list[str]) -> RankTable:
    """Means over what a block's methods share; what failed there is no reason to leave a place out."""
    means, unshared = {}, dict[str, None]()
    for block, rows in asked.groupby(blocks, observed=True):
        shared = with_most_cells(rows.T, fewest=1).columns
        means[block] = scores.loc[shared].mean(skipna=False)
        unshared |= dict.fromkeys(str(place[-1]) for place in rows.index.difference(shared))
    frame = pd.DataFrame(means).T.rename_axis(index=blocks)
    frame.columns.name = scores.columns.name
    return RankTable(frame, tuple(unshared))


def _neighbors(average: "pd.Series[float]", reach: float) -> tuple[tuple[str, ...], ...]:
    """The largest runs of two or more methods whose ends lie closer than `reach`."""
    names, ranks = [str(name) for name in average.index], average.to_numpy()
    groups: list[tuple[str, ...]] = []
    last = 0
    for first in range(len(names)):
        end = first + int(np.searchsorted(ranks[first:], ranks[first] + reach, side="left"))
        if end - first > 1 and end > last:
            groups.append(tuple(names[first:end]))
            last = end
    return tuple(groups)
