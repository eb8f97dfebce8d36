"""Which trainings of a plan share a stack, and how their outcomes come into the store one by one."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import torch

from ...baselines.training.stackable import stackable
from ...datasets.base import Dataset, Samples
from ...metrics.memory import out_of_memory
from ...metrics.retraining import Retraining
from .. import tasks
from ..identity import identify
from ..planning import Model, Plan
from .events import State
from .step import Made, Step

if TYPE_CHECKING:  # a chain asks for the functions here
    from .chain import Chain

MOST = 32  # models in one stack; halved whenever the device runs out of memory

Splits = tuple[Samples, Samples]  # of training and test
Makes = Callable[[list[int]], Sequence[tasks.Trained | FloatingPointError]]


def with_stacks(models: Sequence[Model]) -> tuple[Model, ...]:
    """The same models to be trained in stacks, but for those whose training cannot be stacked."""
    known: dict[tuple[Any, ...], bool] = {}

    def changed(model: Model) -> Model:
        budget, kind = model.budget, (model.architecture, model.dataset.shape, model.dataset.classes)
        if budget.compiled or budget.channels_last or not model.recipe.stackable:
            return model
        if kind not in known:
            known[kind] = _can_be_stacked(model)
        return replace(model, budget=replace(budget, stacked=True)) if known[kind] else model

    return tuple(map(changed, models))


def with_compilation(model: Model) -> Model:
    """The same model, trained through torch.compile."""
    return replace(model, budget=replace(model.budget, compiled=True))


def stacks(plan: Plan, places: Sequence[int], *, most: int = MOST) -> list[list[int]]:
    """The places of models that can be trained at once: they differ in their seed, or in data of equal shape.

    Args:
        plan: the work.
        places: the models to look at; those whose budget is not stacked are left out.
        most: models in one stack, at most.

    Returns:
        Each model in one stack of two or more; a model that has no like is in none.
    """
    groups: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place in places:
        model = plan.models[place]
        if model.budget.stacked:
            data = model.dataset
            like = (identify(model.architecture), model.recipe_digest, data.shape, data.classes, data.augment)
            groups[like].append(place)
    parts = [group[start : start + most] for group in groups.values() for start in range(0, len(group), most)]
    return [part for part in parts if len(part) > 1]


def train_together(chains: "Sequence[Chain]") -> None:
    """Train the models of several chains at once, those of them that the store lacks."""
    lacking = [chain for chain in chains if chain.store.outcome(chain.trained.key) is None]
    for group in _alike(lacking) if len(lacking) > 1 else ():
        _train_alike(group)


def _train_alike(members: "Sequence[tuple[Chain, Splits]]") -> None:
    def train(chosen: list[int]) -> Sequence[tasks.Trained | FloatingPointError]:
        models = [members[place][0].model for place in chosen]
        return tasks.train_stack(models, [members[place][1] for place in chosen], data=members[0][0].data)

    _make_together([chain.trained for chain, _ in members], train)


def _alike(chains: "Sequence[Chain]") -> "list[list[tuple[Chain, Splits]]]":
    """The chains with their samples, those together that have equally many; a data set is read once."""
    known: dict[Dataset, Splits] = {}
    groups: defaultdict[tuple[Any, ...], list[tuple[Chain, Splits]]] = defaultdict(list)
    for chain in chains:
        data = chain.model.dataset
        with suppress(Exception):  # training it alone says what is wrong with the data
            if data not in known:
                known[data] = tasks.both_splits(chain.model, chain.data, chain.device)
            groups[tuple(part.inputs.shape for part in known[data])].append((chain, known[data]))
    return list(groups.values())


def retrain_together(chain: "Chain", steps: Mapping[int, Step], retraining: Retraining, explained: Step) -> None:
    """Train at once, for ROAR, the models without each of several percentages of their units."""
    percents = list(steps)

    def train(chosen: list[int]) -> Sequence[tasks.Trained | FloatingPointError]:
        maps = explained.tensors("attributions")
        splits = [
            tasks.degraded(chain.model, retraining, percents[place], maps, data=chain.data, device=chain.device)
            for place in chosen
        ]
        model = replace(chain.model, recipe=tasks.YARDSTICK, budget=retraining.budget or chain.model.budget)
        return tasks.train_stack([model] * len(chosen), splits, data=chain.data)

    _make_together(list(steps.values()), train, keep=retrained_of)


def kept_of(done: tasks.Trained) -> Made:
    """What is kept of a training."""
    artifacts = {"weights": done.weights, "predictions": {"logits": done.logits}}
    if done.memory:
        artifacts["memory"] = done.memory
    epochs = [list(summary) for summary in done.epochs]
    return Made(artifacts, {"epochs": epochs, "training_samples": done.training_samples})


def retrained_of(done: tasks.Trained) -> Made:
    """What is kept of a training for ROAR."""
    return Made({"predictions": {"logits": done.logits}}, {})


def _make_together(steps: Sequence[Step], train: Makes, *, keep: Callable[[tasks.Trained], Made] = kept_of) -> None:
    """Do those of the steps that the store lacks, and commit each by itself.

    Whatever fails is left alone: whoever asks for that step next does it by itself and learns why.
    """
    with ExitStack() as locks:
        for step in sorted(steps, key=lambda step: step.key):  # in one order, so that two runs cannot block each other
            if step.store.outcome(step.key) is None:
                locks.enter_context(step.store.working_on(step.key, waiting=step.wait))
        left = [place for place, step in enumerate(steps) if step.store.outcome(step.key) is None]
        queue = [left] if len(left) > 1 else []
        for place in left if queue else ():
            steps[place].tell(State.STARTED)
        while queue:
            chosen = queue.pop(0)
            started = perf_counter()
            try:
                done = train(chosen)
            except (Exception, SystemExit) as error:
                done, reason = [], f"{type(error).__name__}: {error}"
                too_large = out_of_memory(error) and len(chosen) > 1
            if not done and too_large:  # now that the error, and with it the tensors, is gone
                half = len(chosen) // 2
                queue = [chosen[:half], chosen[half:], *queue]
                continue
            share = (perf_counter() - started) / len(chosen)
            for place, item in zip(chosen, done or [FloatingPointError(reason)] * len(chosen), strict=True):
                if isinstance(item, FloatingPointError):
                    steps[place].tell(State.DROPPED, note=f"left its stack: {item}")
                    continue
                made = keep(item)
                made.facts["stacked_with"] = len(chosen)
                steps[place].keep(made, seconds=lambda share=share: share)  # type: ignore[misc]


def _can_be_stacked(model: Model) -> bool:
    """Are the layers of the architecture known to a stack? Tried on a device that holds no numbers."""
    if model.dataset.vectors is not None:
        return False
    try:
        with torch.device("meta"):
            network = model.architecture.build(model.dataset.shape, model.dataset.classes)
        stackable(network, lambda noise, like: like)
    except (Exception, SystemExit):  # an architecture of somebody else may do anything; training it says what
        return False
    return True
