"""DeepLIFT with the rescale rule: differences from a reference, carried back through every activation module."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ...datasets.base import Samples
from ..models import Output, output_of
from .base import SaliencyMethod

ELEMENTWISE = frozenset(
    {nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus}
    | {nn.Sigmoid, nn.LogSigmoid, nn.Tanh, nn.Softsign, nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish}
)
NOT_ZERO_AT_ZERO = frozenset({nn.Softplus, nn.Sigmoid, nn.LogSigmoid, nn.Hardsigmoid})  # small changes round away
POOLING: dict[type[nn.Module], Callable[..., Any]] = {
    nn.MaxPool1d: functional.max_pool1d,
    nn.MaxPool2d: functional.max_pool2d,
    nn.MaxPool3d: functional.max_pool3d,
}


def deeplift(
    model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds", rescaled: bool = True
) -> Tensor:
    """Each feature's part of the difference between the outputs for the input and for the fill, shape (N, *F).

    The parts sum to that difference wherever every nonlinearity is a module of `ELEMENTWISE` or `POOLING`. Anything
    else keeps its ordinary gradient: functional activations, recurrent layers, attention, products of features and
    layer normalization. A model made of those alone gets exactly gradient × (input - fill). Nothing raises then;
    `completeness_gap` tells by how much such a map misses the difference.

    Args:
        model: maps (N, *F) to logits (N, K), one sample independent of the other.
        samples: N samples; the reference inputs are their fill.
        seed: not used.
        output: what is explained. Only for the log-odds and the logit do the parts sum up; a softmax, as in the
            other two, keeps its gradient.
        rescaled: False leaves the rule out and returns gradient × (input - fill).

    Source:
        shrikumar2017learning, sections 3.5.1 and 3.5.2, in the gradient form of ancona2018towards. Departures: the
        log-odds of K classes end in log(sum(exp)), which is taken as the three steps that it is, so that the rule
        and the sum hold through it, and the output is the same as for every other method. Max-pooling as in captum.
        This is not captum's DeepLift (0.9), which misses the difference where an activation is followed at once by
        a pooling or another activation, and where pooling windows overlap; elsewhere the two agree. A module that is
        called twice is right here.
    """
    multipliers = contribution_multipliers(
        model, samples.inputs, samples.fill, samples.targets, output=output, rescaled=rescaled
    )
    return multipliers * (samples.inputs - samples.fill)


def contribution_multipliers(
    model: nn.Module, inputs: Tensor, references: Tensor, targets: Tensor, *, output: Output, rescaled: bool = True
) -> Tensor:
    """What each unit of difference from its reference contributes to the output, shape (N, *F)."""
    leaf = inputs.detach().requires_grad_()
    if not rescaled:
        explained = output_of(model(leaf), targets, output)
    else:
        with rescale_rule(model, leaf, references):
            logits, reference_logits = model(torch.cat([leaf, references])).chunk(2)
        if output == "log_odds":
            explained = (_log_odds_multipliers(logits.detach(), reference_logits.detach(), targets) * logits).sum(dim=1)
        else:
            explained = output_of(logits, targets, output)
    (multipliers,) = torch.autograd.grad(explained.sum(), leaf)
    return multipliers


@contextmanager
def rescale_rule(model: nn.Module, inputs: Tensor, references: Tensor) -> Iterator[None]:
    """While open, the model's activations have the slope between each input and its reference as their derivative.

    A module that does not keep its samples on the first axis keeps its gradient: such as one in a model that turns
    batches to (time, sample, feature). It is recognized by what it makes of three rows alone.

    Args:
        model: to be called once, with the inputs followed by the references.
        inputs: shape (N, *F).
        references: shape (N, *F).
    """
    count = len(inputs)

    def rescale(module: nn.Module, arguments: tuple[Any, ...], outputs: Tensor) -> Tensor | None:
        rule = _activation if type(module) in ELEMENTWISE else _max_pool
        of_three = next(calls, None)
        if len(arguments) != 1 or not _samples_come_first(outputs, of_three, 2 * count):
            return None
        value, reference = arguments[0].chunk(2)
        after, after_reference = outputs.detach().chunk(2)
        return torch.cat([rule(module, value, reference.detach(), after, after_reference), after_reference])

    in_place = [module for module in model.modules() if getattr(module, "inplace", False)]
    known = [module for module in model.modules() if type(module) in ELEMENTWISE or type(module) in POOLING]
    handles: list[Any] = []
    try:
        for module in in_place:
            module.inplace = False  # type: ignore[assignment]  # the rule needs what went in
        calls = iter(_outputs_of_three(model, known, inputs, references))
        handles += [module.register_forward_hook(rescale) for module in known]
        yield
    finally:
        for module in in_place:
            module.inplace = True  # type: ignore[assignment]
        for handle in handles:
            handle.remove()


def _outputs_of_three(model: nn.Module, known: list[nn.Module], inputs: Tensor, references: Tensor) -> list[Any]:
    """What some modules make of the first three of the inputs followed by the references, call after call."""
    found: list[Any] = []

    def keep(_module: nn.Module, _arguments: tuple[Any, ...], outputs: Any) -> None:
        found.append(outputs.clone() if isinstance(outputs, Tensor) else None)  # a model may add to it in place

    handles = [module.register_forward_hook(keep) for module in known]
    try:
        with torch.no_grad():
            model(torch.cat([inputs[:3], references[:3], inputs[:1]])[:3])
    finally:
        for handle in handles:
            handle.remove()
    return found


def _samples_come_first(outputs: Any, of_three: Any, rows: int) -> bool:
    """Do these outputs of so many rows begin with what their first three rows give alone?"""
    if not isinstance(outputs, Tensor) or not isinstance(of_three, Tensor) or not outputs.ndim:
        return False
    if outputs.shape[1:] != of_three.shape[1:] or len(outputs) * 3 != len(of_three) * rows:
        return False
    shared = min(len(outputs), len(of_three))
    first, alone = outputs[:shared].detach(), of_three[:shared]
    return torch.allclose(first, alone, rtol=1e-2, atol=1e-3 * float(alone.abs().max()))


def _activation(module: nn.Module, value: Tensor, reference: Tensor, after: Tensor, after_reference: Tensor) -> Tensor:
    """The activation's values, with its slope to the reference for a derivative."""
    change = after - after_reference
    if type(module) in NOT_ZERO_AT_ZERO:
        change = (module.forward(value.detach().double()) - module.forward(reference.double())).to(change)
    slope = _slope(module.forward, value.detach(), reference, change)
    return after + slope * (value - value.detach())


