"""Figures of maps on series: what each training method's models look at, beside the truth where it is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan
from pathlib import Path
from statistics import fmean, stdev

import torch
from torch import Tensor

from ...datasets.base import Dataset, Samples
from ...results.plots.series import Heat, heat_map_plot
from ...results.plots.vanishing import Bar, Evidence, share_over_time, vanishing_plot
from ...results.record import Record
from ...results.store import Store
from ..plan_results import Results
from ..suite import Figure
from ..tasks import explained_samples
from .series import TRAININGS, Configuration

_CPU = torch.device("cpu")
_SCORES = {"aup_count": "AUP", "aur_count": "AUR", "aup_diff_count": "AUP above random"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapsOf:
    """The maps of one suite's models in its store, by the names of what made them."""

    results: Results
    store: Store

    def digest(self, dataset: str, architecture: str, training: str, saliency: str, seed: int) -> str:
        """Of the artifact with the maps.

        Raises:
            LookupError: they were not made.
        """
        for record in self.results.records:
            named = (record.dataset.split("@")[0], record.architecture, record.training, record.saliency, record.seed)
            if named == (dataset, architecture, training, saliency, seed) and record.attributions:
                return record.attributions
        raise LookupError(f"no maps of {dataset}/{architecture}/{training}/{saliency}, seed {seed}")

    def __call__(self, dataset: str, architecture: str, training: str, saliency: str, seed: int) -> Tensor:
        """Shape (N, T, D)."""
        return self.store.get(self.digest(dataset, architecture, training, saliency, seed))["attributions"]

    def samples(self, dataset: Dataset, data: Path) -> Samples:
        """The samples that the maps explain, in their order."""
        return explained_samples(dataset, self.results.plan.samples, data, _CPU)

    def made(self) -> set[tuple[str, str]]:
        """(dataset, architecture) of the plan's models."""
        return {(model.dataset.name, model.architecture.name) for model in self.results.plan.models}


def layouts_figure(configuration: Configuration, architecture: str) -> Figure:
    """A sample of each layout and its gradients after either training, with the outline of the true box."""
    named = configuration.architectures[architecture].name
    return Figure(name=f"maps_{named}", draw=partial(_draw_layouts, configuration, named))


def _draw_layouts(
    configuration: Configuration, architecture: str, results: Results, store: Store, data: Path, path: Path
) -> list[Path]:
    maps, seed = MapsOf(results=results, store=store), results.plan.models[0].seed
    methods = {name: configuration.saliency[name].name for name in ("gradient", "integrated_gradients")}
    datasets = [dataset for dataset in results.suite.datasets if (dataset.name, architecture) in maps.made()]
    grid = []
    for dataset in datasets:
        sample = maps.samples(dataset, data)[:1]
        mask = None if sample.masks is None else sample.masks[0]
        made = [
            Heat(values=maps(dataset.name, architecture, training, method, seed)[0], mask=mask, signed=True)
            for method in methods.values()
            for training in TRAININGS.values()
        ]
        grid.append([Heat(values=sample.inputs[0], mask=mask), *made])
    columns = ["sample", *(f"{method}\n{training}" for method in methods for training in TRAININGS.values())]
    return heat_map_plot(grid, path, rows=[dataset.name for dataset in datasets], columns=columns)


def vanishing_figure(architecture: str, saliency: str) -> Figure:
    """Where relevance lies over time, and AUP and AUR, for evidence that is early, midway or late.

    Args:
        architecture: name of ours.
        saliency: name of ours.
    """
    return Figure(name=f"vanishing_{architecture}_{saliency}", draw=partial(_draw_vanishing, architecture, saliency))


def _draw_vanishing(
    architecture: str, saliency: str, results: Results, store: Store, data: Path, path: Path
) -> list[Path]:
    maps = MapsOf(results=results, store=store)
    seeds = sorted({model.seed for model in results.plan.models})
    evidence = []
    for dataset in results.suite.datasets:
        sample = maps.samples(dataset, data)[:1]
        mask = None if sample.masks is None else sample.masks[0]
        over_time = {
            training: torch.stack(
                [share_over_time(maps(dataset.name, architecture, training, saliency, seed)) for seed in seeds]
            )
            for training in TRAININGS.values()
        }
        scores = {
            title: {
                training: _bar(results.records, (dataset.name, architecture, training, saliency, metric))
                for training in TRAININGS.values()
            }
            for metric, title in _SCORES.items()
        }
        accuracies = {
            training: min(
                _values(results.records, (dataset.name, architecture, training, saliency, "accuracy")), default=nan
            )
            for training in TRAININGS.values()
        }
        evidence.append(
            Evidence(
                name=dataset.name.removeprefix("vanishing_"),
                sample=Heat(values=sample.inputs[0], mask=mask),
                over_time=over_time,
                scores=scores,
                lowest_accuracies=accuracies,
            )
        )
    return vanishing_plot(evidence, path)


def _bar(records: Iterable[Record], named: tuple[str, ...]) -> Bar:
    """Mean and standard deviation over seeds of one metric; NaN where there is none."""
    values = _values(records, named)
    return Bar(mean=fmean(values) if values else nan, sd=stdev(values) if len(values) > 1 else nan)


def _values(records: Iterable[Record], named: tuple[str, ...]) -> list[float]:
    """Of all seeds, where there is one."""
    return [
        record.value
        for record in records
        if record.value is not None
        and named
        == (record.dataset.split("@")[0], record.architecture, record.training, record.saliency, record.metric)
    ]


def digits_figure(name: str, pairs: Sequence[tuple[str, str]], *, count: int = 1) -> Figure:
    """Images read as series, and maps of them: a row for each sample and training method, a column for each pair.

    Args:
        name: of the files.
        pairs: (architecture, saliency) in our names.
        count: of samples, each of another class.
    """
    return Figure(name=name, draw=partial(_draw_digits, tuple(pairs), count))


def _draw_digits(
    pairs: tuple[tuple[str, str], ...], count: int, results: Results, store: Store, data: Path, path: Path
) -> list[Path]:
    maps, seed = MapsOf(results=results, store=store), results.plan.models[0].seed
    (dataset,) = results.suite.datasets
    samples = maps.samples(dataset, data)
    first_of_class = [int((samples.targets == target).nonzero()[0]) for target in samples.targets.unique()[:count]]
    grid, rows = [], []
    for place in first_of_class:
        for training in TRAININGS.values():
            made = [
                Heat(values=maps(dataset.name, architecture, training, saliency, seed)[place], signed=True)
                for architecture, saliency in pairs
            ]
            grid.append([Heat(values=samples.inputs[place]), *made])
            rows.append(training)
    several = len({architecture for architecture, _ in pairs}) > 1
    names = [f"{architecture}\n{saliency}" if several else saliency for architecture, saliency in pairs]
    return heat_map_plot(grid, path, rows=rows, columns=["sample", *names])
