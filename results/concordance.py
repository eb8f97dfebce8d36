"""Do the metrics of one family rank methods alike, all of them together? Krippendorff's alpha beside Kendall's tau."""

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import kendalltau, rankdata

from .agreement import RANKED, SMALLEST, unreliable_metrics
from .leaderboard import Leaderboard
from .significant import significant


def ordinal_alpha(ratings: NDArray[np.float64]) -> float:
    """Krippendorff's alpha for ordinal ratings: 1 is full agreement, 0 what chance gives.

    Args:
        ratings: a row a rater, a column a unit, NaN where a rater did not rate; only the order of values counts.

    Returns:
        Alpha, at most 1; NaN if no unit has two ratings, or all ratings are equal.

    Source:
        krippendorff2011computing: the observed coincidences over those expected by chance, weighed by the
        squared number of ratings between two values.
    """
    rated = np.isfinite(ratings)
    paired = rated.sum(axis=0) > 1
    ratings, rated = ratings[:, paired], rated[:, paired]
    values, codes = np.unique(ratings[rated], return_inverse=True)
    if len(values) < 2:
        return float("nan")
    counts = np.zeros((ratings.shape[1], len(values)))  # n_uc: how often a unit got a value
    np.add.at(counts, (np.nonzero(rated)[1], codes), 1.0)
    raters = counts.sum(axis=1, keepdims=True)
    coincidences = (counts / (raters - 1)).T @ counts - np.diag((counts / (raters - 1)).sum(axis=0))  # o_ck
    totals = coincidences.sum(axis=0)  # n_c
    middle = totals.cumsum() - totals / 2
    distance = np.square(middle[:, np.newaxis] - middle)  # delta²_ck
    expected = (np.outer(totals, totals) * distance).sum()
    return float(1 - (totals.sum() - 1) * (coincidences * distance).sum() / expected)


def concordance(leaderboard: Leaderboard) -> pd.DataFrame:
    """How far the metrics of each family rank the saliency methods of a model alike.

    Methods and controls are ranked by their means over seeds, better first whatever the metric's direction; a method
    counts where all of a family's metrics that rank anything have a value. A metric ranks nothing that gives all
    methods one value, or has fewer than three.

    Args:
        leaderboard: of any entries.

    Returns:
        The columns `family`, `metrics` (the most that ranked one group), `unreliable` (those that are marked
        somewhere), `alpha` (the mean of Krippendorff's over data sets, architectures and trainings), `lowest`,
        `highest`, `tau` (the mean of Kendall's tau-b over the pairs of metrics) and `groups`. Families without two
        metrics that rank three common methods have no row.
    """
    signs = {metric.name: 1 if metric.higher_is_better else -1 for metric in leaderboard.metrics}
    families = dict.fromkeys(metric.family for metric in leaderboard.metrics)
    of_family = {metric.name: metric.family for metric in leaderboard.metrics}
    cells = leaderboard.cells
    cells = cells[cells["status"].isin(["ok", "partial"])].astype({"metric": str})
    scores = cells.assign(score=significant(cells["mean"].to_numpy()) * cells["metric"].map(signs))
    rows = []
    for _, group in scores.groupby(RANKED, observed=True):
        wide = group.pivot_table(index="saliency", columns="metric", values="score", observed=True)
        for family in families:
            own = _ranking(wide[[name for name in wide if of_family[str(name)] == family]])
            if len(own) >= SMALLEST and own.shape[1] > 1:
                values = own.to_numpy(dtype=np.float64).T
                taus = [kendalltau(*pair).statistic for pair in combinations(values, 2)]
                alpha = ordinal_alpha(rankdata(-values, axis=1))
                rows.append({"family": family, "metrics": len(values), "alpha": alpha, "tau": np.mean(taus)})
    frame = pd.DataFrame(rows, columns=["family", "metrics", "alpha", "tau"])
    summed = frame.groupby("family", sort=False).agg(
        metrics=("metrics", "max"),
        alpha=("alpha", "mean"),
        lowest=("alpha", "min"),
        highest=("alpha", "max"),
        tau=("tau", "mean"),
        groups=("alpha", "size"),
    )
    families_of = {name: of_family[name] for name in unreliable_metrics(leaderboard)}
    marked = [", ".join(name for name, own in families_of.items() if own == family) for family in summed.index]
    summed.insert(1, "unreliable", marked)
    return summed.reset_index()


def _ranking(scores: pd.DataFrame) -> pd.DataFrame:
    """The metrics that rank anything, and the methods that all of those have."""
    varied = scores.loc[:, (scores.notna().sum() >= SMALLEST) & (scores.max() > scores.min())].dropna()
    return varied.loc[:, varied.max() > varied.min()]
