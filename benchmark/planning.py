"""From a suite to the work it asks for: each model once, each map once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..baselines.architectures.base import Architecture
from ..baselines.saliency.base import SaliencyMethod
from ..baselines.training.base import Recipe
from ..datasets.base import Budget, Dataset
from ..metrics.base import Metric
from ..metrics.protocol import Protocol
from ..metrics.quantus.bridge import PREFIX, quantus_metric
from .entry import Entry
from .identity import describe_recipe, digest, identify
from .names import find
from .suite import Suite

Filters = Mapping[str, Sequence[str]]  # e.g. {"training": ["regular"], "dataset": ["digits", "middle"]}
FILTER_KEYS = ("dataset", "architecture", "training", "saliency", "metric")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model to train, and the methods that explain it."""

    dataset: Dataset
    architecture: Architecture
    training: str
    recipe: Recipe
    budget: Budget
    seed: int
    methods: tuple[SaliencyMethod, ...]

    @property
    def name(self) -> str:
        """dataset/architecture/training."""
        return "/".join((self.dataset.name, self.architecture.name, self.training))

    @property
    def recipe_digest(self) -> str:
        """Digest of the recipe with its hyperparameters and budget."""
        return digest(describe_recipe(self.recipe, self.budget))

    @property
    def predecessor(self) -> "Model | None":
        """The model that must be trained before this one, if its recipe asks for one."""
        first = self.recipe.predecessor
        return None if first is None else replace(self, recipe=first.recipe, budget=first.budget or self.budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All the work of a suite; within a seed in the order of its tables."""

    suite: str
    title: str
    models: tuple[Model, ...]  # all models with the first seed, then all with the second, …
    metrics: tuple[Metric, ...]
    samples: int | None  # test samples that are explained; None takes all

    @property
    def protocols(self) -> tuple[Protocol, ...]:
        """The perturbation protocols that its metrics read, each once."""
        return tuple(dict.fromkeys(protocol for metric in self.metrics for protocol in metric.protocols))


def make_plan(
    suite: Suite,
    known: Iterable[Entry],
    *,
    extra: Sequence[Entry] = (),
    seeds: Sequence[int] | None = None,
    only: Filters | None = None,
) -> Plan:
    """The work that a suite asks for.

    Args:
        suite: the question.
        known: the entries among which the suite chooses.
        extra: entries that are taken whether the suite asks for them or not.
        seeds: training seeds; None takes the suite's.
        only: for each key (one of FILTER_KEYS) the names to keep; None keeps everything. A metric of Quantus, such as
            quantus:MaxSensitivity, may be named whether the suite has it or not.

    Returns:
        The plan, never empty.

    Raises:
        KeyError: a filter with a key or a name that is not there.
        ValueError: two different models or saliency methods with one name, or nothing left to do.
        ModuleNotFoundError: a metric of Quantus is named, and Quantus is not installed.
    """
    chosen = [entry for entry in suite.entries or known if suite.asks_for(entry)]
    names = {entry.name for entry in chosen}
    chosen += [entry for entry in extra if entry.name not in names]
    place = {dataset.name: rank for rank, dataset in enumerate(suite.datasets)}
    chosen.sort(key=lambda entry: place.get(entry.dataset.name, len(place)))

    models = _join(chosen)
    models = [replace(model, methods=(*model.methods, *_controls(suite, model))) for model in models]
    _refuse_shared_names(models)
    models, metrics = _filter(models, (*suite.metrics, *_from_quantus(suite, only or {})), only or {})
    if not models or not metrics:
        filters = ", ".join(f"{key}={name}" for key, names in (only or {}).items() for name in names)
        why = f"it has each of {filters}, but nothing that is all of them" if filters else "it has no entries"
        raise ValueError(f"nothing is left of suite {suite.name!r}: {why}")
    return Plan(
        suite=suite.name,
        title=suite.title,
        models=tuple(replace(model, seed=seed) for seed in seeds or suite.seeds for model in models),
        metrics=metrics,
        samples=suite.samples,
    )


def _from_quantus(suite: Suite, only: Filters) -> list[Metric]:
    """The metrics that a filter takes from Quantus by name; no suite needs to hold them."""
    known = {metric.name for metric in suite.metrics}
    names = [name for name in only.get("metric", ()) if name.startswith(PREFIX) and name not in known]
    return [quantus_metric(name) for name in names]


def _join(entries: Iterable[Entry]) -> list[Model]:
    """The entries that share a model, together."""
    models: dict[str, Model] = {}
    methods: dict[str, list[SaliencyMethod]] = {}
    for entry in entries:
        model = Model(
            dataset=entry.dataset,
            architecture=entry.architecture,
            training=entry.training,
            recipe=entry.recipe,
            budget=entry.budget,
            seed=0,
            methods=(),
        )
        name = model.name
        known = models.setdefault(name, model)
        same = known.recipe is model.recipe and known.budget is model.budget  # as a rule; a digest takes longer
        if not same and known.recipe_digest != model.recipe_digest:
            raise ValueError(f"two different models are called {name}; give one training method another name")
        methods.setdefault(name, []).append(entry.saliency)
    return [replace(model, methods=tuple(methods[name])) for name, model in models.items()]


def _controls(suite: Suite, model: Model) -> list[SaliencyMethod]:
    return [
        control
        for control in suite.controls
        if model.dataset.modality in control.modalities and (model.dataset.evidence or not control.needs_evidence)
    ]


def _refuse_shared_names(models: Iterable[Model]) -> None:
    """A name in a table must mean one thing."""
    for kind, things in (
        ("data sets", [model.dataset for model in models]),
        ("architectures", [model.architecture for model in models]),
        ("saliency methods", [method for model in models for method in model.methods]),
    ):
        identities: dict[str, str] = {}
        for thing in {id(thing): thing for thing in things}.values():
            if identities.setdefault(thing.name, identify(thing)) != identify(thing):
                raise ValueError(f"two different {kind} are called {thing.name!r}; give one of them another name")


def _filter(models: list[Model], metrics: tuple[Metric, ...], only: Filters) -> tuple[list[Model], tuple[Metric, ...]]:
    """The models, methods and metrics whose names are asked for."""
    there = {
        "dataset": {model.dataset.name for model in models},
        "architecture": {model.architecture.name for model in models},
        "training": {model.training for model in models},
        "saliency": {method.name for model in models for method in model.methods},
        "metric": {metric.name for metric in metrics},
    }
    wanted = dict(there)
    for key, names in only.items():
        kind = find(key, {name: name for name in FILTER_KEYS}, kind="filter")
        wanted[kind] = {find(name, {name: name for name in there[kind]}, kind=kind) for name in names}
    kept = [
        replace(model, methods=tuple(method for method in model.methods if method.name in wanted["saliency"]))
        for model in models
        if model.dataset.name in wanted["dataset"]
        and model.architecture.name in wanted["architecture"]
        and model.training in wanted["training"]
    ]
    return (
        [model for model in kept if model.methods],
        tuple(metric for metric in metrics if metric.name in wanted["metric"]),
    )
