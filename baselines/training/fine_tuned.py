"""Fine-tuning: a model trained by one method goes on with another."""

from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor, nn

from ...datasets.base import Budget, Samples
from .base import Predecessor, Recipe, TrainingState
from .regular import Regular
from .saliency_guided import SaliencyGuided


@dataclass(frozen=True, slots=True, kw_only=True)
class FineTuned(Recipe):
    """The second method's loss, from the weights that the first one left; the optimizer starts anew.

    Source:
        ismail2021improving, section 4.1: regular training, then saliency guided training.
    """

    reference: ClassVar[str] = "ismail2021improving"
    continues: ClassVar[bool] = True

    first: Recipe = field(default_factory=Regular)
    first_budget: Budget | None = None  # None: as long as the second
    then: Recipe = field(default_factory=SaliencyGuided)

    def __post_init__(self) -> None:
        earlier = self.then.predecessor
        if earlier is not None:
            raise ValueError(
                f"then must be a method that follows no other, got {type(self.then).__name__}, which follows "
                f"{type(earlier.recipe).__name__}; train what comes before it as `first`"
            )

    @property
    def predecessor(self) -> Predecessor:
        """The first method with its budget."""
        return Predecessor(self.first, self.first_budget)

    def start(self, samples: Samples, state: TrainingState) -> None:
        """As the second method starts."""
        self.then.start(samples, state)

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """The loss of the second method."""
        return self.then.loss(model, batch, state)
