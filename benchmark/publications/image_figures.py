"""The figures of saliency guided training on images, drawn from the records and maps of a store."""

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from ...baselines.saliency import GRADIENT
from ...datasets.base import Samples, Split
from ...metrics import ACCURACY_DROP, ACCURACY_DROP_MEAN, ROAR_AREA_MEAN
from ...results.plots.images import (
    ExplainedImage,
    distributions_plot,
    drop_by_method_plot,
    maps_plot,
    maskings_plot,
)
from ...results.record import Record
from ...results.store import Store
from .. import tasks
from ..keys import train_key
from ..plan_results import Results
from ..planning import Model

_SHOWN = 4  # images of a data set
_CPU = torch.device("cpu")


def draw_maps(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Maps of test images that all models get right, each of another class, from the first seed: figure 2 A and B.

    Raises:
        LookupError: the store has no maps of the gradient.
    """
    images = [image for models in _by_dataset(results, store) for image in _shown(models, results, store, data)]
    return maps_plot(images, path)


def draw_distributions(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """The distribution of the gradient over all explained images, from the first seed: figure 2 C.

    Raises:
        LookupError: the store has no maps of the gradient.
    """
    maps = {models[0].dataset.name: _maps(models, results, store) for models in _by_dataset(results, store)}
    return distributions_plot(maps, path)


def draw_drops(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Means over seeds: figure 3.

    Raises:
        ValueError: no curves.
    """
    return drop_by_method_plot(_of(results, ACCURACY_DROP.name), path, errors=False)


def draw_drops_with_errors(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """The same with standard errors: figure 10.

    Raises:
        ValueError: no curves.
    """
    return drop_by_method_plot(_of(results, ACCURACY_DROP.name), path, errors=True)


def draw_maskings(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """The background in place of what is removed, the mean in its place, and the mean with retraining: figure 4.

    Raises:
        ValueError: no curves.
    """
    lines = {"IID: background": ACCURACY_DROP, "OOD: mean": ACCURACY_DROP_MEAN, "ROAR: mean, retrained": ROAR_AREA_MEAN}
    return maskings_plot({name: _of(results, metric.name) for name, metric in lines.items()}, path)


def _of(results: Results, metric: str) -> list[Record]:
    return [record for record in results.records if record.metric == metric]


def _by_dataset(results: Results, store: Store) -> list[list[Model]]:
    """The models of the first seed whose gradients are there, one list for each data set with all of its methods."""
    seed = results.plan.models[0].seed
    groups: dict[str, list[Model]] = {}
    for model in results.plan.models:
        if model.seed == seed:
            groups.setdefault(model.dataset.name, []).append(model)
    whole = [models for models in groups.values() if all(_record(model, results) for model in models)]
    if not whole:
        raise LookupError(f"no data set has the maps {GRADIENT.name!r} of all training methods")
    return whole


def _record(model: Model, results: Results) -> Record | None:
    """A record that knows the model's maps of the gradient."""
    wanted = (f"{model.name}/{GRADIENT.name}", model.seed)
    return next((item for item in results.records if (item.entry, item.seed) == wanted and item.attributions), None)


def _maps(models: list[Model], results: Results, store: Store) -> dict[str, Tensor]:
    found = {model.training: _record(model, results) for model in models}
    return {
        training: store.get(record.attributions)["attributions"]
        for training, record in found.items()
        if record is not None
    }


def _shown(models: list[Model], results: Results, store: Store, data: Path) -> Iterator[ExplainedImage]:
    dataset = models[0].dataset
    samples = tasks.explained_samples(dataset, results.plan.samples, data, _CPU)
    maps = _maps(models, results, store)
    right = torch.stack([_right(model, samples, store, data) for model in models]).all(dim=0)
    seen: set[int] = set()
    for place in right.nonzero().flatten().tolist():
        target = int(samples.targets[place])
        if target in seen or len(seen) == _SHOWN:
            continue
        seen.add(target)
        yield ExplainedImage(
            label=f"{dataset.name}\nclass {target}",
            image=samples.inputs[place : place + 1][0],
            maps={training: tensor[place] for training, tensor in maps.items()},
        )


def _right(model: Model, samples: Samples, store: Store, data: Path) -> Tensor:
    """Which of the explained samples the model gets right, bool, shape (N,)."""
    outcome = store.outcome(train_key(model))
    if outcome is None:
        raise LookupError(f"the store has no model {model.name} of seed {model.seed}")
    predicted = store.get(outcome["artifacts"]["predictions"])["logits"].argmax(dim=1)
    test = tasks.load(model.dataset, Split.TEST, data, _CPU)
    places = {sample: place for place, sample in enumerate(test.ids.tolist())}
    explained = predicted[[places[sample] for sample in samples.ids.tolist()]]
    return explained == samples.targets
