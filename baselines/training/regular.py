"""Regular training: cross entropy alone, the yardstick for every other method."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from torch import Tensor, nn
from torch.func import vmap
from torch.nn.functional import cross_entropy

from ...datasets.base import Samples
from .base import Recipe, TrainingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular(Recipe):
    """Source: the "traditional" training of ismail2021improving."""

    reference: ClassVar[str] = "ismail2021improving"

    double_softmax: bool = False  # as in the code of ismail2020benchmarking; the loss cannot fall below 0.31 there

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Mean cross entropy of the batch."""
        return classification_error(model(batch.inputs), batch.targets, double_softmax=self.double_softmax)

    def stacked_loss(
        self, models: nn.Module, inputs: Tensor, targets: Tensor, states: Sequence[TrainingState]
    ) -> Tensor:
        """The same of M models, shape (M,)."""
        error = partial(classification_error, double_softmax=self.double_softmax)
        return vmap(error)(models(inputs), targets)


def classification_error(logits: Tensor, targets: Tensor, *, double_softmax: bool) -> Tensor:
    """Mean cross entropy of the logits or, in the published error, of probabilities taken for logits."""
    return cross_entropy(logits.softmax(dim=1) if double_softmax else logits, targets)
