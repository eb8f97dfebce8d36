"""Layers of a stack: those that `torch.func.vmap` cannot run, in a form that it can, and those that must be refused."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, dropout1d, dropout2d, dropout3d
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.nn.modules.instancenorm import _InstanceNorm
from torch.nn.utils.parametrizations import _SpectralNorm, _WeightNorm

Draw = Callable[[Callable[[Tensor], Tensor], Tensor], Tensor]  # noise of one model and a tensor, to noise of all models
_DROPOUTS: dict[type[nn.Module], Callable[..., Tensor]] = {
    nn.Dropout: dropout,
    nn.Dropout1d: dropout1d,
    nn.Dropout2d: dropout2d,
    nn.Dropout3d: dropout3d,
}


def stackable(network: nn.Module, draw: Draw) -> nn.Module:
    """A copy of a network that computes the same under `vmap`, with its parameters under the same names.

    Dropout multiplies by noise from outside, an LSTM is unrolled into matrix products, and weight normalization is
    written out; everything else stays as it is.

    Args:
        network: any network of known layers; it is left as it was.
        draw: gives the noise of all models, shape (M, *S), from what draws that of one, and a tensor of its shape S.

    Raises:
        ValueError: a layer whose stacked form would compute something else, with its name and the reason.
    """
    twin = copy.deepcopy(network)
    for name, module in list(twin.named_modules()):
        reason = _refusal(module)
        if reason:
            kind = type(module).__name__
            raise ValueError(f"a network with {kind} ({name or 'itself'}) cannot be trained in a stack: {reason}")
        new: nn.Module | None = None
        if isinstance(module, nn.LSTM):
            new = UnrolledLSTM(module)
        elif isinstance(module, _WeightNorm):
            new = WeightNorm(module.dim)
        elif isinstance(module, _DropoutNd):
            new = StackedDropout(module, draw)
        if new is not None:
            twin = _with(twin, name, new.train(module.training))
    return twin


def _with(network: nn.Module, name: str, new: nn.Module) -> nn.Module:
    if not name:
        return new
    place, _, last = name.rpartition(".")
    setattr(network.get_submodule(place), last, new)
    return network


def _refusal(module: nn.Module) -> str:
    """Why a layer cannot be stacked; empty if it can."""
    if isinstance(module, _BatchNorm | _InstanceNorm) and module.track_running_stats:
        return "its running statistics are written in each forward pass"
    if isinstance(module, _SpectralNorm):
        return "its estimate of the norm is written in each forward pass"
    if isinstance(module, nn.LSTM):
        plain = module.num_layers == 1 and not module.bidirectional and not module.proj_size and module.batch_first
        return "" if plain else "only one layer, one direction, no projection and batch_first can be unrolled here"
    if isinstance(module, nn.RNNBase):
        return "vmap has no rule for recurrent kernels, and only nn.LSTM is unrolled here"
    if isinstance(module, _DropoutNd) and module.p > 0 and type(module) not in _DROPOUTS:
        return "its noise does not multiply"
    if isinstance(module, nn.RReLU) or (isinstance(module, nn.MultiheadAttention) and module.dropout > 0):
        return "it draws random numbers that cannot be told apart by model"
    return ""


class StackedDropout(_DropoutNd):
    """Dropout by the noise that each model would draw alone; still a dropout for whoever looks for one."""

    def __init__(self, original: _DropoutNd, draw: Draw) -> None:
        super().__init__(original.p)
        self.function = _DROPOUTS.get(type(original), dropout)
        self.draw = draw

    def forward(self, inputs: Tensor) -> Tensor:
        """Same shape."""
        if not self.training or not self.p:
            return inputs
        noise: Tensor = _Noise.apply(inputs.detach(), self.noise, self.draw)  # type: ignore[no-untyped-call]
        return inputs * noise

    def noise(self, ones: Tensor) -> Tensor:
        """What the layer makes of ones, for one model."""
        return self.function(ones, self.p, training=True)


class _Noise(torch.autograd.Function):
    """Constant under all transforms; `vmap` gives the tensors of all models at once."""

    @staticmethod
    def forward(inputs: Tensor, noise: Callable[[Tensor], Tensor], draw: Draw) -> Tensor:
        drawn: Tensor = draw(noise, inputs)[0]
        return drawn

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.mark_non_differentiable(output)

    @staticmethod
    def vmap(
        info: Any, in_dims: tuple[int | None, ...], inputs: Tensor, noise: Callable[[Tensor], Tensor], draw: Draw
    ) -> tuple[Tensor, int]:
        one = inputs if in_dims[0] is None else inputs.select(in_dims[0], 0)
        return draw(noise, one), 0


class WeightNorm(nn.Module):
    """g v / ‖v‖ with the norm over all axes but one, as the kernel of torch computes it."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.axis = axis

    def forward(self, sizes: Tensor, directions: Tensor) -> Tensor:
        """(g, v) to the weight."""
        axis = self.axis % directions.ndim
        others = tuple(other for other in range(directions.ndim) if other != axis or self.axis == -1)
        lengths: Tensor = torch.linalg.vector_norm(directions, dim=others, keepdim=True)
        return directions * (sizes / lengths)


class UnrolledLSTM(nn.Module):
    """An `nn.LSTM` of one layer as matrix products, a step at a time, with the same parameters."""

    weight_ih_l0: Tensor  # (4 H, D)
    weight_hh_l0: Tensor  # (4 H, H)
    bias_ih_l0: Tensor  # (4 H,)
    bias_hh_l0: Tensor

    def __init__(self, original: nn.LSTM) -> None:
        super().__init__()
        for name, parameter in original.named_parameters():
            self.register_parameter(name, parameter)
        self.bias = original.bias

    def forward(self, inputs: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """(N, T, D) to all hidden states (N, T, H), and the last hidden and cell state, each (1, N, H)."""
        into = inputs @ self.weight_ih_l0.t()  # (N, T, 4 H): the input, forget, cell and output gates
        if self.bias:
            into = into + (self.bias_ih_l0 + self.bias_hh_l0)
        hidden = cell = torch.zeros_like(into[:, 0].chunk(4, dim=1)[0])
        states = []
        for step in into.unbind(dim=1):
            enter, keep, new, leave = (step + hidden @ self.weight_hh_l0.t()).chunk(4, dim=1)
            cell = keep.sigmoid() * cell + enter.sigmoid() * new.tanh()
            hidden = leave.sigmoid() * cell.tanh()
            states.append(hidden)
        return torch.stack(states, dim=1), (hidden[None], cell[None])
