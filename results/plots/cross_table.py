"""Heat maps of what maps of one model say about another."""

from pathlib import Path
from typing import Any

import pandas as pd

from .figure_files import write_figure


def cross_plot(table: pd.DataFrame, metrics: dict[str, bool], path: Path) -> list[Path]:
    """Draw one heat map a metric: rows are whose maps, columns on whose model; the diagonal is a model's own maps.

    Args:
        table: the columns maps_of, evaluated_on and each metric, one row a pair.
        metrics: whether higher is better, by the metric's name; the better, the darker.
        path: where to write; .png and .pdf are added.

    Raises:
        ValueError: a pair that stands there twice, or no pair at all.
    """
    from matplotlib.figure import Figure

    if table.empty or table.duplicated(["maps_of", "evaluated_on"]).any():
        raise ValueError(f"table must have each pair of models once and at least one, got {len(table)} rows")
    names = list(dict.fromkeys(table["maps_of"]))
    side = 0.75 * len(names) + 2.4
    figure = Figure(figsize=(side * len(metrics), side - 0.6), layout="constrained")
    for axes, (metric, higher) in zip(figure.subplots(1, len(metrics), squeeze=False)[0], metrics.items(), strict=True):
        wide = table.pivot_table(index="maps_of", columns="evaluated_on", values=metric, dropna=False)
        wide = wide.reindex(index=names, columns=names)
        shown = axes.imshow(wide.to_numpy(), cmap="Blues" if higher else "Blues_r")
        for down, row in enumerate(wide.to_numpy()):
            for across, value in enumerate(row):
                level = shown.norm(value) if higher else 1 - shown.norm(value)
                color = "white" if level > 0.6 else "black"
                weight = "bold" if down == across else "normal"
                text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
                look: dict[str, Any] = {"color": color, "weight": weight, "fontsize": 8}
                axes.text(across, down, text, ha="center", va="center", **look)
        axes.set_xticks(range(len(names)), names, rotation=45, ha="right", fontsize=8)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set_xlabel("evaluated on")
        axes.set_ylabel("maps of")
        axes.set_title(f"{metric} ({'higher' if higher else 'lower'} is better)", fontsize=10, parse_math=False)
    return write_figure(figure, path)
