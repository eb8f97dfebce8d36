"""Fine-tuning on inputs with random features removed, so that a model is used to what faithfulness metrics show it."""

from dataclasses import dataclass, field
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...datasets.base import Budget, Samples
from .base import Predecessor, Recipe, TrainingState
from .regular import Regular

FINE_TUNING_SHARE = 0.2  # epochs of the fine-tuning over those of the training


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomMasking(Recipe):
    """Cross entropy on samples of which up to a share of the features, chosen at random, is replaced by the fill.

    How many is drawn anew for each sample, uniformly from 0 to the share `masked_fraction` (rounded down, at least one
    feature), and which without regard to any map: pixels with all their channels, elsewhere each feature by itself.

    Source:
        zheng2024ffidelity, section 4.1, where each sample loses a random subset of up to β of its features.
    """

    version: ClassVar[int] = 2  # 1: each feature by a coin, so that more than the share could go
    reference: ClassVar[str] = "zheng2024ffidelity"
    continues: ClassVar[bool] = True

    first: Recipe = field(default_factory=Regular)
    first_budget: Budget | None = None  # None: as long as the fine-tuning
    masked_fraction: float = 0.1  # beta

    def __post_init__(self) -> None:
        if not 0 < self.masked_fraction <= 1:
            raise ValueError(f"masked_fraction must lie in (0, 1], got {self.masked_fraction}")

    @property
    def predecessor(self) -> Predecessor:
        """The model that is fine-tuned."""
        return Predecessor(self.first, self.first_budget)

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Mean cross entropy on the masked batch."""
        return cross_entropy(model(self.mask(batch, state.generator)), batch.targets)

    def mask(self, batch: Samples, generator: torch.Generator) -> Tensor:
        """The inputs with random features replaced, shape (N, *F)."""
        inputs = batch.inputs
        pixels = inputs.ndim == 4  # all channels of a pixel go together
        shape = (len(inputs), 1, *inputs.shape[2:]) if pixels else inputs.shape
        amount, noise = (torch.rand(size, generator=generator, device=inputs.device) for size in (shape[:1], shape))
        order = noise.flatten(1).argsort(dim=1).argsort(dim=1)
        most = max(1, int(self.masked_fraction * order.shape[1]))
        chosen = order < (amount * (most + 1)).floor()[:, None]
        return torch.where(chosen.view(shape), batch.fill, inputs)
