"""Bars of what training costs over regular training: measured, the least by count of passes, and as published."""

from pathlib import Path

import numpy as np
import pandas as pd

from .figure_files import COLORS, write_figure

_KINDS = {"ratio": "measured", "passes": "passes needed at least", "published": "published"}


def time_plot(costs: pd.DataFrame, path: Path) -> list[Path]:
    """Draw a group of bars for each row.

    Args:
        costs: the columns dataset, architecture, training, ratio, passes and published; NaN leaves a bar out.
        path: where to write; .png and .pdf are added.

    Raises:
        ValueError: no rows.
    """
    from matplotlib.figure import Figure

    if costs.empty:
        raise ValueError("costs must have at least one row to draw, got none")
    figure = Figure(figsize=(1.6 * len(costs) + 2.5, 3.2), layout="constrained")
    axes = figure.subplots()
    several = costs[["dataset", "architecture"]].drop_duplicates().shape[0] > 1
    names = costs["training"]
    if several:
        names = costs["training"] + "\n" + costs["dataset"] + "\n" + costs["architecture"]
    places = np.arange(len(costs))
    for number, (column, label) in enumerate(_KINDS.items()):
        bars = axes.bar(places + 0.27 * (number - 1), costs[column].fillna(0), 0.25, color=COLORS[number], label=label)
        axes.bar_label(bars, [f"{value:.2g}" if value == value else "" for value in costs[column]], fontsize=8)
    axes.set_xticks(places, names, fontsize=8)
    axes.set_ylabel("time over regular training")
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return write_figure(figure, path)
