"""Trains several models of one architecture at once, so that a device with room to spare is kept busy."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from math import isfinite
from time import perf_counter

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from ...datasets.base import Budget, Samples
from ...metrics.forwards import rows_a_forward
from ..cost import PeakMemory
from .base import Recipe, TrainingState
from .fit import EpochSummary, derived_seed, make_optimizer, seeded, stream
from .model_stack import GlobalStream, ModelStack
from .parts import global_generator
from .stopping import Stopping

ELEMENTWISE = frozenset({"adam", "adadelta", "sgd"})  # optimizers in which no weight looks at another

Fitted = list[EpochSummary] | FloatingPointError  # the epochs of a model, or why its training failed
Augmentation = Callable[[Tensor, torch.Generator], Tensor]


def fit_stacked(
    networks: Sequence[nn.Module],
    samples: Sequence[Samples],
    *,
    recipe: Recipe,
    budget: Budget,
    seeds: Sequence[int],
    watched: Sequence[Samples] | None = None,
    augment: Augmentation | None = None,
) -> list[Fitted]:
    """Train M models in place, each on its own samples with its own seed, as `fit` would train it alone.

    The same to the bit are, for each model: the batches and their order, augmentation, the recipe's noise, dropout,
    and the optimizer's arithmetic, since it works on each weight by itself. What differs is rounding: the products of
    all models are computed by batched kernels, an LSTM by one product a step instead of torch's own kernel. So the
    weights differ in their last digits, and a long training carries such differences on; which models share a stack
    can change them too. A model that stops early, or whose loss is no longer finite, leaves the stack; the others
    are not touched by it.

    Args:
        networks: of one architecture, on the device of the samples; left in eval mode.
        samples: the training samples of each model, in equal numbers and of equal shape.
        recipe: gives the losses; it must be stackable.
        budget: as for `fit`.
        seeds: one a model.
        watched: samples of each model whose accuracy is noted after each epoch; as for `fit`.
        augment: as for `fit`.

    Returns:
        For each model one summary an epoch, or the error that ended it. Seconds and bytes are those of the whole
        stack, divided by the models in it.

    Raises:
        ValueError: a recipe, a layer, a budget or samples with which no stack can be trained.
    """
    _refuse(networks, samples, seeds, recipe, budget, watched)
    device = samples[0].inputs.device
    with seeded(device, 0):
        members = [
            _member(place, network, training, seed, recipe, budget, augmented=augment is not None)
            for place, (network, training, seed) in enumerate(zip(networks, samples, seeds, strict=True))
        ]
        stack = ModelStack(networks, [member.dropout for member in members])
        _Run(stack, members, recipe, budget, watched, augment).epochs()
    for network in networks:
        network.eval()
    return [member.error or member.summaries for member in members]


@dataclass(slots=True, kw_only=True)
class _Member:
    """One model of a stack."""

    place: int  # among the models that were asked for
    network: nn.Module
    samples: Samples
    seed: int
    state: TrainingState
    dropout: GlobalStream
    stopping: Stopping
    order: torch.Generator
    augmentation: torch.Generator
    summaries: list[EpochSummary] = field(default_factory=list)
    error: FloatingPointError | None = None


def _member(
    place: int, network: nn.Module, samples: Samples, seed: int, recipe: Recipe, budget: Budget, *, augmented: bool
) -> _Member:
    device = samples.inputs.device
    state = TrainingState(generator=stream("recipe", seed, device), augmented=augmented)
    with seeded(device, derived_seed("dropout", seed)):
        recipe.start(samples, state)
        generator = global_generator(device)
        dropout = GlobalStream(generator, generator.get_state())
    return _Member(
        place=place,
        network=network,
        samples=samples,
        seed=seed,
        state=state,
        dropout=dropout,
        stopping=Stopping(budget, network),
        order=stream("order", seed, torch.device("cpu")),
        augmentation=stream("augmentation", seed, device),
    )


@dataclass(slots=True)
class _Run:
    """The training of one stack; `alive` are the models that are still in it, in its order."""

    stack: ModelStack
    alive: list[_Member]
    recipe: Recipe
    budget: Budget
    watched: Sequence[Samples] | None
    augment: Augmentation | None

    def epochs(self) -> None:
        """Train until the last epoch, or until no model is left."""
        optimizer = make_optimizer(self.stack.trained, self.budget)
        schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, list(self.budget.decay_at), self.budget.decay)
        for epoch in range(1, self.budget.epochs + 1):
            started, count = perf_counter(), len(self.alive)
            self.stack.train()
            losses, step_bytes = self._epoch(epoch, optimizer)
            schedule.step()
            right = self._accuracies()
            seconds = (perf_counter() - started) / count
            ended = []
            for place, (member, loss, accuracy) in enumerate(zip(self.alive, losses, right, strict=True)):
                if not isfinite(loss):
                    member.error = FloatingPointError(
                        f"the loss became {loss} in epoch {epoch} of {self.budget.epochs}; lower the learning rate "
                        f"({self.budget.learning_rate}) or the weights of {self.recipe}"
                    )
                    ended.append(place)
                    continue
                member.summaries.append(EpochSummary(epoch, loss, seconds, accuracy, step_bytes))
                if self._stops(place, accuracy):
                    ended.append(place)
            if ended:
                self._end(ended, optimizer)
            if not self.alive:
                return
        self._end(range(len(self.alive)), optimizer)

    def _epoch(self, epoch: int, optimizer: torch.optim.Optimizer) -> tuple[list[float], int | None]:
        """Mean loss of each model over its batches, and the bytes of the very first step."""
        count, device = len(self.alive[0].samples), self.alive[0].samples.inputs.device
        orders = [
            torch.randperm(count, generator=member.order) if self.budget.shuffle else torch.arange(count)
            for member in self.alive
        ]
        batches = torch.stack(orders).to(device).split(self.budget.batch_size, dim=1)
        states = [member.state for member in self.alive]
        for state in states:
            state.epoch = epoch
        total = torch.zeros(len(self.alive), device=device)
        memory = PeakMemory() if epoch == 1 else None
        for place, rows in enumerate(batches):
            inputs, targets = self._batch(rows)
            optimizer.zero_grad()
            with memory if memory and not place else nullcontext():
                with torch.autocast(device.type, torch.bfloat16, enabled=self.budget.precision == "bfloat16"):
                    losses = self.recipe.stacked_loss(self.stack, inputs, targets, states)
                losses.sum().backward(inputs=self.stack.trained)
            optimizer.step()
            total += losses.detach()
        step_bytes = memory.peak // len(self.alive) if memory else None
        return (total / len(batches)).tolist(), step_bytes

    def _batch(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Inputs (M, N, *F) and targets (M, N) at the rows (M, N)."""
        first = self.alive[0].samples
        theirs = [member.samples for member in self.alive]
        one = all(each.inputs is first.inputs and each.targets is first.targets for each in theirs)
        if one and isinstance(first.inputs, Tensor):  # what is read lazily takes places of one model at a time
            inputs, targets = first.inputs[rows].contiguous(), first.targets[rows]
        else:
            pairs = list(zip(self.alive, rows, strict=True))
            inputs = torch.stack([member.samples.inputs[chosen] for member, chosen in pairs])
            targets = torch.stack([member.samples.targets[chosen] for member, chosen in pairs])
        if self.augment is not None:
            pairs_of_inputs = zip(self.alive, inputs, strict=True)
            inputs = torch.stack([self.augment(batch, member.augmentation) for member, batch in pairs_of_inputs])
        return inputs, targets

    @torch.inference_mode()
    def _accuracies(self) -> list[float] | list[None]:
        """Share of the watched samples that each model classifies rightly in eval mode."""
        if self.watched is None:
            return [None] * len(self.alive)
        chosen = [self.watched[member.place] for member in self.alive]
        self.stack.eval()
        right = torch.zeros(len(chosen), dtype=torch.int64, device=chosen[0].inputs.device)
        rows = rows_a_forward(chosen[0].inputs)  # of each model
        for start in range(0, len(chosen[0]), rows):
            parts = [samples[start : start + rows] for samples in chosen]
            logits = self.stack(torch.stack([part.inputs for part in parts]))
            right += (logits.argmax(dim=2) == torch.stack([part.targets for part in parts])).sum(dim=1)
        return [count / len(chosen[0]) for count in right.tolist()]

    def _stops(self, place: int, accuracy: float | None) -> bool:
        """Has this model reached what the budget's stopping rule asks for?"""
        if not self.budget.watches_test or accuracy is None:
            return False
        member = self.alive[place]
        self.stack.write_back(place, member.network)
        return member.stopping.after(accuracy, member.samples)

    def _end(self, places: Sequence[int], optimizer: torch.optim.Optimizer) -> None:
        """Let models leave the stack with their weights, or with the best that they had."""
        for place in places:
            member = self.alive[place]
            self.stack.write_back(place, member.network)
            member.stopping.restore_best()
        left = [place for place in range(len(self.alive)) if place not in set(places)]
        self.alive = [self.alive[place] for place in left]
        if left:
            self.stack.keep(left, optimizer)


