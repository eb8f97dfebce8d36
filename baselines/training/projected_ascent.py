"""Projected gradient ascent: the perturbation within a box that moves a prediction farthest."""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def random_start(bounds: Tensor, generator: torch.Generator) -> Tensor:
    """Uniform noise.

    Args:
        bounds: largest size of each entry, at least 0.
        generator: on the device of the bounds.

    Returns:
        The shape of the bounds, in [-bounds, bounds].
    """
    noise = torch.rand(bounds.shape, generator=generator, device=bounds.device, dtype=bounds.dtype)
    return bounds * (2 * noise - 1)


def projected_ascent(
    model: nn.Module,
    inputs: Tensor,
    bounds: Tensor,
    reference: Tensor,
    *,
    divergence: Callable[[Tensor, Tensor], Tensor],
    steps: int,
    length: float,
    generator: torch.Generator,
) -> Tensor:
    """PGD: signed gradient steps on the divergence from a reference, from a random start, clipped to a box.

    Args:
        model: maps (N, *F) to logits (N, K), in the mode in which it is to be attacked; gets no gradients.
        inputs: shape (N, *F).
        bounds: largest size of each entry of the perturbation, 0 where none is allowed, shape (N, *F).
        reference: logits on the inputs, shape (N, K).
        divergence: of perturbed and reference logits, shape (N,).
        steps: how many.
        length: of all steps together, as a multiple of the bounds.
        generator: decides the start; at 0 a divergence has no gradient to follow.

    Returns:
        The perturbation, shape (N, *F), detached.

    Source:
        madry2018towards, with a divergence in place of the classification loss.
    """
    noise = random_start(bounds, generator)
    for _ in range(steps):
        noise.requires_grad_()
        (slope,) = torch.autograd.grad(divergence(model(inputs + noise), reference).sum(), noise)
        noise = torch.clamp(noise.detach() + length / steps * bounds * slope.sign(), -bounds, bounds)
    return noise