def _max_pool(module: nn.Module, value: Tensor, reference: Tensor, after: Tensor, after_reference: Tensor) -> Tensor:
    """The pooled values; a rise is due to the input's maximum, a fall to that of the reference."""
    pool = POOLING[type(module)]
    settings = {name: getattr(module, name) for name in ("kernel_size", "stride", "padding", "dilation", "ceil_mode")}
    higher = torch.maximum(after, after_reference)
    pooled = after
    for source, change, at_rest in ((value, higher - after_reference, 1.0), (reference, after - higher, 0.0)):
        _, places = pool(source.detach(), **settings, return_indices=True)
        at_value, at_reference = (x.flatten(2).gather(2, places.flatten(2)).view_as(after) for x in (value, reference))
        step = at_value.detach() - at_reference
        share = torch.where(step == 0, at_rest, change / step.masked_fill(step == 0, 1.0))  # in [0, 1]
        pooled = pooled + share * (at_value - at_value.detach())
    return pooled


def _slope(function: Callable[[Tensor], Tensor], value: Tensor, reference: Tensor, change: Tensor) -> Tensor:
    """Change over step, and the derivative where that quotient would be nothing but rounding."""
    with torch.enable_grad():
        leaf = value.clone().requires_grad_()
        (derivative,) = torch.autograd.grad(function(leaf).sum(), leaf)
    step = value - reference
    near = step.abs() <= torch.finfo(value.dtype).eps ** 0.5 * (value.abs() + reference.abs())
    return torch.where(near, derivative, change / step.masked_fill(near, 1.0))


def _log_odds_multipliers(logits: Tensor, reference_logits: Tensor, targets: Tensor) -> Tensor:
    """The rule through z_target - log(sum over the others of exp(z)), by logit, shape (N, K)."""
    target = functional.one_hot(targets, logits.shape[1]).bool()
    both = torch.stack([logits, reference_logits]).double().masked_fill(target, float("-inf"))  # (2, N, K)
    both = both - both.amax(dim=(0, 2), keepdim=True)
    others = both.masked_fill(target, 0.0)
    powers, logs = both.exp(), both.logsumexp(dim=2, keepdim=True)
    sums = powers.sum(dim=2, keepdim=True)
    through_exp = _slope(torch.exp, others[0], others[1], powers[0] - powers[1])
    through_log = _slope(torch.log, sums[0], sums[1], logs[0] - logs[1])
    return torch.where(target, 1.0, -through_log * through_exp).to(logits)


DEEPLIFT = SaliencyMethod(
    name="deeplift",
    version=1,
    explain=deeplift,
    signed=True,
    description="differences from the fill, carried back by the rescale rule",
    reference="shrikumar2017learning",
    complete=True,
)
