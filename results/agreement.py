"""Do metrics that promise the same rank methods the same way? Rank agreement between the metrics of a table."""

from collections import Counter
from itertools import combinations

import pandas as pd
from scipy.stats import kendalltau

from .leaderboard import GROUP, Leaderboard
from .significant import significant

RANKED = ["dataset", "architecture", "training"]  # saliency methods of one model are ranked
SMALLEST = 3  # methods; fewer have no ranking to speak of


def agreement(leaderboard: Leaderboard) -> pd.DataFrame:
    """How far each pair of metrics ranks saliency methods alike, averaged over data sets, architectures and trainings.

    Methods and controls are ranked by their means over seeds, better first whatever the metric's direction. Metrics
    of the model itself, which give all its maps one value, have no ranking and no row.

    Args:
        leaderboard: of any entries.

    Returns:
        The columns `first`, `second` (metrics, with ‡ where they are unreliable somewhere), `tau` (mean of Kendall's
        tau-b, in [-1, 1]), `lowest`, `highest` and `groups` (how many rankings were compared). Pairs without a common
        ranking of three methods have no row.

    Source:
        kendall1945treatment, for the correction of ties.
    """
    signs = {metric.name: 1 if metric.higher_is_better else -1 for metric in leaderboard.metrics}
    cells = leaderboard.cells
    cells = cells[cells["status"].isin(["ok", "partial"])].astype({"metric": str})
    scores = cells.assign(score=significant(cells["mean"].to_numpy()) * cells["metric"].map(signs))
    rows = []
    for _, group in scores.groupby(RANKED, observed=True):
        wide = group.pivot_table(index="saliency", columns="metric", values="score", observed=True)
        for first, second in combinations([name for name in signs if name in wide], 2):
            both = wide[[first, second]].dropna()
            if len(both) >= SMALLEST and (both.max() > both.min()).all():
                rows.append({"first": first, "second": second, "tau": kendalltau(both[first], both[second]).statistic})
    frame = pd.DataFrame(rows, columns=["first", "second", "tau"])
    summed = frame.groupby(["first", "second"], sort=False)["tau"].agg(["mean", "min", "max", "size"])
    columns = {"mean": "tau", "min": "lowest", "max": "highest", "size": "groups"}
    marks = {name: f"{name} ‡" for name in unreliable_metrics(leaderboard)}
    return summed.reset_index().rename(columns=columns).replace({"first": marks, "second": marks})


def unreliable_metrics(leaderboard: Leaderboard) -> dict[str, str]:
    """Metrics that are marked on some data set and architecture, with how many of those that it was measured on.

    Args:
        leaderboard: of any entries.
    """
    cells = leaderboard.cells
    cells = cells[cells["status"].isin(["ok", "partial"])].astype({"metric": str})
    places = cells.drop_duplicates([*GROUP, "metric"])
    total = Counter(places["metric"])
    marked = Counter(places.loc[places["unreliable"] != "", "metric"])
    return {name: f"{count} of {total[name]}" for name, count in marked.items()}
