"""The effects of training methods as they were published and as they were measured, point by point."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .figure_files import COLORS, write_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_MARKERS = "osD^vP*X"
_PANELS = 3  # in a row
FEWEST = 3  # effects; fewer are better read from their table


def effect_plot(effects: pd.DataFrame, path: Path, *, title: str) -> list[Path]:
    """Write `effect_figure` as PNG and PDF.

    Raises:
        ValueError: there is no effect.
    """
    return write_figure(effect_figure(effects, title=title), path)


def effect_figure(effects: pd.DataFrame, *, title: str) -> "Figure":
    """The published effect of each cell against ours, a panel a metric.

    Gray is where the signs differ, the dashed line where the sizes are equal. Filled marks are effects whose sign
    our own seeds settle; whiskers reach from the least to the greatest effect of a seed. Colors tell the training
    methods or, where there is one alone, the saliency methods.

    Args:
        effects: what `effect_signs.signs` gives.
        title: of the whole.

    Raises:
        ValueError: there is no effect.
    """
    from matplotlib.figure import Figure

    if effects.empty:
        raise ValueError("no effect was both published and measured; nothing to draw")
    several = len(set(effects["training"])) > 1
    effects = effects.assign(method=effects["training" if several else "saliency"])
    metrics = list(dict.fromkeys(effects["metric"]))
    columns = min(_PANELS, len(metrics))
    rows = -(-len(metrics) // columns)
    figure = Figure(figsize=(2.6 + 3.4 * columns, 0.8 + 3.3 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    looks = _looks(effects)
    for metric, axes in zip(metrics, grid.flat, strict=False):
        _draw(axes, effects[effects["metric"] == metric], looks)
        axes.set_title(metric, fontsize=9, parse_math=False)
    for axes in grid.flat[len(metrics) :]:
        axes.set_visible(False)
    figure.suptitle(title, fontsize=9, x=0.01, ha="left", parse_math=False)
    for axes in grid[:, 0]:
        axes.set_ylabel("measured effect", fontsize=8)
    for place in range(columns):
        below = [axes for axes in grid[:, place] if axes.get_visible()]
        below[-1].set_xlabel("published effect", fontsize=8)
    legend = figure.legend(handles=_handles(looks), loc="outside right upper", frameon=False, fontsize=8)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure


def _handles(looks: dict[tuple[str, str], dict[str, Any]]) -> list[Any]:
    """A line for each color and each mark that tell something apart."""
    from matplotlib.lines import Line2D

    shared: dict[str, Any] = {"linestyle": "", "markersize": 6}
    handles = []
    for part, gray in ((0, len({color for _, color in looks}) > 1), (1, False)):
        names = list(dict.fromkeys(place[part] for place in looks))
        if len(names) > 1:
            first = {name: next(look for place, look in looks.items() if place[part] == name) for name in names}
            for name, look in first.items():
                form = {**look, "color": "0.4"} if gray else {**look, "marker": "o"} if part else look
                handles.append(Line2D([], [], label=name, **shared, **form))
    seeds: dict[str, Any] = {"color": "0.4", "marker": "o", **shared}
    handles.append(Line2D([], [], label="seeds settle the sign", **seeds))
    handles.append(Line2D([], [], label="they do not", markerfacecolor="white", **seeds))
    return handles


def _looks(effects: pd.DataFrame) -> dict[tuple[str, str], dict[str, Any]]:
    """A mark for each architecture and a color for each method, or colors where there is one method alone."""
    architectures, methods = (list(dict.fromkeys(effects[column])) for column in ("architecture", "method"))
    looks = {}
    for place in dict.fromkeys(zip(effects["architecture"], effects["method"], strict=True)):
        architecture, method = architectures.index(place[0]), methods.index(place[1])
        color = method if len(methods) > 1 else architecture
        turn = color // len(COLORS)  # another mark each time a color returns
        looks[place] = {"color": COLORS[color % len(COLORS)], "marker": _MARKERS[(architecture + turn) % len(_MARKERS)]}
    return looks


def _draw(axes: "Axes", effects: pd.DataFrame, looks: dict[tuple[str, str], dict[str, Any]]) -> None:
    seeds = [[*found.values()] or [mean] for found, mean in zip(effects["by_seed"], effects["measured"], strict=True)]
    low, high = (np.array([reach(values) for values in seeds]) for reach in (min, max))
    xlim, ylim = _limits(effects["published"].to_numpy()), _limits(np.concatenate([low, high]))
    axes.fill_between([xlim[0], 0], 0, ylim[1], color="0.94", linewidth=0)
    axes.fill_between([0, xlim[1]], ylim[0], 0, color="0.94", linewidth=0)
    axes.axhline(0, color="0.6", linewidth=0.8)
    axes.axvline(0, color="0.6", linewidth=0.8)
    axes.axline((0, 0), slope=1, color="0.6", linewidth=0.8, linestyle="--")
    for row, least, most in zip(effects.to_dict("records"), low, high, strict=True):
        look = looks[row["architecture"], row["method"]]
        whiskers = [[max(0.0, row["measured"] - least)], [max(0.0, most - row["measured"])]]
        axes.errorbar(
            row["published"],
            row["measured"],
            yerr=whiskers,
            elinewidth=0.6,
            markersize=5,
            markerfacecolor=look["color"] if row["settled"] else "white",
            **look,
        )
    axes.set_xlim(*xlim)
    axes.set_ylim(*ylim)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7)
    axes.locator_params(axis="x", nbins=5)


def _limits(values: "NDArray[np.float64]") -> tuple[float, float]:
    """From the least to the greatest value and some more, with zero well inside."""
    low, high = min(0.0, float(np.min(values))), max(0.0, float(np.max(values)))
    room = 0.12 * (high - low) or 1.0
    return low - room, high + room
