"""From the results of a suite to what the figures of right for the right reasons draw."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ...datasets.base import Samples
from ...results.frame import to_frame
from ...results.plots.rrr import Bar, BarPanel, Line, Picture, bars_plot
from ...results.record import Status
from ...results.store import Store
from .. import tasks
from ..plan_results import Results


class Number(NamedTuple):
    """A mean over seeds of the mean over data sets, and its spread over seeds."""

    mean: float
    sd: float  # 0 where there is one seed


class Numbers:
    """The values of a run, to be asked for by name."""

    def __init__(self, results: Results) -> None:
        frame = to_frame(results.records)
        frame = frame[(frame["status"] == Status.OK.value) & np.isfinite(frame["value"])]
        columns = ["dataset", "training", "saliency", "metric"]
        self._frame = frame.astype(dict.fromkeys(columns, str)).assign(
            dataset=frame["dataset"].astype(str).str.split("@").str[0]
        )
        self._frame = self._frame[~self._frame["control"]]

    def get(self, metric: str, *, dataset: str = "", training: str = "", saliency: str = "") -> Number:
        """One number; an empty name is a mean over all there are.

        Raises:
            LookupError: it was not measured.
        """
        rows = self._frame
        asked = {"metric": metric, "dataset": dataset, "training": training, "saliency": saliency}
        for column, name in asked.items():
            if name:
                rows = rows[rows[column] == name]
        if rows.empty:
            raise LookupError(f"no value of {', '.join(name for name in asked.values() if name)}")
        a_seed = rows.groupby("seed")["value"].mean()
        return Number(float(a_seed.mean()), float(a_seed.std()) if len(a_seed) > 1 else 0.0)


def line(
    label: str, numbers: Numbers, metric: str, places: Iterable[tuple[float, str, str]], *, saliency: str = ""
) -> Line:
    """One metric along an axis; each place is (x, dataset, training). Places that were not measured are left out.

    Raises:
        LookupError: none was measured.
    """
    found = []
    for x, dataset, training in places:
        try:
            found.append((x, *numbers.get(metric, dataset=dataset, training=training, saliency=saliency)))
        except LookupError:
            continue
    if not found:
        raise LookupError(f"no value of {metric}")
    xs, means, sds = zip(*found, strict=True)
    return Line(label, xs, means, sds if any(sds) else ())


def published_values(results: Results, metric: str, *, dataset: str, training: str) -> list[float]:
    """What the publications that the suite answers say about one number; an empty name must be empty there too."""
    found = []
    for table in results.suite.published:
        claims = table.claims()
        same = (claims["metric"] == metric) & (claims["dataset"] == dataset) & (claims["training"] == training)
        found += [float(value) for value in claims[same]["value"]]
    return found


def published_line(label: str, results: Results, metric: str, places: Sequence[tuple[float, str, str]]) -> list[Line]:
    """The published numbers along an axis, as a line or as none; arguments as for `line`."""
    claims = pd.concat([table.claims() for table in results.suite.published])
    known = {
        (row["dataset"], row["training"]): row["value"] for row in claims[claims["metric"] == metric].to_dict("records")
    }
    found = [(x, known[dataset, training]) for x, dataset, training in places if (dataset, training) in known]
    xs, values = zip(*found, strict=True) if found else ((), ())
    return [Line(label, xs, values, published=True)] if found else []


def accuracy_bars(
    results: Results, models: Sequence[tuple[str, str, str]], metrics: Sequence[str], path: Path
) -> list[Path]:
    """A panel for each metric with a bar for each model, (label, dataset, training), and published values beside it.

    Raises:
        ValueError: none of the numbers was measured.
    """
    numbers, panels = Numbers(results), []
    for metric in metrics:
        bars = []
        for label, dataset, training in models:
            try:
                number = numbers.get(metric, dataset=dataset, training=training)
            except LookupError:
                continue
            known = published_values(results, metric, dataset=dataset, training=training)
            bars.append(Bar(label, *number, known))
        if bars:
            panels.append(BarPanel(metric, "mean, sd over seeds", bars))
    return bars_plot(panels, path)


class Explained(NamedTuple):
    """The maps of one model and method, with the samples that they explain."""

    samples: Samples
    maps: Tensor
    seed: int


def explained(results: Results, store: Store, data: Path, *, dataset: str, training: str, saliency: str) -> Explained:
    """Maps of the first seed that has them.

    Raises:
        LookupError: there are none in the results.
    """
    for record in results.records:
        if (record.dataset.split("@")[0], record.training, record.saliency) != (dataset, training, saliency):
            continue
        if record.attributions:
            maps = store.get(record.attributions)["attributions"]
            model = next(model for model in results.plan.models if model.dataset.name == dataset)
            samples = tasks.explained_samples(model.dataset, results.plan.samples, data, torch.device("cpu"))
            return Explained(samples, maps, record.seed)
    raise LookupError(f"no maps of {dataset}/{training}/{saliency}")


def picture_row(found: Sequence[tuple[str, Explained]], row: int, *, most: float) -> list[Picture]:
    """One sample's image, and by each named method or model its map, in every pixel that of the largest channel."""
    samples = found[0][1].samples
    image = Picture(f"class {int(samples.targets[row])}", samples.inputs[row], most)
    largest = [(label, item.maps[row], item.maps[row].abs().argmax(dim=0, keepdim=True)) for label, item in found]
    return [image, *(Picture(label, maps.gather(0, channel)[0]) for label, maps, channel in largest)]
