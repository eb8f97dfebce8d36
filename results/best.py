"""Which values of a group are best, and which cannot be told from the best."""

import numpy as np
import pandas as pd

MARKS = (
    "Bold: the best competitor in the direction of the arrow, and those tied with it: their means print alike, or "
    "differ by no more than the standard error of the difference over seeds. "
    "†: the scale depends on the model, so that only maps of one training method are compared. "
    "Controls, values that lack a seed (measured/expected), and values without a rival are never marked."
)
RULE = f"Mean ± standard deviation over seeds. {MARKS}"


def mark_best(cells: pd.DataFrame, group: list[str]) -> pd.DataFrame:
    """Add the columns `decimals` and `best`.

    Args:
        cells: with the columns of `group` and training, metric, control, higher_is_better, across_models, mean, sd,
            seeds and status.
        group: columns within which values are compared; also within a training method for a metric that cannot be
            compared across models.

    Returns:
        A copy. `decimals` leaves the largest competitor of a group and metric three significant digits, or more; `best`
        follows `MARKS`, where the standard error of the difference is the root of sd²/seeds + sd²/seeds.
    """
    keys = [*group, "metric"]
    competitor = ~cells["control"]
    size = cells["mean"].abs()
    by_group = [cells[key] for key in keys]
    largest = size.where(competitor).groupby(by_group, observed=True).transform("max")
    largest = largest.fillna(size.groupby(by_group, observed=True).transform("max")).replace(0.0, np.nan).fillna(1.0)
    decimals = (3 - np.ceil(np.log10(largest))).clip(0, 6).astype(int)

    ranked = cells["mean"].where(cells["higher_is_better"], -cells["mean"])  # only to compare; never shown
    ranked = ranked.where(competitor & (cells["status"] == "ok"))
    rivals = [*by_group, cells["training"].astype(str).where(~cells["across_models"], "")]
    winner = ranked.groupby(rivals, observed=True).transform("max")
    alone = ranked.groupby(rivals, observed=True).transform("count") < 2  # what is there to be better than
    variance = cells["sd"] ** 2 / cells["seeds"]
    # Of several winners with one mean, the one with the largest spread decides what is tied with it.
    of_winner = variance.where(ranked == winner).groupby(rivals, observed=True).transform("max")
    unit = 10.0**decimals
    alike = (ranked * unit).round() == (winner * unit).round()
    within = (winner - ranked) <= np.sqrt(variance + of_winner)  # False with one seed: its sd is NaN
    return cells.assign(decimals=decimals, best=ranked.notna() & ~alone & (alike | within))
