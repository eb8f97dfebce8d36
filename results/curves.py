"""The curves behind the records, averaged over seeds and ready to be drawn."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from .record import Record, Status

_Line = tuple[str, str, bool]  # training, saliency, is it a control


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry's curve: accuracy in percent against the percentage of features removed."""

    training: str
    saliency: str
    control: bool
    percent: np.ndarray[tuple[int], np.dtype[np.float64]]
    mean: np.ndarray[tuple[int], np.dtype[np.float64]]
    sd: np.ndarray[tuple[int], np.dtype[np.float64]]  # over seeds; 0 with one seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The curves of one dataset and architecture."""

    dataset: str
    architecture: str
    lines: list[Line] = field(default_factory=list)


def accuracy_panels(records: Iterable[Record]) -> list[Panel]:
    """Average the accuracy curves of each entry over its seeds.

    Args:
        records: those whose curve has the columns percent and accuracy are used.

    Returns:
        Panels and lines in the order of first appearance.

    Raises:
        ValueError: the curves are of several metrics, or those of one entry have different grids.
    """
    curves = [r for r in records if r.status is Status.OK and {"percent", "accuracy"} <= r.curve.keys()]
    if len(metrics := {record.metric for record in curves}) > 1:
        raise ValueError(f"curves of one metric can share a figure, got those of {', '.join(sorted(metrics))}")
    panels: dict[tuple[str, str], dict[_Line, list[Record]]] = {}
    for record in curves:
        panel = panels.setdefault((record.dataset, record.architecture), {})
        panel.setdefault((record.training, record.saliency, record.control), []).append(record)
    return [
        Panel(dataset=dataset, architecture=architecture, lines=[_line(*of, same) for of, same in lines.items()])
        for (dataset, architecture), lines in panels.items()
    ]


def _line(training: str, saliency: str, control: bool, records: list[Record]) -> Line:
    grid = records[0].curve["percent"]
    if any(record.curve["percent"] != grid for record in records):
        raise ValueError(f"the curves of {records[0].entry} have different grids; measure them again with one grid")
    accuracy = np.array([record.curve["accuracy"] for record in records])  # (seeds, steps)
    return Line(
        training=training,
        saliency=saliency,
        control=control,
        percent=np.array(grid),
        mean=accuracy.mean(axis=0),
        sd=accuracy.std(axis=0, ddof=1) if len(records) > 1 else np.zeros(len(grid)),
    )
