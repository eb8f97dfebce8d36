"""Figures of maps of images: the maps themselves, how their values are distributed, and what each masking shows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from ..curves import Line, accuracy_panels
from ..record import Record, Status
from .figure_files import COLORS, write_figure

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MARKERS = ("o", "s", "^", "D", "v", "P")
_PER_ROW = 3
_BINS = 41


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExplainedImage:
    """One image and its signed maps, one for each training method."""

    label: str
    image: Tensor  # (C, H, W), in any range
    maps: Mapping[str, Tensor]  # (C, H, W), by training method


def scaled(maps: Tensor) -> Tensor:
    """Signed maps in [-1, 1], channels averaged: each divided by its largest size, so that zero stays zero.

    Args:
        maps: shape (N, C, H, W).

    Returns:
        Shape (N, H, W); a map of zeros stays one.

    Source:
        ismail2021improving, section 5.1, which scales each sample to [-1, 1] and does not say how.
    """
    means = maps.mean(dim=1)
    largest = means.abs().amax(dim=(1, 2), keepdim=True)
    return means / largest.where(largest > 0, 1.0)


def maps_plot(images: Sequence[ExplainedImage], path: Path) -> list[Path]:
    """Draw each image beside its maps on one scale, with a histogram of the values of each map.

    Args:
        images: a row each, all with maps of the same training methods.
        path: where to write, without suffix; .png and .pdf are added.

    Returns:
        The two files.

    Raises:
        ValueError: no images, or maps of different training methods.

    Source:
        ismail2021improving, figure 2 A and B.
    """
    if not images:
        raise ValueError("no image to draw")
    trainings = list(images[0].maps)
    if any(list(item.maps) != trainings for item in images):
        raise ValueError(f"all images must have maps of {trainings}, got {[list(item.maps) for item in images]}")
    columns = len(trainings) + 2
    figure = _figure(1.7 * columns + 1.6, 1.75 * len(images) + 0.5)
    grid = figure.subplots(
        len(images), columns, squeeze=False, gridspec_kw={"width_ratios": [1.0] * (columns - 1) + [1.9]}
    )
    drawn = None
    for row, item in zip(grid, images, strict=True):
        row[0].imshow(_picture(item.image), cmap="gray")
        row[0].set_ylabel(item.label, fontsize=7, parse_math=False)
        for place, training in enumerate(trainings):
            values = scaled(item.maps[training].unsqueeze(0))[0].float().cpu().numpy()
            drawn = row[1 + place].imshow(values, cmap="RdBu_r", vmin=-1, vmax=1)
            _step(row[-1], values, training, COLORS[place % len(COLORS)])
        for axes in row[:-1]:
            axes.set_xticks([])
            axes.set_yticks([])
        _bare(row[-1])
        row[-1].set_yscale("log")
    for axes, title in zip(grid[0], ("image", *trainings, "pixels by gradient"), strict=True):
        axes.set_title(title, fontsize=9, parse_math=False)
    grid[-1][-1].set_xlabel("gradient, scaled", fontsize=8)
    grid[0][-1].legend(frameon=False, fontsize=7)
    assert drawn is not None
    figure.colorbar(drawn, ax=grid[:, :-1].ravel().tolist(), location="bottom", shrink=0.5, aspect=40, pad=0.02)
    return write_figure(figure, path)


def distributions_plot(maps: Mapping[str, Mapping[str, Tensor]], path: Path) -> list[Path]:
    """Draw how the scaled values are distributed: of all pixels of all images, and of the mean image of the maps.

    A box is half of the pixels of the mean image, the whiskers reach 1.5 times its height, and points lie beyond.

    Args:
        maps: signed, shape (N, C, H, W), by data set and training method; a row of panels for each data set.
        path: where to write, without suffix; .png and .pdf are added.

    Returns:
        The two files.

    Raises:
        ValueError: no maps.

    Source:
        ismail2021improving, figure 2 C, read as the mean over the examples for each pixel.
    """
    if not maps:
        raise ValueError("no maps to draw")
    figure = _figure(8.2, 2.9 * len(maps))
    grid = figure.subplots(len(maps), 2, squeeze=False, gridspec_kw={"width_ratios": [1.5, 1.0]})
    for (histogram, boxes), (dataset, by_training) in zip(grid, maps.items(), strict=True):
        values = {training: scaled(tensor).float().cpu().numpy() for training, tensor in by_training.items()}
        for place, (training, found) in enumerate(values.items()):
            _step(histogram, found, training, COLORS[place % len(COLORS)])
        histogram.set_yscale("log")
        histogram.set_title(f"{dataset}: all pixels", fontsize=9, parse_math=False)
        histogram.set_xlabel("gradient, scaled to [-1, 1] in each sample", fontsize=8)
        histogram.set_ylabel("share of pixels", fontsize=8)
        histogram.legend(frameon=False, fontsize=7)
        boxes.boxplot(
            [found.mean(axis=0).ravel() for found in values.values()],
            flierprops={"marker": ".", "markersize": 3, "alpha": 0.4, "rasterized": True},
            medianprops={"color": "0.1"},
        )
        boxes.set_xticks(range(1, len(values) + 1), list(values), fontsize=8, parse_math=False)
        boxes.set_title(f"{dataset}: mean over samples", fontsize=9, parse_math=False)
        for axes in (histogram, boxes):
            _bare(axes)
    return write_figure(figure, path)


def drop_by_method_plot(records: Iterable[Record], path: Path, *, errors: bool) -> list[Path]:
    """Draw accuracy against the share of removed features, a panel for each saliency method, a line for each training.

    Random removal is a control and drawn in every panel, dashed in the color of its training method.

    Args:
        records: of one metric, data set and architecture; those without a curve are passed over.
        path: where to write, without suffix; .png and .pdf are added.
        errors: add bars of one standard error of the mean over seeds, where there are several.

    Returns:
        The two files.

    Raises:
        ValueError: no record has a curve, or they are of several data sets or architectures.

    Source:
        ismail2021improving, figures 3 and 10.
    """
    records = [record for record in records if not record.control or record.saliency == "random"]
    panels = accuracy_panels(records)
    if len(panels) != 1:
        raise ValueError(f"curves of one data set and architecture make this figure, got {len(panels)}")
    lines = panels[0].lines
    runs = _runs(records)
    methods = list(dict.fromkeys(line.saliency for line in lines if not line.control))
    trainings = list(dict.fromkeys(line.training for line in lines))
    columns = min(_PER_ROW, len(methods))
    rows = ceil(len(methods) / columns)
    figure = _figure(3.3 * columns, 2.7 * rows + 0.6)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flatten()
    for axes, method in zip(grid, methods, strict=False):
        for line in lines:
            if line.control or line.saliency == method:
                color = COLORS[trainings.index(line.training) % len(COLORS)]
                _line(axes, line, color, runs[line.training, line.saliency] if errors else 1)
        axes.set_title(method, fontsize=9, parse_math=False)
        _bare(axes)
    for axes in grid[len(methods) :]:
        axes.set_visible(False)
    figure.supxlabel("features removed (%)", fontsize=9)
    figure.supylabel("accuracy (%)", fontsize=9)
    handles, labels = grid[0].get_legend_handles_labels()
    legend = figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False, fontsize=8)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return write_figure(figure, path)


def maskings_plot(curves: Mapping[str, Iterable[Record]], path: Path) -> list[Path]:
    """Draw what each way of removing the same features says about the same maps, with one standard error over seeds.

    Random removal is a control and drawn dashed in the color of its way.

    Args:
        curves: records of one entry and of random maps, by the name of the way; a way whose records have no curve is
            left out.
        path: where to write, without suffix; .png and .pdf are added.

    Returns:
        The two files.

    Raises:
        ValueError: no curve at all, or records of several entries under one name.

    Source:
        ismail2021improving, figure 4.
    """
    figure = _figure(4.6, 3.8)
    axes = figure.subplots()
    found = []
    for place, (name, records) in enumerate(curves.items()):
        records = [record for record in records if not record.control or record.saliency == "random"]
        lines = [line for panel in accuracy_panels(records) for line in panel.lines]
        competitors = sum(not line.control for line in lines)
        if competitors > 1:
            raise ValueError(f"the curves of one entry make one line, got {competitors} entries for {name!r}")
        runs = _runs(records)
        found += [(line, place, name, runs[line.training, line.saliency]) for line in lines]
    if not found:
        raise ValueError("no record has a curve with the columns percent and accuracy; nothing to draw")
    found.sort(key=lambda item: item[0].control)  # so that the legend has them in a column of their own
    for line, place, name, count in found:
        label = f"{name}, random maps" if line.control else name
        _line(axes, line, COLORS[place % len(COLORS)], count, label=label, marker=_MARKERS[place])
    _bare(axes)
    axes.set_xlabel("features removed (%)", fontsize=9)
    axes.set_ylabel("accuracy (%)", fontsize=9)
    figure.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8)
    return write_figure(figure, path)


def _runs(records: Iterable[Record]) -> Counter[tuple[str, str]]:
    """How many curves there are of each training method and saliency method."""
    return Counter(
        (record.training, record.saliency) for record in records if record.status is Status.OK and record.curve
    )


def _figure(width: float, height: float) -> "Figure":
    from matplotlib.figure import Figure  # not pyplot: it would pick a backend and keep the figure

    return Figure(figsize=(width, height), layout="constrained")


def _line(
    axes: "Axes", line: Line, color: str, runs: int, *, label: str | None = None, marker: str | None = None
) -> None:
    look: dict[str, Any] = {"color": color, "linewidth": 1.3}
    if line.control:
        look |= {"linestyle": (0, (4, 2)), "linewidth": 1.0}
    else:
        look |= {"marker": marker or "o", "markersize": 3}
    named = label or (f"{line.training}, {line.saliency}" if line.control else line.training)
    error = line.sd / sqrt(runs) if runs > 1 else None
    axes.errorbar(line.percent, line.mean, yerr=error, label=named, capsize=2, **look)
    axes.set_ylim(0, 102)


def _step(axes: "Axes", values: "np.ndarray[Any, Any]", label: str, color: str) -> None:
    """A histogram over [-1, 1] as a line, in shares of all values."""
    edges = np.linspace(-1, 1, _BINS + 1)
    counts, _ = np.histogram(values, bins=edges)
    axes.stairs(counts / values.size, edges, label=label, color=color, linewidth=1.2)


def _bare(axes: "Axes") -> None:
    axes.grid(color="0.92", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, color="0.6")


def _picture(image: Tensor) -> "np.ndarray[Any, Any]":
    """An image in [0, 1] by its own range, (H, W) or (H, W, 3): data sets are normalized in many ways."""
    low, high = image.min(), image.max()
    unit = ((image - low) / (high - low if high > low else 1)).float().cpu()
    return unit[0].numpy() if len(unit) == 1 else unit.permute(1, 2, 0).numpy()
