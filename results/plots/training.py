"""Training curves: how loss and accuracy went, epoch by epoch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from .figure_files import line_look

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.figure import Figure

_DOTS = (":", (0, (1, 4)), (0, (1, 1, 1, 4)), (0, (1, 1, 1, 1, 1, 4)), (0, (1, 7)))
_PER_ROW = 3


class TrainingCurve(NamedTuple):
    """One model's training."""

    dataset: str
    architecture: str
    training: str
    losses: Mapping[int, float]  # by number of the epoch, from 1; some may be left out
    accuracies: Mapping[int, float]  # likewise, after the epoch, on the first test samples, in [0, 1]; may be empty


def training_plot(curves: Iterable[TrainingCurve], path: Path) -> list[Path]:
    """Draw accuracy over epochs and, dotted, the loss over its first value shown; a panel a data set and architecture.

    Lines are means over seeds, see `mean_over_seeds`; where a color returns, its lines have other dashes and dots.

    Args:
        curves: of any models.
        path: where to write; its suffix is replaced by .png and .pdf.

    Returns:
        The two files.

    Raises:
        ValueError: there are no curves.
    """
    panels: defaultdict[tuple[str, str], defaultdict[str, list[TrainingCurve]]]
    panels = defaultdict(lambda: defaultdict(list))
    for curve in curves:
        panels[curve.dataset, curve.architecture][curve.training].append(curve)
    if not panels:
        raise ValueError("there are no training curves to draw")
    figure = _draw({place: dict(lines) for place, lines in panels.items()})
    files = [path.with_suffix(".png"), path.with_suffix(".pdf")]
    figure.savefig(files[0], dpi=150, bbox_inches="tight")
    figure.savefig(files[1], bbox_inches="tight", metadata={"CreationDate": None})
    return files


def mean_over_seeds(rows: Sequence[Mapping[int, float]]) -> dict[int, float]:
    """The mean by epoch over the rows that reach it, of those epochs that all of these rows have.

    >>> mean_over_seeds([{1: 4.0, 2: 3.0, 3: 1.0}, {2: 2.0}])
    {2: 2.5, 3: 1.0}
    """
    means = {}
    lasts = [(max(row), row) for row in rows if row]
    for epoch in sorted({epoch for row in rows for epoch in row}):
        values = [row.get(epoch) for last, row in lasts if last >= epoch]
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            means[epoch] = fmean(known)
    return means


def _draw(panels: dict[tuple[str, str], dict[str, list[TrainingCurve]]]) -> "Figure":
    from matplotlib.figure import Figure  # not pyplot: it would pick a backend and keep the figure

    columns = min(_PER_ROW, len(panels))
    rows = ceil(len(panels) / columns)
    figure = Figure(figsize=(3.9 * columns + 1.8, 3.0 * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).flatten().tolist()
    names = list(dict.fromkeys(training for lines in panels.values() for training in lines))
    for axes, ((dataset, architecture), lines) in zip(grid, panels.items(), strict=False):
        for training, same in lines.items():
            number = names.index(training)
            losses = mean_over_seeds([curve.losses for curve in same])
            heights = list(losses.values())
            axes.plot(list(losses), [loss / heights[0] for loss in heights], **line_look(number, _DOTS), linewidth=1.0)
            seen = mean_over_seeds([curve.accuracies for curve in same])
            axes.plot(list(seen), list(seen.values()), **line_look(number), linewidth=1.6, label=f" {training}")
        axes.set_title(f"{dataset} · {architecture}", fontsize=10, parse_math=False)
        axes.set_ylim(0, 1.05)
        axes.grid(color="0.92", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8, color="0.6")
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    figure.supxlabel("epoch", fontsize=10)
    figure.supylabel("test accuracy; dotted: loss over its first value shown", fontsize=9)
    legend = {line.get_label(): line for axes in grid for line in axes.get_lines() if line.get_label()[0] == " "}
    figure.legend(handles=list(legend.values()), loc="outside right upper", frameon=False, fontsize=8)
    return figure
