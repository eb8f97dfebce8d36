"""Vanishing saliency: where the relevance of maps lies over time, and how well it is found early, midway and late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from .series import SMALL, Heat, draw_heat, save

if TYPE_CHECKING:  # imported where it is used: most commands draw nothing
    from matplotlib.axes import Axes

_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A mean over seeds with its spread."""

    mean: float
    sd: float  # NaN for one seed, which has none


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """One data set of the figure on vanishing saliency, what is given for each training method by its name."""

    name: str
    sample: Heat
    over_time: Mapping[str, Tensor]  # share of the relevance at each step, means over maps, shape (seeds, T)
    scores: Mapping[str, Mapping[str, Bar]]  # by score, e.g. AUP, then by training method
    lowest_accuracies: Mapping[str, float]  # of the seeds' models: a map of one that has not learned says nothing


def share_over_time(maps: Tensor) -> Tensor:
    """How the absolute relevance of maps lies over time.

    Args:
        maps: shape (N, T, D).

    Returns:
        Shape (T,), the mean over those maps that are not zero everywhere; sums to 1, NaN if all are.
    """
    a_step = maps.abs().sum(dim=2)  # (N, T)
    whole = a_step.sum(dim=1, keepdim=True)
    return (a_step / whole)[whole[:, 0] > 0].mean(dim=0)


def vanishing_plot(evidence: Sequence[Evidence], path: Path) -> list[Path]:
    """Draw a sample of each data set, where the relevance of its maps lies over time, and the scores as bars.

    Thin lines are seeds and thick ones their means; the span of the evidence is gray. Bars are means over seeds, with
    one standard deviation to either side.

    Args:
        evidence: the data sets, all with the same scores and training methods.
        path: where to write; its suffix is replaced by .png and .pdf.

    Returns:
        The two files.

    Raises:
        ValueError: no data set, or scores or training methods that differ.
    """
    if not evidence:
        raise ValueError("there is no data set to draw")
    trainings, scores = list(evidence[0].over_time), list(evidence[0].scores)
    for item in evidence:
        if list(item.over_time) != trainings or list(item.scores) != scores:
            raise ValueError(
                f"{item.name} has {list(item.over_time)} and {list(item.scores)}, not {trainings}, {scores}"
            )
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.0 * len(evidence) + 1.0, 7.0), layout="constrained")
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.9, 1.0))[:, 0]
    places = upper.subplots(2, len(evidence), squeeze=False, sharey="row")
    for axes, item in zip(places[0], evidence, strict=True):
        draw_heat(axes, item.sample, square=False)
        accuracies = ", ".join(f"{accuracy:.2f} {name}" for name, accuracy in item.lowest_accuracies.items())
        title = f"{item.name}\nlowest accuracy: {accuracies}"
        axes.set_title(title, fontsize=SMALL, parse_math=False)
    for axes, item in zip(places[1], evidence, strict=True):
        _draw_over_time(axes, item)
    places[1, 0].set_ylim(bottom=0)  # once all are drawn: they share their limits, and this fixes the upper one too
    places[0, 0].set_ylabel("feature", fontsize=SMALL)
    places[1, 0].set_ylabel("share of relevance", fontsize=SMALL)
    for axes, score in zip(lower.subplots(1, len(scores), squeeze=False)[0], scores, strict=True):
        _draw_bars(axes, score, evidence, trainings)
    handles, names = places[1, 0].get_legend_handles_labels()
    legend = figure.legend(handles, names, loc="outside lower center", ncols=len(names), frameon=False, fontsize=SMALL)
    for text in legend.get_texts():
        text.set_parse_math(False)
    return save(figure, path)


def _draw_over_time(axes: "Axes", item: Evidence) -> None:
    if item.sample.mask is not None:
        steps = item.sample.mask.any(dim=1).nonzero().flatten().tolist()
        axes.axvspan(min(steps) - 0.5, max(steps) + 0.5, color="0.9")
    for color, (training, shares) in zip(_COLORS, item.over_time.items(), strict=False):
        lines = shares.numpy()
        for line in lines if len(lines) > 1 else ():
            axes.plot(line, color=color, linewidth=0.5, alpha=0.5)
        # the space keeps a name that begins with an underscore, which matplotlib would leave out
        axes.plot(lines.mean(axis=0), color=color, linewidth=1.6, label=f" {training}")
    axes.set_xlabel("time", fontsize=SMALL)
    axes.set_xlim(-0.5, item.sample.values.shape[0] - 0.5)  # as in the picture above
    _plain(axes)


def _draw_bars(axes: "Axes", score: str, evidence: Sequence[Evidence], trainings: Sequence[str]) -> None:
    width = 0.8 / len(trainings)
    for place, training in enumerate(trainings):
        bars = [item.scores[score][training] for item in evidence]
        centers = np.arange(len(evidence)) + (place - (len(trainings) - 1) / 2) * width
        axes.bar(centers, [bar.mean for bar in bars], width, color=_COLORS[place % len(_COLORS)])
        axes.errorbar(centers, [bar.mean for bar in bars], [bar.sd for bar in bars], fmt="none", color="0.2", capsize=2)
    axes.axhline(0, color="0.5", linewidth=0.8)
    axes.set_xticks(range(len(evidence)), [item.name for item in evidence])
    for label in axes.get_xticklabels():
        label.set_parse_math(False)
    axes.set_title(score, fontsize=SMALL + 1, parse_math=False)
    _plain(axes)


def _plain(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=SMALL - 1, color="0.6")
