"""Copies of a model whose layers have forgotten what they learned, for tests that a map depends on the model."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import is_parametrized

from ..datasets.randomness import stream


def layer_names(model: nn.Module) -> list[str]:
    """The modules with parameters of their own, in the order in which the model registers them.

    A parametrized module (weight norm, spectral norm) is one layer.
    """
    inner = {
        id(inside)
        for module in model.modules()
        if is_parametrized(module)
        for inside in module.get_submodule("parametrizations").modules()
    }
    return [
        name
        for name, module in model.named_modules()
        if id(module) not in inner and (is_parametrized(module) or any(True for _ in module.parameters(recurse=False)))
    ]


def randomized_copies(model: nn.Module, *, cascading: bool, seed: int) -> Iterator[nn.Module]:
    """One copy of the model for each layer, from the top down.

    A layer draws its parameters by `reset_parameters`, as when it was new. What this method leaves out, as in a module
    that has none, is shuffled within its tensor. Batch normalization so loses its statistics and its scales.

    Args:
        model: any; it is not touched. The top is what it registers last.
        cascading: is the layer of a copy randomized with all layers above it, or alone?
        seed: of the new parameters; a layer gets the same ones in both kinds of copy, on every device and in every
            precision.

    Yields:
        As many independent copies as there are layers, on the model's device and in its mode.

    Raises:
        ValueError: a model without parameters.
        RuntimeError: a parametrization that cannot be given a value, for lack of a right inverse.
    """
    names = layer_names(model)
    if not names:
        raise ValueError("model must have parameters to randomize, got none")
    device = next(model.parameters()).device
    source = model
    for place, name in enumerate(reversed(names)):
        changed = copy.deepcopy(source).cpu()
        with torch.random.fork_rng(devices=[]):
            number = int(stream("parameter randomization", seed, place).integers(2**63))
            torch.default_generator.manual_seed(number)  # the CPU's, the only one that a copy on the CPU draws from
            _forget(changed.get_submodule(name))
        yield changed.to(device)
        if cascading:
            source = changed


@torch.no_grad()
def _forget(layer: nn.Module) -> None:
    plain = _without_parametrizations(layer) if is_parametrized(layer) else layer
    learned = {name: parameter.clone() for name, parameter in plain.named_parameters(recurse=False)}
    for parameter in plain.parameters(recurse=False):
        # NaN, so that what the reset leaves out is seen; one precision, so that models of all are given the same draws.
        parameter.data = torch.full_like(parameter, torch.nan, dtype=torch.float32)
    reset = getattr(plain, "reset_parameters", None)
    if callable(reset):
        reset()
    for name, parameter in plain.named_parameters(recurse=False):
        fresh = _shuffled(learned[name]) if parameter.isnan().any() else parameter.data
        parameter.data = fresh.to(learned[name].dtype)
    if plain is not layer:
        for name in layer.get_submodule("parametrizations")._modules:
            setattr(layer, name, plain.get_parameter(name).detach())  # through the right inverse


def _without_parametrizations(layer: nn.Module) -> nn.Module:
    """A stand-in of the layer's own class: its computed tensors as parameters, all else shared with the layer.

    torch's own removal would change the class of the layer, which a deep copy shares with its original.
    """
    plain: nn.Module = object.__new__(type(layer).__bases__[0])
    computed = {
        name: nn.Parameter(getattr(layer, name).clone()) for name in layer.get_submodule("parametrizations")._modules
    }
    modules = {name: module for name, module in layer._modules.items() if name != "parametrizations"}
    vars(plain).update(vars(layer), _parameters={**layer._parameters, **computed}, _modules=modules)
    return plain


def _shuffled(tensor: Tensor) -> Tensor:
    return tensor.flatten()[torch.randperm(tensor.numel())].view_as(tensor)
