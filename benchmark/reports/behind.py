"""What lies behind the numbers of each entry: inputs, maps, predictions and settings."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...datasets.base import Dataset, Samples, Split
from ...datasets.files.fetch import FetchError, State, status
from ...metrics.units import unit_maps
from ...results.errors import DamagedArtifact, MissingArtifact
from ...results.page.content import Behind, EntryName
from ...results.page.disagreement import most_disputed, rank_agreement
from ...results.page.pictures import chosen_samples, inputs_payload, maps_payload
from ...results.page.script import number, numbers
from ...results.record import Record
from ...results.store import Store
from .. import tasks
from ..entry_settings import entry_settings, versioned
from ..keys import train_key
from ..plan_results import Results
from ..planning import Model
from ..unit_names import unit_names

SHOWN = 6  # samples whose maps lie behind every entry of a data set
DISPUTED = 6  # samples on which methods disagree most, of each model
_CPU = torch.device("cpu")


def entry_name(record: Record) -> EntryName:
    """The entry that a record is of."""
    return EntryName(record.dataset, record.architecture, record.training, record.saliency)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    """The explained samples of a data set, on the CPU, and which of them are shown."""

    dataset: Dataset
    samples: Samples
    places: list[int]  # of the explained samples in the test split
    shown: list[int]  # of the explained samples
    names: tuple[str, ...]

    @property
    def payload(self) -> dict[str, Any]:
        return inputs_payload(self.samples[torch.tensor(self.shown)], self.dataset.modality, self.names)


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Finds what lies behind the numbers of each entry."""

    results: Results
    store: Store
    data: Path
    _read: dict[str, Tensor] = field(default_factory=dict)  # the predictions of the last model

    @cached_property
    def models(self) -> dict[tuple[str, str, str], Model]:
        """The model of the first seed by data set, architecture and training."""
        found: dict[tuple[str, str, str], Model] = {}
        for model in self.results.plan.models:
            found.setdefault((versioned(model.dataset), model.architecture.name, model.training), model)
        return found

    @cached_property
    def records(self) -> dict[EntryName, Record]:
        """A record whose maps the store has for each entry, of the first seed that has one."""
        found: dict[EntryName, Record] = {}
        for record in sorted(self.results.records, key=lambda record: record.seed):
            if record.attributions and self.store.has(record.attributions):
                found.setdefault(entry_name(record), record)
        return found

    @cached_property
    def inputs(self) -> Mapping[str, "_Inputs | None"]:
        """By data set as records name it, of those with maps; None where its files are not at hand."""
        shown = {name.dataset for name in self.records}
        datasets = {versioned(model.dataset): model.dataset for model in self.results.plan.models}
        return {name: self._inputs(dataset) for name, dataset in datasets.items() if name in shown}

    def _inputs(self, dataset: Dataset) -> "_Inputs | None":
        if dataset.source and any(file.state is not State.PRESENT for file in status(dataset.source, self.data)):
            return None  # to load it would fetch it
        try:
            test = tasks.load(dataset, Split.TEST, self.data, _CPU)
            samples = tasks.explained_samples(dataset, self.results.plan.samples, self.data, _CPU)
            names = tuple(unit_names(dataset, self.data))
        except (FetchError, OSError, ImportError):
            return None
        place = {int(sample): position for position, sample in enumerate(test.ids.tolist())}
        return _Inputs(
            dataset=dataset,
            samples=samples,
            places=[place[int(sample)] for sample in samples.ids.tolist()],
            shown=chosen_samples(samples.targets, SHOWN),
            names=names,
        )

    def behind(self, name: EntryName) -> Behind:
        """Settings and maps of one entry."""
        model, record = self.models[name[:3]], self.records.get(name)
        settings = entry_settings(model, name.saliency, self.results.plan)
        maps = None if record is None else self._maps(record)
        if record is None or maps is None:
            return Behind(settings=settings, note="No maps: the store does not have them; a run makes them.")
        inputs = self.inputs[name.dataset]
        if inputs is None:
            return Behind(settings=settings, note=f"No maps: the files of {name.dataset} are not on this machine.")
        shown = maps[torch.tensor(inputs.shown)]
        drawn = maps_payload(shown, model.dataset.modality)
        for picture, predicted in zip(drawn, self._predicted(record, inputs), strict=True):
            picture |= predicted
        return Behind(settings=settings, maps={"seed": record.seed, "samples": drawn})

    def disagreements(self) -> Iterator[dict[str, Any]]:
        """The most disputed samples of each model with two methods or more."""
        by_model: defaultdict[tuple[str, str, str], dict[str, Record]] = defaultdict(dict)
        for name, record in self.records.items():
            if not record.control:
                by_model[name[:3]][name.saliency] = record
        for key, records in by_model.items():
            inputs, model = self.inputs[key[0]], self.models[key]
            read = {} if inputs is None else {name: self._maps(record) for name, record in records.items()}
            maps = {name: tensor for name, tensor in read.items() if tensor is not None}
            seeds = {records[name].seed for name in maps}
            if inputs is not None and len(maps) > 1 and len(seeds) == 1:
                title = " · ".join(key)
                yield {
                    "title": title,
                    "seed": seeds.pop(),
                    **disputed(maps, inputs.samples, model.dataset, inputs.names),
                }

    def _maps(self, record: Record) -> Tensor | None:
        try:
            return self.store.get(record.attributions)["attributions"]
        except (MissingArtifact, DamagedArtifact):
            return None

    def _predicted(self, record: Record, inputs: _Inputs) -> list[dict[str, Any]]:
        """What the model says of the samples that are shown."""
        logits = self._logits(record)
        if logits is None:
            return [{} for _ in inputs.shown]
        probabilities = logits[[inputs.places[place] for place in inputs.shown]].softmax(dim=1)
        chosen = probabilities.max(dim=1)
        return [
            {"predicted": predicted, "probability": number(probability)}
            for probability, predicted in zip(chosen.values.tolist(), chosen.indices.tolist(), strict=True)
        ]

    def _logits(self, record: Record) -> Tensor | None:
        """Of the whole test split."""
        if record.weights not in self._read:
            self._read.clear()
            models = (model for model in self.results.plan.models if model.seed == record.seed)
            key = next(
                train_key(model)
                for model in models
                if (versioned(model.dataset), model.architecture.name, model.training) == entry_name(record)[:3]
            )
            outcome = self.store.outcome(key)
            try:
                predictions = self.store.get(outcome["artifacts"]["predictions"]) if outcome else {}
            except (MissingArtifact, DamagedArtifact):
                predictions = {}
            if "logits" in predictions:
                self._read[record.weights] = predictions["logits"]
        return self._read.get(record.weights)


def disputed(maps: Mapping[str, Tensor], samples: Samples, dataset: Dataset, names: tuple[str, ...]) -> dict[str, Any]:
    """The samples on which some methods disagree most, with all their maps."""
    modality = dataset.modality
    pairs, agreement = rank_agreement({name: unit_maps(tensor, modality) for name, tensor in maps.items()})
    chosen, means = most_disputed(agreement, DISPUTED)
    places = torch.tensor(chosen, dtype=torch.long)
    drawn = {name: maps_payload(tensor[places], modality) for name, tensor in maps.items()}
    return {
        "inputs": inputs_payload(samples[places], modality, names),
        "agreement": numbers(means[chosen]),
        "overall": number(float(torch.tensor(means).nanmean())),
        "pairs": [
            {"methods": pair, "agreement": number(float(torch.tensor(row).nanmean()))}
            for pair, row in zip(pairs, agreement, strict=True)
        ],
        "maps": [{"saliency": name, "samples": pictures} for name, pictures in drawn.items()],
    }
