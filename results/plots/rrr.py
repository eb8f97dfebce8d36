"""Plots of right for the right reasons: bars and lines beside published numbers, pictures with their maps, features."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from torch import Tensor

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's colors, which color-blind readers can tell apart.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_PER_ROW = 3
_Panel = TypeVar("_Panel")


class Line(NamedTuple):
    """Numbers along an axis; published ones are drawn hollow and dashed, in the color of the line of the same label."""

    label: str
    x: Sequence[float]
    mean: Sequence[float]
    sd: Sequence[float] = ()  # over runs; empty where there is one run
    published: bool = False


class LinePanel(NamedTuple):
    """Lines that share their axes."""

    title: str
    across: str  # what x is
    up: str  # what the numbers are
    lines: Sequence[Line]
    logarithmic: bool = False


class Bar(NamedTuple):
    """One bar, with what was published for it."""

    label: str
    mean: float
    sd: float = 0.0
    published: Sequence[float] = ()


class BarPanel(NamedTuple):
    """Bars of one quantity."""

    title: str
    up: str
    bars: Sequence[Bar]
    logarithmic: bool = False


class Picture(NamedTuple):
    """An image (C, H, W) with values of 0 to `most`, or a signed map (H, W) if `most` is None."""

    title: str
    pixels: Tensor
    most: float | None = None


class Ranked(NamedTuple):
    """One sample's largest attributions by name, for one saliency method each."""

    title: str
    names: Sequence[str]
    values: Mapping[str, Sequence[float]]  # saliency method to one value a name
    marked: frozenset[str] = frozenset()  # names that must not matter


def lines_plot(panels: Sequence[LinePanel], path: Path) -> list[Path]:
    """Draw lines, a panel each; the band is one standard deviation to either side.

    Args:
        panels: at least one.
        path: where to write; .png and .pdf are added.

    Returns:
        The two files.

    Raises:
        ValueError: nothing to draw.
    """
    return _grid(panels, path, _draw_lines, height=3.4)


def bars_plot(panels: Sequence[BarPanel], path: Path) -> list[Path]:
    """Draw bars with one standard deviation, and diamonds for published values; otherwise as `lines_plot`."""
    return _grid(panels, path, _draw_bars, height=3.6)


def ranked_plot(panels: Sequence[Ranked], path: Path) -> list[Path]:
    """Draw the attributions of named features, each method scaled to its largest; otherwise as `lines_plot`."""
    most = max((len(panel.names) for panel in panels), default=0)
    return _grid(panels, path, _draw_ranked, height=1.2 + 0.24 * most)


def pictures_plot(rows: Sequence[Sequence[Picture]], path: Path) -> list[Path]:
    """Draw rows of pictures; in a map red is for, blue against, and its own largest value decides the scale.

    Args:
        rows: of equally many pictures, at least one.
        path: where to write; .png and .pdf are added.

    Raises:
        ValueError: nothing to draw.
    """
    from matplotlib.figure import Figure

    if not rows:
        raise ValueError("no pictures to draw")
    columns = len(rows[0])
    figure = Figure(figsize=(1.5 * columns, 1.75 * len(rows)), layout="constrained")
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for row, line in zip(rows, axes.tolist(), strict=True):
        for picture, place in zip(row, line, strict=True):
            _draw_picture(place, picture)
    return _saved(figure, path)


def heat_plot(
    values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    path: Path,
) -> list[Path]:
    """Draw a table of numbers in [0, 1] as colors around 0.5, each with its number.

    Args:
        values: shape (rows, columns); NaN stays blank.
        rows: their names.
        columns: likewise.
        title: above the table.
        path: where to write; .png and .pdf are added.

    Raises:
        ValueError: nothing to draw.
    """
    from matplotlib.figure import Figure

    if values.size == 0 or np.isnan(values).all():
        raise ValueError("no numbers to draw")
    figure = Figure(figsize=(2.4 + 0.85 * len(columns), 1.6 + 0.34 * len(rows)), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(values, cmap="PuOr_r", vmin=0, vmax=1, aspect="auto")
    axes.set_xticks(range(len(columns)), columns, rotation=35, ha="right", fontsize=7)
    axes.set_yticks(range(len(rows)), rows, fontsize=7)
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            shade = "white" if abs(value - 0.5) > 0.35 else "black"
            axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=7, color=shade)
    axes.set_title(title, fontsize=9, parse_math=False)
    figure.colorbar(image, ax=axes, shrink=0.8)
    return _saved(figure, path)