def _refuse(
    networks: Sequence[nn.Module],
    samples: Sequence[Samples],
    seeds: Sequence[int],
    recipe: Recipe,
    budget: Budget,
    watched: Sequence[Samples] | None,
) -> None:
    counts = (len(networks), len(samples), len(seeds), len(networks) if watched is None else len(watched))
    if len(set(counts)) > 1 or not networks:
        raise ValueError(f"a stack needs one network, set of samples and seed a model, got {counts[:3]} of them")
    if not recipe.stackable:
        raise ValueError(
            f"{type(recipe).__name__} cannot be trained in a stack: its class has no `stacked_loss`, or it follows "
            "another model"
        )
    if budget.optimizer not in ELEMENTWISE:
        raise ValueError(f"the optimizer of a stack must be one of {sorted(ELEMENTWISE)}, got {budget.optimizer!r}")
    if budget.compiled or budget.channels_last:
        raise ValueError("a stacked training cannot be compiled, and has no channels_last")
    if budget.watches_test and watched is None:
        raise ValueError("a budget with stop_accuracy or patience needs watched samples")
    for kind, group in (("training", samples), ("watched", watched or samples)):
        shapes = [tuple(part.inputs.shape) for part in group]
        if len(set(shapes)) > 1:
            raise ValueError(f"the {kind} samples of a stack must have one shape, got {sorted(set(shapes))}")
    if not samples[0].inputs.dtype.is_floating_point:
        raise ValueError(f"the inputs of a stack must be floats, got {samples[0].inputs.dtype}")
    convolutions = any(isinstance(module, _ConvNd) for module in networks[0].modules())
    if budget.precision == "bfloat16" and samples[0].inputs.device.type == "cpu" and convolutions:
        raise ValueError(
            "a stack on a CPU has convolutions in float32 alone, got precision 'bfloat16'; ask for float32, or train "
            "the models one by one"
        )
