"""Regular training: cross entropy alone, the yardstick for every other method."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...datasets.base import Samples
from .base import Recipe, TrainingState


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular(Recipe):
    """Source: the "traditional" training of ismail2021improving."""

    reference: ClassVar[str] = "ismail2021improving"

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Mean cross entropy of the batch."""
        return cross_entropy(model(batch.inputs), batch.targets)
