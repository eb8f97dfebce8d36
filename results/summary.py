"""Training methods side by side: every metric averaged over the saliency methods they share."""

import pandas as pd

from .leaderboard import GROUP, Leaderboard
from .reliability import without_unreliable

RULE = (
    "Averages over the competing saliency methods with a full value for every training method of the group; "
    "without metrics whose scale depends on the model (†), and without unreliable ones (‡)."
)


def summary(leaderboard: Leaderboard, reliability: pd.DataFrame | None = None) -> pd.DataFrame:
    """Average the means of the competitors over saliency methods, for metrics that can be compared across models.

    A saliency method counts for a metric only if all training methods of the group have a full value with it:
    otherwise a training method would gain by failing where values are poor.

    Args:
        leaderboard: of any entries.
        reliability: what `reliability.reliability` gives; metrics marked there, or in the leaderboard, are left out of
            their data set and architecture.

    Returns:
        The columns dataset, architecture, training, metric, mean, methods (how many were averaged) and decimals.
        Groups with a single training method, and metrics without a shared saliency method, have no rows.
    """
    cells = leaderboard.cells[~leaderboard.cells["control"] & leaderboard.cells["across_models"]]
    trainings = cells.groupby(GROUP, observed=True)["training"].transform("nunique")
    cells = cells[cells["unreliable"] == ""]
    if reliability is not None:
        cells = without_unreliable(cells, reliability)
    full = cells[(cells["status"] == "ok") & (trainings[cells.index] > 1)]
    shared = full.groupby([*GROUP, "saliency", "metric"], observed=True)["training"].transform("nunique")
    kept = full[shared == trainings[full.index]]
    averages = kept.groupby([*GROUP, "training", "metric"], observed=True).agg(
        mean=("mean", "mean"), methods=("mean", "count"), decimals=("decimals", "first")
    )
    return averages.reset_index()
