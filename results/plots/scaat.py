"""Figures of SCAAT: how maps are distributed and predictions decay, what maps look like, and where q went."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .figure_files import COLORS, write_figure

Numbers = NDArray[np.float64]


class Decay(NamedTuple):
    """Mean drop of a probability along the removal of features."""

    percent: Sequence[int]
    least_first: Numbers  # one a percent
    most_first: Numbers


def distribution_plot(
    scores: Mapping[str, Numbers], decays: Mapping[str, Decay], path: Path, *, label: str
) -> list[Path]:
    """Distributions of a score beside decay curves, each by training method.

    Args:
        scores: one number a sample, by training method; NaN is left out.
        decays: by training method.
        path: where to write; its suffix is replaced by .png and .pdf.
        label: of the score.

    Raises:
        ValueError: nothing to draw.
    """
    from matplotlib.figure import Figure  # not pyplot: it would pick a backend and keep the figure

    if not scores or not decays:
        raise ValueError("distributions and decay curves need at least one training method each, got none")
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    histogram, *curves = figure.subplots(1, 3).tolist()
    clean = {name: values[np.isfinite(values)] for name, values in scores.items()}
    bins = np.histogram_bin_edges(np.concatenate(list(clean.values())), bins=30)
    for place, (name, values) in enumerate(clean.items()):
        color = COLORS[place % len(COLORS)]
        histogram.hist(values, bins=bins, histtype="step", linewidth=1.6, color=color, label=name)
        if len(values):
            histogram.axvline(values.mean(), color=color, linestyle=":", linewidth=1)
    histogram.set_xlabel(label)
    histogram.set_ylabel("maps")
    histogram.legend(frameon=False, fontsize=8)
    for axes, order in zip(curves, ("least", "most"), strict=True):
        for place, (name, decay) in enumerate(decays.items()):
            drops = decay.least_first if order == "least" else decay.most_first
            axes.plot(decay.percent, drops, color=COLORS[place % len(COLORS)], linewidth=1.6, label=name)
        axes.set_xlabel("regions made noise (%)")
        axes.set_ylabel("drop of the probability")
        axes.set_title(f"{order} relevant first", fontsize=10)
        axes.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    for axes in (histogram, *curves):
        axes.spines[["top", "right"]].set_visible(False)
    return write_figure(figure, path)


def picture_grid(rows: Sequence[Sequence[Numbers]], columns: Sequence[str], path: Path) -> list[Path]:
    """Pictures in rows under column titles; the first column holds images, the others absolute maps, each to its scale.

    Args:
        rows: pictures (H, W) or (H, W, 3).
        columns: a title for each picture of a row.
        path: where to write; its suffix is replaced by .png and .pdf.

    Raises:
        ValueError: no rows, or a row of another length than the titles.
    """
    from matplotlib.figure import Figure

    if not rows or any(len(row) != len(columns) for row in rows):
        raise ValueError(f"rows must have one picture for each of {len(columns)} columns, got {[*map(len, rows)]}")
    figure = Figure(figsize=(1.5 * len(columns), 1.5 * len(rows) + 0.3), layout="constrained")
    grid = figure.subplots(len(rows), len(columns), squeeze=False)
    for down, row in enumerate(rows):
        for across, picture in enumerate(row):
            _show(grid[down, across], picture, image=not across)
            if not down:
                grid[down, across].set_title(columns[across], fontsize=8)
    return write_figure(figure, path)


def proportion_plot(
    proportions: Numbers, examples: Mapping[float, Sequence[Numbers]], path: Path, *, start: float
) -> list[Path]:
    """Where each sample's proportion went, and images that ended with few and with many perturbed features.

    Args:
        proportions: q of each training sample when training ended.
        examples: images by the proportion that they ended with, lowest first, at most eight each.
        path: where to write; its suffix is replaced by .png and .pdf.
        start: the proportion that all samples began with.

    Raises:
        ValueError: nothing to draw.
    """
    from matplotlib.figure import Figure

    if not len(proportions) or not examples:
        raise ValueError("a plot of proportions needs samples and examples, got none")
    figure = Figure(figsize=(11, 0.9 * max(len(examples), 3) + 0.6), layout="constrained")
    left, right = np.asarray(figure.subfigures(1, 2, width_ratios=(1, 1.6)))
    axes = left.subplots()
    values, counts = np.unique(proportions.round(6), return_counts=True)
    width = 0.8 * float(np.diff(values).min()) if len(values) > 1 else 0.04
    axes.bar(values, counts, width=width, color=COLORS[0])
    axes.axvline(start, color=COLORS[1], linestyle="--", linewidth=1.2, label=f"start, {start:g}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("q when training ended")
    axes.set_ylabel("training samples")
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    most = max(len(images) for images in examples.values())
    grid = right.subplots(len(examples), most, squeeze=False)
    for down, (proportion, images) in enumerate(examples.items()):
        for across in range(most):
            if across < len(images):
                _show(grid[down, across], images[across], image=True)
            else:
                grid[down, across].set_visible(False)
        grid[down, 0].set_ylabel(f"{proportion:.2g}", rotation=0, ha="right", va="center", fontsize=9)
    right.suptitle("images by their q", fontsize=10)
    return write_figure(figure, path)


def _show(axes: Any, picture: Numbers, *, image: bool) -> None:
    low, high = float(np.min(picture)), float(np.max(picture))
    scaled = (picture - low) / (high - low) if high > low else np.zeros_like(picture)
    axes.imshow(scaled, cmap="gray" if image else "inferno", vmin=0, vmax=1)
    axes.set_xticks([])
    axes.set_yticks([])
