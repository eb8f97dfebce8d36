"""Stand-ins for the model of a case that Quantus cannot misread."""

import torch
from torch import Tensor, nn

from ..base import Case
from ..forwards import outputs
from ..units import expand_units


class Outputs(nn.Module):
    """The case's model on changed inputs, in chunks; not registered, so that Quantus finds no softmax inside it."""

    def __init__(self, case: Case, *, probability: bool) -> None:
        super().__init__()
        self._hidden = (case.require_model(), case)
        self._probability = probability
        self.eval()

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits or probabilities (N, K), float64."""
        return self._outputs(inputs.to(self._hidden[1].samples.inputs))

    def _outputs(self, inputs: Tensor) -> Tensor:
        model, case = self._hidden
        rows = 256 if case.samples.inputs.device.type == "cpu" else 4096
        logits = outputs(model, inputs, rows).double()
        return torch.softmax(logits, dim=-1) if self._probability else logits


class Removal(Outputs):
    """The case's model on its own samples, where an input of 0 puts a unit's fill in its place and any other keeps it.

    So a unit is a pixel with all its channels, and what fills it is the data set's, in every metric of Quantus.
    """

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits or probabilities (N, K) of inputs (N, 1, ...)."""
        _, case = self._hidden
        samples = case.samples
        there = inputs.to(samples.inputs.device).flatten(1) != 0
        kept = expand_units(there, samples.inputs.shape[1:], case.modality)
        return self._outputs(torch.where(kept, samples.inputs, samples.fill))


class Registered(nn.Module):
    """The case's model with its layers in sight, for metrics that randomize or read them."""

    def __init__(self, case: Case, *, probability: bool = False) -> None:
        super().__init__()
        self.model = case.require_model()
        self.last = nn.Identity()  # Quantus takes a softmax that comes last for one of the output
        self._type, self._probability = case.samples.inputs.dtype, probability
        self.eval()

    def forward(self, inputs: Tensor) -> Tensor:
        """Logits or probabilities (N, K)."""
        logits: Tensor = self.model(inputs.to(self._type))
        outputs: Tensor = self.last(torch.softmax(logits, dim=-1) if self._probability else logits)
        return outputs
