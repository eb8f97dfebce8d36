"""Gradient-based saliency methods, computed by captum on the log-odds of the explained class."""

from collections.abc import Callable

from captum.attr import InputXGradient, IntegratedGradients, Saliency
from torch import Tensor, nn

from ...datasets.base import Modality, Samples
from ...datasets.randomness import normal
from ..models import Output, output_of
from .base import SaliencyMethod
from .text import ByInput, word_gradient, word_gradient_x_input, word_integrated_gradients, word_smoothgrad


def gradient(model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds") -> Tensor:
    """The derivative of the target's output by the input, signed, shape (N, *F).

    Source:
        simonyan2014deep, section 3. Departures: of the log-odds instead of the logit (see `output_of`), and without
        the absolute value, which each metric takes for itself where it needs it.
    """
    method = Saliency(_explained(model, output))
    maps: Tensor = method.attribute(_leaf(samples.inputs), additional_forward_args=(samples.targets,), abs=False)
    return maps


def input_x_gradient(model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds") -> Tensor:
    """The gradient times the input, shape (N, *F).

    Source:
        shrikumar2017learning, section 2.
    """
    method = InputXGradient(_explained(model, output))
    maps: Tensor = method.attribute(_leaf(samples.inputs), additional_forward_args=(samples.targets,))
    return maps.detach()


def integrated_gradients(
    model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds", steps: int = 32
) -> Tensor:
    """The gradient integrated on the straight path from the fill to the input, shape (N, *F).

    Up to the error of the quadrature, the maps sum to the difference between the outputs for the input and for the
    fill, so they explain exactly what the perturbation metrics remove.

    Source:
        sundararajan2017axiomatic, equation 1; Gauss-Legendre quadrature with 32 steps, reference input `samples.fill`.
    """
    maps: Tensor = IntegratedGradients(_explained(model, output)).attribute(
        samples.inputs,
        baselines=samples.fill.contiguous(),
        additional_forward_args=(samples.targets,),
        n_steps=steps,
        internal_batch_size=1024,
    )
    return maps


def smoothgrad(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    draws: int = 16,
    noise_level: float = 0.15,
) -> Tensor:
    """The mean gradient over noisy copies of the input, signed, shape (N, *F).

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        seed: of the noise, which is drawn per sample id.
        output: what the gradient is of.
        draws: noisy copies of each input, n.
        noise_level: standard deviation over the sample's own range, sigma / (max - min).

    Source:
        smilkov2017smoothgrad, section 3; 16 copies, noise level 15 %. The noise is drawn here and not by captum's
        NoiseTunnel, whose draws depend on the rest of the batch.
    """
    inputs = samples.inputs
    flat = inputs.flatten(1)
    deviation = noise_level * (flat.amax(dim=1) - flat.amin(dim=1))  # (N,)
    noise = normal(samples.ids, (draws, *inputs.shape[1:]), seed=seed, purpose="smoothgrad").to(inputs.dtype)
    noisy = inputs[:, None] + deviation.view(-1, 1, *[1] * (inputs.ndim - 1)) * noise  # (N, n, *F)
    targets = samples.targets.repeat_interleave(draws)
    method = Saliency(_explained(model, output))
    maps: Tensor = method.attribute(_leaf(noisy.flatten(0, 1)), additional_forward_args=(targets,), abs=False)
    return maps.view_as(noisy).mean(dim=1)


def _explained(model: nn.Module, output: Output) -> Callable[[Tensor, Tensor], Tensor]:
    """What captum differentiates: inputs and targets to one number a sample."""
    return lambda inputs, targets: output_of(model(inputs), targets, output)


def _leaf(inputs: Tensor) -> Tensor:
    """The same values as a leaf that requires gradients; captum warns about anything else, and changes it in place."""
    return inputs.detach().requires_grad_()


GRADIENT = SaliencyMethod(
    name="gradient",
    version=1,
    explain=ByInput(gradient, word_gradient),
    modalities=frozenset(Modality),
    signed=True,
    description="derivative of the target's log-odds by the input",
    reference="simonyan2014deep",
)
INPUT_X_GRADIENT = SaliencyMethod(
    name="input_x_gradient",
    version=1,
    explain=ByInput(input_x_gradient, word_gradient_x_input),
    modalities=frozenset(Modality),
    signed=True,
    description="gradient times input",
    reference="shrikumar2017learning",
)
INTEGRATED_GRADIENTS = SaliencyMethod(
    name="integrated_gradients",
    version=1,
    explain=ByInput(integrated_gradients, word_integrated_gradients),
    modalities=frozenset(Modality),
    signed=True,
    complete=True,
    description="gradient integrated from the fill to the input, 32 steps",
    reference="sundararajan2017axiomatic",
)
SMOOTHGRAD = SaliencyMethod(
    name="smoothgrad",
    version=1,
    explain=ByInput(smoothgrad, word_smoothgrad),
    modalities=frozenset(Modality),
    signed=True,
    description="mean gradient over 16 noisy copies, noise level 15 %",
    reference="smilkov2017smoothgrad",
)
