"""Several models of one architecture as one module, whose parameters have the models along their first axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from .stackable import stackable


class ModelStack(nn.Module):
    """Maps (M, N, *F) to logits (M, N, K), each model its own inputs, in one forward pass by `torch.func`.

    Matrix products of M models are one batched product and their convolutions one with groups, which may round
    otherwise than the kernels of one model. Nothing else differs: each model draws its dropout from its own stream.
    """

    def __init__(self, networks: Sequence[nn.Module], streams: "Sequence[GlobalStream]") -> None:
        """Copy the parameters of the networks.

        Args:
            networks: of one architecture, on one device; they are left as they were.
            streams: where each model draws its dropout from.

        Raises:
            ValueError: no network, networks that differ in their parameters, or a layer that cannot be stacked.
        """
        super().__init__()
        shapes = [{name: tensor.shape for name, tensor in network.state_dict().items()} for network in networks]
        if not networks or any(other != shapes[0] for other in shapes):
            raise ValueError(f"a stack needs networks of one architecture, got {len(networks)} that differ")
        self.template = stackable(networks[0], self._draw)
        self.streams = list(streams)
        self.stacked = {
            name: nn.Parameter(
                torch.stack([network.get_parameter(name).detach() for network in networks]),
                requires_grad=first.requires_grad,
            )
            for name, first in networks[0].named_parameters()
        }
        self.kept = {
            name: torch.stack([network.get_buffer(name) for network in networks])
            for name, _ in networks[0].named_buffers()
        }

    def __len__(self) -> int:
        return len(self.streams)

    def forward(self, inputs: Tensor) -> Tensor:
        """(M, N, *F) to logits (M, N, K)."""

        def one(parameters: dict[str, Tensor], buffers: dict[str, Tensor], batch: Tensor) -> Tensor:
            logits: Tensor = functional_call(self.template, (parameters, buffers), (batch,))
            return logits

        logits: Tensor = vmap(one)(dict[str, Tensor](self.stacked), self.kept, inputs)
        return logits

    @property
    def trained(self) -> list[nn.Parameter]:
        """The parameters that an optimizer changes, each of shape (M, *P)."""
        return [parameter for parameter in self.stacked.values() if parameter.requires_grad]

    def write_back(self, place: int, network: nn.Module) -> None:
        """Give a network the weights of one of the models."""
        with torch.no_grad():
            for name, parameter in network.named_parameters():
                parameter.copy_(self.stacked[name][place])

    def keep(self, places: Sequence[int], optimizer: torch.optim.Optimizer) -> None:
        """Leave out all models but these, and what an optimizer remembers of them."""
        self.streams = [self.streams[place] for place in places]
        rows = torch.tensor(places, device=next(iter(self.stacked.values())).device)
        for parameter in self.stacked.values():
            memory = optimizer.state.get(parameter, {})
            for name, value in memory.items():
                if isinstance(value, Tensor) and value.shape == parameter.shape:
                    memory[name] = value[rows]
            parameter.grad = None
            parameter.data = parameter.data[rows]
        self.kept = {name: buffer[rows] for name, buffer in self.kept.items()}

    def _draw(self, noise: Callable[[Tensor], Tensor], like: Tensor) -> Tensor:
        ones = torch.ones(like.shape, dtype=like.dtype, device=like.device)
        return torch.stack([stream.draw(lambda: noise(ones)) for stream in self.streams])


@dataclass(slots=True)
class GlobalStream:
    """What one model would draw from torch's global generator, were it alone."""

    generator: torch.Generator  # the global one of the device
    state: Tensor

    def draw(self, work: Callable[[], Tensor]) -> Tensor:
        """Do some work with the global generator as this model left it."""
        self.generator.set_state(self.state)
        drawn = work()
        self.state = self.generator.get_state()
        return drawn
