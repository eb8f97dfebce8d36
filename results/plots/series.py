"""Heat maps of series: samples and maps of them side by side, with the outline of the true evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SMALL = 8  # size of letters


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heat:
    """One picture of a grid: a series, or a map of it."""

    values: Tensor  # (T, D)
    mask: Tensor | None = None  # (T, D) bool, the true evidence, whose outline is drawn
    signed: bool = False  # red above zero and blue below, scaled by the largest size; otherwise gray


def heat_map_plot(
    grid: Sequence[Sequence[Heat]], path: Path, *, rows: Sequence[str], columns: Sequence[str]
) -> list[Path]:
    """Draw series and maps: time from left to right, features from top to bottom.

    Args:
        grid: rows of pictures, all of one length.
        path: where to write; its suffix is replaced by .png and .pdf.
        rows: their names.
        columns: their names.

    Returns:
        The two files.

    Raises:
        ValueError: no picture, or names that do not fit the grid.
    """
    if not grid or not columns:
        raise ValueError("there is no map to draw")
    if len(rows) != len(grid) or any(len(row) != len(columns) for row in grid):
        sizes = sorted({len(row) for row in grid})
        raise ValueError(f"{len(rows)} rows and {len(columns)} columns are named, got {len(grid)} rows of {sizes}")
    from matplotlib.figure import Figure  # not pyplot: it would pick a backend and keep the figure

    figure = Figure(figsize=(1.25 * len(columns) + 0.8, 1.3 * len(grid) + 0.5), layout="constrained")
    places = figure.subplots(len(grid), len(columns), squeeze=False)
    for line, row in zip(places, grid, strict=True):
        for axes, heat in zip(line, row, strict=True):
            draw_heat(axes, heat)
    for axes, name in zip(places[0], columns, strict=True):
        axes.set_title(name, fontsize=SMALL, parse_math=False)
    for axes, name in zip(places[:, 0], rows, strict=True):
        axes.set_ylabel(name, fontsize=SMALL, parse_math=False)
    figure.supxlabel("time", fontsize=SMALL)
    return save(figure, path)


def draw_heat(axes: "Axes", heat: Heat, *, square: bool = True) -> None:
    """One picture, in cells that are square or fill the axes."""
    values = heat.values.detach().float().numpy().T  # (D, T): features from top to bottom
    reach = float(np.abs(values).max()) or 1.0
    colors, low, high = ("RdBu_r", -reach, reach) if heat.signed else ("gray", float(values.min()), float(values.max()))
    axes.imshow(values, cmap=colors, vmin=low, vmax=high, aspect="equal" if square else "auto", interpolation="nearest")
    if heat.mask is not None:
        _outline(axes, heat.mask.numpy().T)
    axes.set_xticks([])
    axes.set_yticks([])


def _outline(axes: "Axes", mask: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> None:
    """Lines along all edges between a cell inside the mask and one outside."""
    from matplotlib.collections import LineCollection

    padded = np.pad(mask, 1)
    edges = [
        [(step - 1.5, feature - 0.5), (step - 0.5, feature - 0.5)]
        for feature, step in np.argwhere(padded[1:] != padded[:-1])
    ]
    edges += [
        [(step - 0.5, feature - 1.5), (step - 0.5, feature - 0.5)]
        for feature, step in np.argwhere(padded[:, 1:] != padded[:, :-1])
    ]
    axes.add_collection(LineCollection(edges, colors="#009E73", linewidths=1.0), autolim=False)


def save(figure: "Figure", path: Path) -> list[Path]:
    """Write a figure as PNG and PDF."""
    files = [path.with_suffix(".png"), path.with_suffix(".pdf")]
    figure.savefig(files[0], dpi=150, bbox_inches="tight")
    figure.savefig(files[1], bbox_inches="tight", metadata={"CreationDate": None})  # the same figure, the same bytes
    return files
