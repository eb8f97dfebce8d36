"""GradientSHAP and DeepSHAP: one reference input is one opinion, so these average over several."""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from ...datasets.base import Samples
from ...datasets.randomness import normal, uniform
from ..models import Output
from .base import SaliencyMethod
from .deeplift import contribution_multipliers
from .gradients import gradient

References = Callable[[Samples, int, int], Tensor]  # samples, their number R and a seed to (N, R, *F)


def noisy_fills(samples: Samples, count: int, seed: int) -> Tensor:
    """The fill with normal noise, shape (N, R, *F): the references of sound configurations.

    The published code takes a batch's references for each of its samples; these depend on the sample alone. They lie
    around what the perturbation metrics put in place of a feature. The noise has 9 % of the sample's range for its
    standard deviation, as GradientSHAP has on data in [0, 1] in ismail2021improving.
    """
    return _with_noise(samples.fill, samples, count, seed, "noisy references", 0.09)


def gradient_shap(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    draws: int = 32,
    noise_level: float = 0.09,
    references: References = noisy_fills,
) -> Tensor:
    """The mean over random points between noisy inputs and references of gradient × difference, shape (N, *F).

    In expectation, a map sums to the mean output for the noisy inputs less the mean output for the references.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        seed: of noise, references and points, all drawn per sample id.
        output: what is explained.
        draws: points for each sample, each with a reference of its own.
        noise_level: standard deviation of the noise on the input over the sample's own range.
        references: how they are drawn.

    Source:
        lundberg2017unified as captum has it, which is the expected gradients of erion2021improving with noise on the
        input. Departures: draws depend on the sample alone; references are noisy fills; 32 draws and not 5.
    """
    noisy = _with_noise(samples.inputs, samples, draws, seed, "gradient_shap", noise_level)
    return expected_gradients(model, samples, seed, noisy, references(samples, draws, seed), output)


def expected_gradients(
    model: nn.Module, samples: Samples, seed: int, inputs: Tensor, references: Tensor, output: Output
) -> Tensor:
    """Gradient × (input - reference) at a uniform point between them, averaged over R pairs, shape (N, *F)."""
    draws = inputs.shape[1]
    positions = uniform(samples.ids, (draws,), seed=seed, purpose="expected gradients").to(inputs.dtype)
    maps = torch.zeros_like(samples.inputs)
    for draw in range(draws):  # one at a time, so that memory does not grow with their number
        difference = inputs[:, draw] - references[:, draw]
        position = positions[:, draw].view(-1, *[1] * (maps.ndim - 1))
        between = replace(samples, inputs=references[:, draw] + position * difference)
        maps += gradient(model, between, seed, output=output) * difference
    return maps / draws


def deep_shap(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    count: int = 16,
    references: References = noisy_fills,
    rescaled: bool = True,
) -> Tensor:
    """The mean of the DeepLIFT maps for several references, shape (N, *F).

    Where DeepLIFT is complete, a map sums to the output for the input less the mean output for its references.

    Args:
        model: maps (N, *F) to logits (N, K).
        samples: N samples.
        seed: of the references, drawn per sample id.
        output: what is explained.
        count: references for each sample, R.
        references: how they are drawn.
        rescaled: as for `deeplift`.

    Source:
        lundberg2017unified, section 4.2; `deeplift` and its departures, 16 noisy fills for references.
    """
    drawn = references(samples, count, seed)
    maps = torch.zeros_like(samples.inputs)
    multipliers = None
    for draw in range(count):
        if rescaled or multipliers is None:  # without the rule they do not depend on the reference
            multipliers = contribution_multipliers(
                model, samples.inputs, drawn[:, draw], samples.targets, output=output, rescaled=rescaled
            )
        maps += multipliers * (samples.inputs - drawn[:, draw])
    return maps / count


def _with_noise(center: Tensor, samples: Samples, count: int, seed: int, purpose: str, level: float) -> Tensor:
    """R copies of each center with noise relative to the range of the sample's input."""
    flat = samples.inputs.flatten(1)
    deviation = level * (flat.amax(dim=1) - flat.amin(dim=1)).view(-1, *[1] * center.ndim)
    noise = normal(samples.ids, (count, *center.shape[1:]), seed=seed, purpose=purpose).to(center.dtype)
    return center[:, None] + deviation * noise


GRADIENT_SHAP = SaliencyMethod(
    name="gradient_shap",
    version=1,
    explain=gradient_shap,
    signed=True,
    description="gradient times difference at 32 random points between noisy inputs and noisy fills",
    reference="lundberg2017unified",
)
DEEP_SHAP = SaliencyMethod(
    name="deep_shap",
    version=1,
    explain=deep_shap,
    signed=True,
    description="mean DeepLIFT map over 16 noisy fills",
    reference="lundberg2017unified",
)
