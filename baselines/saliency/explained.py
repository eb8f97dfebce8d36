"""The model with its explained output as one module: what captum's layer and hook methods want to see."""

from torch import Tensor, nn

from ..models import Output, output_of


class Explained(nn.Module):
    """Maps (N, *F) inputs and (N,) targets to the one number of each sample that a map explains, shape (N,)."""

    def __init__(self, model: nn.Module, output: Output) -> None:
        super().__init__()
        self.model = model
        self.output = output

    def forward(self, inputs: Tensor, targets: Tensor) -> Tensor:
        """The explained output of each input for its target."""
        return output_of(self.model(inputs), targets, self.output)
