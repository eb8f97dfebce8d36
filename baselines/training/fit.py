"""The one training loop, shared by all methods so that only their losses differ."""

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from ...datasets.base import Budget, Samples
from .base import Recipe, TrainingState


class EpochSummary(NamedTuple):
    """One pass over the training samples."""

    epoch: int  # from 1
    loss: float  # mean over batches
    seconds: float


OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
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
    on_epoch: Callable[[EpochSummary], None] = lambda summary: None,
) -> list[EpochSummary]:
    """Train a model in place.

    Args:
        model: maps (N, *F) to logits (N, K), on the device of the samples; left in eval mode.
        samples: the training samples.
        recipe: gives the loss.
        budget: epochs, batches and optimizer.
        seed: decides the order of the samples, dropout, and all noise of the recipe; equal seeds give equal
            weights on one machine. Torch's global generators are left as they were.
        on_epoch: called after each epoch.

    Returns:
        One summary an epoch.

    Raises:
        FloatingPointError: the loss is no longer finite.
    """
    device = samples.inputs.device
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    settings = {"lr": budget.learning_rate, "weight_decay": budget.weight_decay, "foreach": True}
    optimizer = OPTIMIZERS[budget.optimizer](parameters, **settings)  # type: ignore[arg-type]
    order_generator = _generator("order", seed, torch.device("cpu"))
    state = TrainingState(generator=_generator("recipe", seed, device))
    summaries = []
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(_derived("dropout", seed))
        recipe.start(samples, state)
        for state.epoch in range(1, budget.epochs + 1):
            started = perf_counter()
            model.train()
            count = len(samples)
            order = torch.randperm(count, generator=order_generator) if budget.shuffle else torch.arange(count)
            batches = order.to(device).split(budget.batch_size)
            total = torch.zeros((), device=device)
            for batch in batches:
                optimizer.zero_grad()
                loss = recipe.loss(model, samples[batch], state)
                loss.backward(inputs=parameters)  # type: ignore[no-untyped-call]
                optimizer.step()
                total += loss.detach()
            mean = total.item() / len(batches)
            if not np.isfinite(mean):
                raise FloatingPointError(
                    f"the loss became {mean} in epoch {state.epoch} of {budget.epochs}; lower the learning rate "
                    f"({budget.learning_rate}) or the weights of {recipe}"
                )
            summaries.append(EpochSummary(state.epoch, mean, perf_counter() - started))
            on_epoch(summaries[-1])
    model.eval()
    return summaries


def _derived(purpose: str, seed: int) -> int:
    """A seed of its own for each purpose, so that no two streams of one run are the same."""
    return int(np.random.SeedSequence([*purpose.encode(), seed]).generate_state(1)[0])


def _generator(purpose: str, seed: int, device: torch.device) -> torch.Generator:
    return torch.Generator(device).manual_seed(_derived(purpose, seed))
