"""Critical-difference diagrams: average ranks on a line, with a bar over methods that cannot be told apart."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..ranks import RankComparison

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _BAR = "0.15", "#D55E00"  # Okabe and Ito's vermilion, which color-blind readers see
_STEP = 0.42  # between two names, inches


def critical_difference_plot(comparison: RankComparison, path: Path, *, title: str = "") -> list[Path]:
    """Draw the methods of a rank comparison, best on the left, and Nemenyi's critical difference above.

    Args:
        comparison: what to draw.
        path: where to write; its suffix is replaced by .png and .pdf.
        title: plain text above the diagram.

    Returns:
        The two files.

    Source:
        demsar2006statistical, figure 1; the bars join methods whose average ranks differ by less than the critical
        difference.
    """
    figure = _draw(comparison, title)
    files = [path.with_suffix(".png"), path.with_suffix(".pdf")]
    figure.savefig(files[0], dpi=150, bbox_inches="tight")
    figure.savefig(files[1], bbox_inches="tight", metadata={"CreationDate": None})  # the same figure, the same bytes
    return files


def _draw(comparison: RankComparison, title: str) -> "Figure":
    from matplotlib.figure import Figure  # not pyplot: it would pick a backend and keep the figure

    methods = len(comparison.average)
    names = (methods + 1) // 2  # on the taller side
    bars = 0.35 * len(comparison.groups)
    below = bars + 0.35 + _STEP * names  # inches under the axis
    above = 0.95 if title else 0.7
    figure = Figure(figsize=(7.2, above + below))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    margin = max(0.3, 0.28 * (methods - 1))
    axes.set_xlim(1 - margin * 1.6, methods + margin * 1.6)
    axes.set_ylim(-below, above)
    _draw_scale(axes, methods)
    _draw_difference(axes, comparison.critical_difference)
    _draw_bars(axes, comparison)
    _draw_names(axes, comparison, lowest=bars + 0.2, margin=margin)
    name = "sign test" if methods == 2 else "Friedman"
    test = "" if np.isnan(comparison.p) else f"{name} p {_p(comparison.p)}, "
    axes.text(methods, 0.62, f"{test}{comparison.blocks} blocks", fontsize=8, color="0.4", ha="right", va="bottom")
    if title:
        axes.text(1, 0.9, title, fontsize=10, ha="left", va="bottom", parse_math=False)
    return figure


def _draw_scale(axes: "Axes", methods: int) -> None:
    axes.plot([1, methods], [0, 0], color=_INK, linewidth=1.0)
    for rank in np.arange(1, methods + 0.25, 0.5):
        whole = rank == int(rank)
        axes.plot([rank, rank], [0, 0.1 if whole else 0.05], color=_INK, linewidth=1.0)
        if whole:
            axes.text(rank, 0.15, str(int(rank)), fontsize=8, color=_INK, ha="center", va="bottom")


def _draw_difference(axes: "Axes", reach: float) -> None:
    """A ruler as long as the critical difference; it may be longer than the scale, and then says so by its number."""
    high = min(1 + reach, axes.get_xlim()[1])
    axes.plot([1, high], [0.5, 0.5], color=_BAR, linewidth=1.4)
    for end in (1, 1 + reach):
        if end <= high:
            axes.plot([end, end], [0.45, 0.55], color=_BAR, linewidth=1.4)
    axes.text(1, 0.58, f"critical difference {reach:.2f}", fontsize=8, color=_BAR, ha="left", va="bottom")


def _draw_bars(axes: "Axes", comparison: RankComparison) -> None:
    for place, group in enumerate(comparison.groups):
        ends = [comparison.average[group[0]] - 0.03, comparison.average[group[-1]] + 0.03]
        height = -0.2 - 0.35 * place
        axes.plot(ends, [height, height], color=_BAR, linewidth=3.0, solid_capstyle="butt")


def _draw_names(axes: "Axes", comparison: RankComparison, *, lowest: float, margin: float) -> None:
    """The better half is named on the left, the best highest; the others on the right, the worst highest."""
    methods = list(comparison.average.items())
    left = methods[: (len(methods) + 1) // 2]
    right = methods[len(left) :][::-1]
    for side, edge, align in ((left, 1 - margin * 0.3, "right"), (right, len(methods) + margin * 0.3, "left")):
        for place, (name, rank) in enumerate(side):
            height = -lowest - _STEP * (place + 0.35)
            axes.plot([rank, rank, edge], [0, height, height], color="0.45", linewidth=0.9, zorder=1)
            gap = -0.02 if align == "right" else 0.02
            label = f"{name}  {rank:.2f}" if align == "right" else f"{rank:.2f}  {name}"
            axes.text(edge + gap * len(methods), height, label, fontsize=9, ha=align, va="center", parse_math=False)


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
