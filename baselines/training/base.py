"""What a training method is: a loss with its hyperparameters."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from ...datasets.base import Budget, Samples


@dataclass(slots=True, kw_only=True)
class TrainingState:
    """What changes during one training run and a loss may want to know."""

    generator: torch.Generator  # on the device of the samples; the only source of randomness of a loss
    epoch: int = 0
    memory: dict[str, Tensor] = field(default_factory=dict)  # kept from batch to batch, e.g. a number per sample id
    predecessors: tuple[nn.Module, ...] = ()  # trained before, the oldest first, in eval mode
    augmented: bool = False  # are the inputs of each batch moved about, and nothing else of it


class Predecessor(NamedTuple):
    """A model that must be trained before this one, on the same data, with the same architecture and seed."""

    recipe: "Recipe"
    budget: Budget | None = None  # None: the budget of the model that follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe(ABC):
    """A training method: a frozen dataclass of hyperparameters, and the loss they enter.

    How long and with which optimizer a model is trained is not the method's business but the data set's `Budget`,
    so that methods are compared on equal terms.
    """

    version: ClassVar[int] = 1  # raised whenever the same hyperparameters would train another model
    reference: ClassVar[str]  # key in references.bib
    continues: ClassVar[bool] = False  # does training begin with the weights of the predecessor

    @property
    def predecessor(self) -> Predecessor | None:
        """What must be trained first; a plan trains it once, however many models follow it."""
        return None

    def start(self, samples: Samples, state: TrainingState) -> None:  # noqa: B027 - most methods keep no memory
        """Prepare `state.memory` before the first batch."""

    @abstractmethod
    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """The scalar to descend on for one batch; the model is in train mode and must be left so."""

    @property
    def stackable(self) -> bool:
        """Can several models be trained at once? Only where the method's own class says how.

        A class that changes the loss of another does not inherit this, as the two would no longer agree.
        """
        return "stacked_loss" in vars(type(self)) and self.predecessor is None and not self.continues

    def stacked_loss(
        self, models: nn.Module, inputs: Tensor, targets: Tensor, states: Sequence[TrainingState]
    ) -> Tensor:
        """The losses of M models at once, each the same as `loss` gives for the model alone.

        Args:
            models: maps (M, N, *F) to logits (M, N, K), each model its own inputs; as one module in train mode.
            inputs: a batch for each model, shape (M, N, *F).
            targets: shape (M, N).
            states: one a model.

        Returns:
            Shape (M,).
        """
        raise NotImplementedError(f"{type(self).__name__} has no stacked form")


def refuse_words(recipe: Recipe, samples: Samples) -> None:
    """Say so at the start where a method takes gradients by its inputs and these are word ids.

    Raises:
        ValueError: inputs of integers.
    """
    if not samples.inputs.dtype.is_floating_point:
        raise ValueError(
            f"{type(recipe).__name__} needs inputs of floats, got {samples.inputs.dtype}; "
            "train on word ids with SaliencyGuidedWords"
        )
