"""Figures: how fast accuracy falls as the features a saliency method calls relevant are removed."""

from collections.abc import Iterable
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..curves import Panel, accuracy_panels
from ..record import Record
from .figure_files import line_look

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")
_CONTROL_DASHES = ((0, (5, 2)), (0, (1, 1.5)), (0, (7, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (9, 4)), (0, (2, 4)))
_PER_ROW = 3


def accuracy_drop_plot(records: Iterable[Record], path: Path) -> list[Path]:
    """Draw accuracy in percent against the percentage of features removed, one panel for each dataset and architecture.

    Color, and dashes where a color returns, are the training method and marker the saliency method; controls are gray
    and dashed. The line is the mean over seeds, the band one standard deviation to either side.

    Args:
        records: of one metric; those whose curve has no columns percent and accuracy are passed over.
        path: where to write; its suffix is replaced by .png and .pdf.

    Returns:
        The two files.

    Raises:
        ValueError: no record has such a curve, or see `accuracy_panels`.
    """
    panels = accuracy_panels(records)
    if not panels:
        raise ValueError("no record has a curve with the columns percent and accuracy; nothing to draw")
    figure = _draw(panels)
    files = [path.with_suffix(".png"), path.with_suffix(".pdf")]
    figure.savefig(files[0], dpi=150, bbox_inches="tight")
    figure.savefig(files[1], bbox_inches="tight", metadata={"CreationDate": None})  # the same figure, the same bytes
    return files


def _draw(panels: list[Panel]) -> "Figure":
    from matplotlib.figure import Figure  # not pyplot: it would pick a backend and keep the figure

    columns = min(_PER_ROW, len(panels))
    rows = ceil(len(panels) / columns)
    figure = Figure(figsize=(3.9 * columns + 1.8, 3.2 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flatten().tolist()
    styles = _Styles(panels)
    for axes, panel in zip(grid, panels, strict=False):
        _draw_panel(axes, panel, styles)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[len(panels) - columns : len(panels)]:  # the lowest panel of each column
        axes.tick_params(labelbottom=True)
    figure.supxlabel("features removed (%)", fontsize=10)
    figure.supylabel("accuracy (%)", fontsize=10)
    styles.add_legend(figure)
    return figure


def _draw_panel(axes: "Axes", panel: Panel, styles: "_Styles") -> None:
    for line in sorted(panel.lines, key=lambda line: not line.control):  # competitors over controls
        look = styles.control(line.saliency) if line.control else styles.competitor(line.training, line.saliency)
        axes.plot(line.percent, line.mean, **look)
        if line.sd.any():
            low, high = line.mean - line.sd, line.mean + line.sd
            axes.fill_between(line.percent, low, high, color=look["color"], alpha=0.12, linewidth=0)
    axes.set_title(f"{panel.dataset} · {panel.architecture}", fontsize=10, parse_math=False)
    axes.grid(color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_ylim(0, 102)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, color="0.6")


class _Styles:
    """One look for each training and saliency method, the same in all panels."""

    def __init__(self, panels: list[Panel]) -> None:
        lines = [line for panel in panels for line in panel.lines]
        self._trainings = list(dict.fromkeys(line.training for line in lines))
        self._saliency = list(dict.fromkeys(line.saliency for line in lines if not line.control))
        self._controls = list(dict.fromkeys(line.saliency for line in lines if line.control))

    def competitor(self, training: str, saliency: str) -> dict[str, Any]:
        return {**self._line(training), **self._marker(saliency), "linewidth": 1.4}

    def control(self, saliency: str) -> dict[str, Any]:
        dashes = _CONTROL_DASHES[self._controls.index(saliency) % len(_CONTROL_DASHES)]
        return {"color": "0.55", "linestyle": dashes, "linewidth": 1.0}

    def add_legend(self, figure: "Figure") -> None:
        """One legend for all panels, outside of them."""
        from matplotlib.lines import Line2D

        blocks = {
            "training": {name: {**self._line(name), "linewidth": 2.5} for name in self._trainings},
            "saliency": {name: {**self._marker(name), "color": "0.2", "linestyle": ""} for name in self._saliency},
            "controls": {name: self.control(name) for name in self._controls},
        }
        handles = []
        for title, looks in blocks.items():
            if looks:
                handles.append(Line2D([], [], linestyle="", label=title))
                # The space keeps a name that begins with an underscore, which matplotlib would leave out.
                handles += [Line2D([], [], label=f" {name}", **look) for name, look in looks.items()]
        legend = figure.legend(handles=handles, loc="outside right upper", frameon=False, fontsize=8)
        for text in legend.get_texts():
            text.set_parse_math(False)
            text.set_fontweight("bold" if text.get_text() in blocks else "normal")

    def _line(self, training: str) -> dict[str, Any]:
        return line_look(self._trainings.index(training))

    def _marker(self, saliency: str) -> dict[str, Any]:
        return {"marker": _MARKERS[self._saliency.index(saliency) % len(_MARKERS)], "markersize": 4}
