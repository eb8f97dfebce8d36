"""Heatmaps of how far the conventions of each measure rank methods alike."""

from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .figure_files import write_figure

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

_PER_ROW = 2
_CELL = 0.42  # inches


def agreement_matrix(agreement: pd.DataFrame, conventions: list[str]) -> pd.DataFrame:
    """Kendall's tau-b of one measure as a square with 1 on the diagonal, NaN where two were never compared.

    Args:
        agreement: the rows of one measure of `convention_agreement`.
        conventions: in the order of rows and columns.
    """
    square = pd.DataFrame(np.eye(len(conventions)), index=conventions, columns=conventions)
    square = square.where(square == 1)
    for first, second, tau in zip(agreement["first"], agreement["second"], agreement["tau"], strict=True):
        square.loc[first, second] = square.loc[second, first] = tau
    return square


def agreement_heatmap(agreement: pd.DataFrame, path: Path, *, title: str = "") -> list[Path]:
    """Draw one square a measure: a row and a column a convention, the number in each cell is Kendall's tau-b.

    Args:
        agreement: from `convention_agreement`.
        path: where to write; its suffix is replaced by .png and .pdf.
        title: plain text above.

    Returns:
        The two files.

    Raises:
        ValueError: no two conventions were compared.
    """
    if agreement.empty:
        raise ValueError("no two conventions rank three common methods; there is nothing to draw")
    return write_figure(_draw(agreement, title), path.with_suffix(""))


def _draw(agreement: pd.DataFrame, title: str) -> "Figure":
    from matplotlib.figure import Figure  # not pyplot: it would pick a backend and keep the figure

    squares = {
        str(measure): agreement_matrix(found, list(dict.fromkeys([*found["first"], *found["second"]])))
        for measure, found in agreement.groupby("measure", sort=False)
    }
    columns = min(_PER_ROW, len(squares))
    rows = ceil(len(squares) / columns)
    side = _CELL * max(map(len, squares.values()))
    figure = Figure(figsize=((side + 2.0) * columns + 0.8, (side + 1.7) * rows + 0.4), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).flatten().tolist()
    image = None
    for axes, (measure, square) in zip(grid, squares.items(), strict=False):
        image = _draw_square(axes, square, measure)
    for axes in grid[len(squares) :]:
        axes.set_visible(False)
    if image is not None:
        bar = figure.colorbar(image, ax=grid, shrink=0.5, aspect=30)
        bar.set_label("Kendall's tau-b between rankings of methods", fontsize=9)
        bar.ax.tick_params(labelsize=8)
    if title:
        figure.suptitle(title, fontsize=10, parse_math=False)
    return figure


def _draw_square(axes: "Axes", square: pd.DataFrame, measure: str) -> "AxesImage":
    values = square.to_numpy(dtype=np.float64)
    image = axes.imshow(values, vmin=-1, vmax=1, cmap="PuOr")  # diverging, and safe for color-blind readers
    for row, column in zip(*np.nonzero(np.isfinite(values)), strict=True):
        tau = values[row, column]
        shade = "white" if abs(tau) > 0.7 else "black"
        text = f"{tau:z.2f}".replace("0.", ".").replace("1.00", "1")
        axes.text(column, row, text, ha="center", va="center", fontsize=7, color=shade)
    names = [str(name).replace("_", " ") for name in square.index]
    places = np.arange(len(names))
    axes.set_xticks(places, names, rotation=50, ha="right", rotation_mode="anchor", fontsize=8)
    axes.set_yticks(places, names, fontsize=8)
    axes.set_title(measure, fontsize=10, parse_math=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return image
