"""Which methods are worth their cost: accuracy, faithfulness and cost against each other, and who is dominated."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .figure_files import COLORS, write_figure

_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


class Goal(NamedTuple):
    """One axis of the comparison."""

    column: str
    label: str
    higher_is_better: bool


GOALS = (
    Goal("accuracy", "accuracy", True),
    Goal("faithfulness", "faithfulness, normalized", True),
    Goal("cost", "cost of training over regular", False),
)


def pareto_optimal(values: NDArray[np.float64], higher_is_better: Sequence[bool]) -> NDArray[np.bool_]:
    """Which rows no other row dominates: at least as good by every goal, and better by one.

    Args:
        values: one row a method and one column a goal, shape (M, G).
        higher_is_better: for each goal.

    Returns:
        bool, shape (M,). Equal rows do not dominate each other; a row with a NaN neither dominates nor is optimal.

    Raises:
        ValueError: columns that are not as many as the goals.
    """
    if values.ndim != 2 or values.shape[1] != len(higher_is_better):
        raise ValueError(f"values {values.shape} must have one column for each of {len(higher_is_better)} goals")
    good = np.where(higher_is_better, values, -values)
    as_good = (good[:, None] >= good[None]).all(axis=2)  # [a, b]: a is at least as good as b by every goal
    better = (good[:, None] > good[None]).any(axis=2)
    return np.asarray(~(as_good & better).any(axis=0) & np.isfinite(values).all(axis=1), dtype=np.bool_)


def with_optimal(table: pd.DataFrame, goals: Sequence[Goal] = GOALS) -> pd.DataFrame:
    """The table with the column `optimal`: is the method on the Pareto front of its data set and architecture?

    Args:
        table: the columns dataset, architecture, and one for each goal.
        goals: what counts.
    """
    optimal = pd.Series(data=False, index=table.index)
    for _, group in table.groupby(["dataset", "architecture"], sort=False):
        values = group[[goal.column for goal in goals]].to_numpy(dtype=np.float64)
        optimal[group.index] = pareto_optimal(values, [goal.higher_is_better for goal in goals])
    return table.assign(optimal=optimal)


def pareto_plot(table: pd.DataFrame, path: Path, *, goals: Sequence[Goal] = GOALS) -> list[Path]:
    """Draw each pair of goals against each other, a row of panels for each data set and architecture.

    Filled marks are Pareto-optimal by all goals together; crosses are one standard deviation over seeds.

    Args:
        table: the columns dataset, architecture, training and one for each goal; GOAL_sd where there is a spread.
        path: where to write; .png and .pdf are added.
        goals: three of them.

    Raises:
        ValueError: no row with all goals.
    """
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    table = with_optimal(table.dropna(subset=[goal.column for goal in goals]).reset_index(drop=True), goals)
    if table.empty:
        raise ValueError("no training method has accuracy, faithfulness and cost; nothing to draw")
    worlds = list(table.groupby(["dataset", "architecture"], sort=False))
    pairs = ((goals[1], goals[0]), (goals[2], goals[0]), (goals[2], goals[1]))
    trainings = list(dict.fromkeys(table["training"]))
    figure = Figure(figsize=(13.5, 3.3 * len(worlds) + 0.2), layout="constrained")
    grid = figure.subplots(len(worlds), len(pairs), squeeze=False)
    for (place, rows), panels in zip(worlds, grid, strict=True):
        for (across, up), axes in zip(pairs, panels, strict=True):
            for row in rows.to_dict("records"):
                _draw_point(axes, row, across, up, _look(trainings.index(row["training"])))
            axes.set_xlabel(_label(across), fontsize=9)
            axes.set_ylabel(_label(up), fontsize=9)
            if across.column == "cost":
                axes.set_xscale("log", base=2)
                axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.grid(color="0.92", linewidth=0.8)
            axes.set_axisbelow(True)
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(labelsize=8)
        panels[0].set_title(" · ".join(map(str, place)), fontsize=10, loc="left", parse_math=False)
    handles = [Line2D([], [], linestyle="", label=f" {name}", **_look(number)) for number, name in enumerate(trainings)]
    legend = figure.legend(
        handles=handles, loc="outside lower center", ncols=ceil(len(handles) / 2), frameon=False, fontsize=8
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return write_figure(figure, path)


def _look(number: int) -> dict[str, Any]:
    turn, place = divmod(number, len(COLORS))  # seven marks and six colors: another mark each time a color returns
    color, marker = COLORS[place], _MARKERS[(place + 2 * turn) % len(_MARKERS)]
    return {"color": color, "marker": marker, "markersize": 7}


def _draw_point(axes: Any, row: dict[Any, Any], across: Goal, up: Goal, look: dict[str, Any]) -> None:
    spread = [row.get(f"{goal.column}_sd", 0.0) for goal in (across, up)]
    xerr, yerr = (0.0 if pd.isna(value) else value for value in spread)
    fill = look["color"] if row["optimal"] else "white"
    axes.errorbar(
        row[across.column], row[up.column], xerr=xerr, yerr=yerr, elinewidth=0.7, markerfacecolor=fill, **look
    )


def _label(goal: Goal) -> str:
    return f"{goal.label} ({'higher' if goal.higher_is_better else 'lower'} is better)"