def _grid(panels: Sequence[_Panel], path: Path, draw: "Callable[[Axes, _Panel], None]", *, height: float) -> list[Path]:
    from matplotlib.figure import Figure

    if not panels:
        raise ValueError("no panels to draw")
    columns = min(_PER_ROW, len(panels))
    lines = ceil(len(panels) / columns)
    figure = Figure(figsize=(4.4 * columns, height * lines), layout="constrained")
    places = figure.subplots(lines, columns, squeeze=False).flatten().tolist()
    for axes, panel in zip(places, panels, strict=False):
        draw(axes, panel)
    for axes in places[len(panels) :]:
        axes.set_visible(False)
    return _saved(figure, path)


def _draw_lines(axes: "Axes", panel: LinePanel) -> None:
    labels = list(dict.fromkeys(line.label for line in panel.lines))
    for line in panel.lines:
        color = _COLORS[labels.index(line.label) % len(_COLORS)]
        if line.published:
            look: dict[str, Any] = {"linestyle": "--", "marker": "o", "markerfacecolor": "none", "linewidth": 0.9}
            axes.plot(line.x, line.mean, color=color, markersize=3, label=f" {line.label} (published)", **look)
            continue
        axes.plot(line.x, line.mean, color=color, marker="o", markersize=4, linewidth=1.4, label=f" {line.label}")
        if len(line.sd):
            mean, sd = np.asarray(line.mean), np.asarray(line.sd)
            axes.fill_between(line.x, mean - sd, mean + sd, color=color, alpha=0.15, linewidth=0)
    if panel.logarithmic:
        axes.set_xscale("log")
    axes.set_xlabel(panel.across, fontsize=8, parse_math=False)
    axes.legend(fontsize=6, frameon=False)
    _frame(axes, panel.title, panel.up)


def _draw_bars(axes: "Axes", panel: BarPanel) -> None:
    for place, bar in enumerate(panel.bars):
        color = _COLORS[place % len(_COLORS)]
        axes.bar(place, bar.mean, yerr=bar.sd or None, color=color, alpha=0.75, capsize=3)
        axes.plot([place] * len(bar.published), bar.published, "D", color="black", markerfacecolor="white")
    axes.set_xticks(range(len(panel.bars)), [bar.label for bar in panel.bars], rotation=20, ha="right", fontsize=7)
    if panel.logarithmic:
        axes.set_yscale("log")
    if any(len(bar.published) for bar in panel.bars):
        axes.plot([], [], "D", color="black", markerfacecolor="white", label="published")
        axes.legend(fontsize=7, frameon=False)
    _frame(axes, panel.title, panel.up)


def _draw_ranked(axes: "Axes", panel: Ranked) -> None:
    places = np.arange(len(panel.names))
    width = 0.8 / max(1, len(panel.values))
    for number, (method, values) in enumerate(panel.values.items()):
        sizes = np.asarray(values, dtype=np.float64)
        largest = np.abs(sizes).max(initial=0.0) or 1.0
        axes.barh(places + number * width, sizes / largest, width, color=_COLORS[number], label=f" {method}")
    axes.set_yticks(places + 0.4 - width / 2, panel.names, fontsize=7)
    for label in axes.get_yticklabels():
        label.set_parse_math(False)
        if label.get_text() in panel.marked:
            label.set_color("#C00000")
    axes.invert_yaxis()
    axes.axvline(0, color="0.5", linewidth=0.8)
    axes.legend(fontsize=6, frameon=False)
    _frame(axes, panel.title, "")
    axes.set_xlabel("attribution / largest", fontsize=8)


def _draw_picture(axes: "Axes", picture: Picture) -> None:
    pixels = picture.pixels.detach().cpu()
    if picture.most is None:
        largest = float(pixels.abs().max()) or 1.0
        axes.imshow(pixels.numpy(), cmap="seismic", vmin=-largest, vmax=largest, interpolation="nearest")
    else:
        shown = (pixels / picture.most).clamp(0, 1)
        image = shown[0].numpy() if len(shown) == 1 else shown.permute(1, 2, 0).numpy()
        axes.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_title(picture.title, fontsize=6, parse_math=False)
    axes.set_axis_off()


def _frame(axes: "Axes", title: str, up: str) -> None:
    axes.set_title(title, fontsize=9, parse_math=False)
    axes.set_ylabel(up, fontsize=8, parse_math=False)
    axes.grid(color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7, color="0.6")


def _saved(figure: "Figure", path: Path) -> list[Path]:
    files = [path.with_name(path.name + suffix) for suffix in (".png", ".pdf")]
    figure.savefig(files[0], dpi=150, bbox_inches="tight")
    figure.savefig(files[1], bbox_inches="tight", metadata={"CreationDate": None})  # the same figure, the same bytes
    return files
