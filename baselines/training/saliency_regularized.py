"""Regularized saliency: cross entropy plus any weighted sum of penalties on the gradient of the true class's output."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...datasets.base import Modality, Samples
from ..models import Output, output_of
from .base import Recipe, TrainingState, refuse_words
from .input_range import channel_range
from .penalty import Explained, Penalty
from .twice_differentiable import statistics_kept, twice_differentiable

_MODALITIES = {4: Modality.IMAGE, 3: Modality.SERIES, 2: Modality.TABULAR}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaliencyRegularized(Recipe):
    """Mean cross entropy plus the sum of weight times penalty, `SaliencyRegularized(penalties=(Smoothness(),))`.

    Cross entropy and map come from one forward pass in train mode, so the map is that of the network with the dropout
    mask of the moment, and with batch normalization it also holds what each sample does to the others' outputs.

    Source:
        xaiconstrained, which used one penalty at a time and the logit.
    """

    reference: ClassVar[str] = "xaiconstrained"

    penalties: tuple[Penalty, ...]
    output: Output = "logit"  # what the map is the gradient of

    def __post_init__(self) -> None:
        if not self.penalties:
            raise ValueError("penalties must hold at least one penalty, such as Smoothness(weight=0.1), got ()")

    def passes(self, model: nn.Module) -> int:
        """What a step needs at least, in forward passes; a regular step needs 3.

        A backward pass counts 1 if it ends in the inputs, 2 if it also ends in the weights: the forward pass and its
        gradient take 1 + 1, the way back through both takes 2 + 2. Fidelity adds 3, symmetry 4.
        """
        return 6 + sum(penalty.extra_passes for penalty in self.penalties)

    @property
    def version(self) -> int:  # type: ignore[override]  # of the settings, as few of them train another model
        """2 for the probability, which was rounded where a model is certain."""
        return 2 if self.output == "probability" else 1

    def start(self, samples: Samples, state: TrainingState) -> None:
        """The range of the inputs.

        Raises:
            ValueError: a penalty that means nothing for such inputs, or inputs that are word ids.
        """
        refuse_words(self, samples)
        low, high = channel_range(samples.inputs)
        modality = _MODALITIES[samples.inputs.ndim]
        for penalty in self.penalties:
            if modality not in penalty.modalities:
                allowed = " and ".join(sorted(penalty.modalities))
                raise ValueError(f"{type(penalty).__name__} is for {allowed} inputs, got {modality} inputs")
        state.memory.update(low=low, range=high - low)

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Mean cross entropy of the batch, plus the weighted penalties."""
        inputs = batch.inputs.detach().clone().requires_grad_()

        def explain(logits: Tensor, inputs: Tensor) -> Tensor:
            explained = output_of(logits, batch.targets, self.output).sum()
            return torch.autograd.grad(explained, inputs, create_graph=True)[0]

        def logits_aside(inputs: Tensor) -> Tensor:
            with statistics_kept(model):
                logits: Tensor = model(inputs)
            return logits

        with twice_differentiable(model):
            logits = model(inputs)
            low, width = state.memory["low"], state.memory["range"]
            explained = Explained(
                batch=batch,
                logits=logits,
                gradient=explain(logits, inputs),
                brightness=((batch.inputs - low) / width.where(width > 0, 1)).clamp(0, 1),
                logits_at=model,
                logits_aside=logits_aside,
                explain=explain,
                generator=state.generator,
            )
            loss = cross_entropy(logits, batch.targets)
            for penalty in self.penalties:
                loss = loss + penalty.weight * penalty.value(explained)
        return loss
