"""The one training loop, shared by all methods so that only their losses differ."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from math import isfinite
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ...datasets.base import Budget, Samples
from ..cost import PeakMemory
from .base import Recipe, TrainingState
from .checkpoint import Checkpoint
from .compiled import compiled
from .parts import TrainingParts, global_generator
from .stopping import Stopping, accuracy


class EpochSummary(NamedTuple):
    """One pass over the training samples."""

    epoch: int  # from 1
    loss: float  # mean over batches
    seconds: float
    accuracy: float | None = None  # in eval mode, on the watched samples
    step_bytes: int | None = None  # most bytes of tensors alive at once in the first step; of the first epoch alone


OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": torch.optim.Adam,
    "adadelta": torch.optim.Adadelta,
    "sgd": torch.optim.SGD,
}


def fit(
    model: nn.Module,
    samples: Samples,
    *,
    recipe: Recipe,
    budget: Budget,
    seed: int,
    watched: Samples | None = None,
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
    predecessors: Sequence[nn.Module] = (),
    on_epoch: Callable[[EpochSummary], None] = lambda summary: None,
    on_end: Callable[[dict[str, Tensor]], None] = lambda memory: None,
    checkpoint: Checkpoint | None = None,
) -> list[EpochSummary]:
    """Train a model in place.

    Args:
        model: maps (N, *F) to logits (N, K), on the device of the samples; left in eval mode.
        samples: the training samples.
        recipe: gives the loss.
        budget: epochs, batches and optimizer.
        seed: decides the order of the samples, dropout, and all noise of the recipe; equal seeds give equal
            weights on one machine with one number of threads. Torch's global generators are left as they were.
        watched: samples whose accuracy is noted after each epoch. They change nothing, unless the budget has one of
            the published stopping rules, which look at them.
        augment: changes the inputs of each batch at random; annotations, masks and fill stay as they are.
        predecessors: models trained before, the oldest first, for recipes that look at them.
        on_epoch: called after each epoch.
        on_end: called with what the recipe remembers after the last batch, whichever epoch's weights are kept.
        checkpoint: where to go on from, and where to write how far the training is; the weights are the same bit by
            bit as without it on one machine.

    Returns:
        One summary an epoch.

    Raises:
        FloatingPointError: the loss is no longer finite.
        RuntimeError: the budget asks for torch.compile, and it cannot compile here or this recipe.
        ValueError: a budget with a stopping rule and no watched samples, or samples that the recipe refuses.
    """
    if budget.watches_test and watched is None:
        raise ValueError("a budget with stop_accuracy or patience needs watched samples")
    device = samples.inputs.device
    if budget.channels_last:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = make_optimizer(parameters, budget)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, list(budget.decay_at), budget.decay)
    order_generator = stream("order", seed, torch.device("cpu"))
    augment_generator = stream("augmentation", seed, device)
    state = TrainingState(
        generator=stream("recipe", seed, device), predecessors=tuple(predecessors), augmented=augment is not None
    )
    stopping = Stopping(budget, model)
    summaries: list[EpochSummary] = []
    count = len(samples)
    images_last = budget.channels_last and samples.inputs.ndim == 4
    layout = torch.channels_last if images_last else torch.contiguous_format  # dropout draws in the order of memory
    parts = TrainingParts(
        model=model,
        optimizer=optimizer,
        schedule=schedule,
        state=state,
        stopping=stopping,
        generators={"order": order_generator, "augmentation": augment_generator},
        device=device,
    )
    with seeded(device, derived_seed("dropout", seed)), compiled(model, device, budget) as called:
        recipe.start(samples, state)
        if checkpoint is not None and (found := checkpoint.latest()) is not None:
            parts.put_back(*found)
            summaries = [EpochSummary(*summary) for summary in found[1]["summaries"]]
        first = state.epoch + 1
        for state.epoch in range(first, budget.epochs + 1):
            started = perf_counter()
            model.train()
            order = torch.randperm(count, generator=order_generator) if budget.shuffle else torch.arange(count)
            batches = order.to(device).split(budget.batch_size)
            total = torch.zeros((), device=device)
            memory = PeakMemory() if state.epoch == 1 else None
            for place, rows in enumerate(batches):
                batch = samples[rows]
                inputs = batch.inputs if augment is None else augment(batch.inputs, augment_generator)
                batch = replace(batch, inputs=inputs.contiguous(memory_format=layout))
                optimizer.zero_grad()
                measured = memory if not place else None
                with measured or nullcontext():
                    with torch.autocast(device.type, torch.bfloat16, enabled=budget.precision == "bfloat16"):
                        # what is measured must run as it is, since torch compiles nothing under a dispatch mode
                        loss = recipe.loss(model if measured else called, batch, state)
                    loss.backward(inputs=parameters)
                optimizer.step()
                total += loss.detach()
            schedule.step()
            mean = total.item() / len(batches)
            if not isfinite(mean):
                raise FloatingPointError(
                    f"the loss became {mean} in epoch {state.epoch} of {budget.epochs}; lower the learning rate "
                    f"({budget.learning_rate}) or the weights of {recipe}"
                )
            seen = None if watched is None else accuracy(model, watched)
            step_bytes = memory.peak if memory else None
            summaries.append(EpochSummary(state.epoch, mean, perf_counter() - started, seen, step_bytes))
            on_epoch(summaries[-1])
            if seen is not None and stopping.after(seen, samples):
                break
            if checkpoint is not None and state.epoch < budget.epochs:
                checkpoint.offer(lambda: _with_summaries(parts.taken(), summaries))
    stopping.restore_best()
    if budget.channels_last:  # weights are kept in one format
        for parameter in model.parameters():
            parameter.data = parameter.data.contiguous()
    model.eval()
    on_end(state.memory)
    return summaries


def _with_summaries(
    taken: tuple[dict[str, Tensor], dict[str, Any]], summaries: list[EpochSummary]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    tensors, facts = taken
    return tensors, {**facts, "summaries": [list(summary) for summary in summaries]}


def make_optimizer(parameters: list[nn.Parameter], budget: Budget) -> torch.optim.Optimizer:
    """The optimizer that a budget names, for these parameters."""
    extra = {"momentum": budget.momentum} if budget.optimizer == "sgd" else {}
    make = OPTIMIZERS[budget.optimizer]
    return make(parameters, lr=budget.learning_rate, weight_decay=budget.weight_decay, **extra)


@contextmanager
def seeded(device: torch.device, seed: int) -> Iterator[None]:
    """Torch's global generators of the CPU and of the device seeded for a while, and then as they were.

    `torch.manual_seed` would seed those of all other GPUs too.
    """
    gpus = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(gpus):
        torch.default_generator.manual_seed(seed)
        global_generator(device).manual_seed(seed)
        yield


def derived_seed(purpose: str, seed: int) -> int:
    """A seed of its own for each purpose, so that no two streams of one run are the same."""
    return int(np.random.SeedSequence([*purpose.encode(), seed]).generate_state(1)[0])


def stream(purpose: str, seed: int, device: torch.device) -> torch.Generator:
    """The generator that decides one thing in the run of one seed."""
    return torch.Generator(device).manual_seed(derived_seed(purpose, seed))
