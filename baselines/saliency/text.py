"""Gradient-based saliency of words: the maps explain the word vectors, and each word gets the sum over its vector."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ...datasets.base import Samples
from ...datasets.randomness import normal
from ..architectures.words import word_model
from ..models import Output, output_of


@dataclass(frozen=True, slots=True)
class ByInput:
    """One saliency method in two forms: for numbers, and for texts, which come as word ids."""

    numeric: Callable[[nn.Module, Samples, int], Tensor]
    text: Callable[[nn.Module, Samples, int], Tensor]

    def __call__(self, model: nn.Module, samples: Samples, seed: int) -> Tensor:
        """The maps, shape (N, *F); a model of text must be a `WordModel`, or the text form raises a TypeError."""
        return (self.numeric if samples.inputs.is_floating_point() else self.text)(model, samples, seed)


def word_gradient(model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds") -> Tensor:
    """The sum over a word vector of the derivative of the target's output, signed, shape (N, T).

    Source:
        ismail2021improving, section 3 for the sum; otherwise as for `salbench.baselines.saliency.gradients.gradient`.
    """
    embeddings, present = _embedded(model, samples.inputs)
    return _summed(_gradient(model, embeddings, present, samples.targets, output), present)


def word_gradient_x_input(model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds") -> Tensor:
    """The product of a word vector with the derivative of the target's output, signed, shape (N, T).

    Source:
        The gradient baseline of deyoung2020eraser. Departures: in eval mode (theirs: dropout on), of the log-odds of
        the explained class, and neither made absolute nor normalized.
    """
    embeddings, present = _embedded(model, samples.inputs)
    return _summed(embeddings * _gradient(model, embeddings, present, samples.targets, output), present)


def word_integrated_gradients(
    model: nn.Module, samples: Samples, seed: int, *, output: Output = "log_odds", steps: int = 32
) -> Tensor:
    """The gradient integrated on the straight path from the fill's word vectors to the text's own, shape (N, T).

    The reference keeps the text's length and its protected words, as removal does. Up to the error of the quadrature,
    the maps sum to the difference between the outputs for the text and for its fill.

    Source:
        sundararajan2017axiomatic, equation 1; Gauss-Legendre quadrature with 32 steps, reference `samples.fill`.
    """
    embeddings, present = _embedded(model, samples.inputs)
    reference, _ = _embedded(model, samples.fill)
    points, weights = np.polynomial.legendre.leggauss(steps)
    mean = torch.zeros_like(embeddings)
    for point, weight in zip(((1 + points) / 2).tolist(), (weights / 2).tolist(), strict=True):
        between = torch.lerp(reference, embeddings, point)
        mean += weight * _gradient(model, between, present, samples.targets, output)
    return _summed((embeddings - reference) * mean, present)


def word_smoothgrad(
    model: nn.Module,
    samples: Samples,
    seed: int,
    *,
    output: Output = "log_odds",
    draws: int = 16,
    noise_level: float = 0.15,
) -> Tensor:
    """The mean of `word_gradient` over copies of the word vectors with noise, shape (N, T).

    Args:
        model: a `WordModel`.
        samples: N texts.
        seed: of the noise, which is drawn per sample id.
        output: what the gradient is of.
        draws: noisy copies of each text, n.
        noise_level: standard deviation over the range of the numbers in the text's own word vectors.

    Source:
        smilkov2017smoothgrad, section 3, on word vectors; the settings of the form for numbers.
    """
    embeddings, present = _embedded(model, samples.inputs)
    absent = ~present.unsqueeze(2)
    low = embeddings.masked_fill(absent, torch.inf).amin(dim=(1, 2))
    high = embeddings.masked_fill(absent, -torch.inf).amax(dim=(1, 2))
    deviation = (noise_level * (high - low)).nan_to_num(posinf=0.0, neginf=0.0).view(-1, 1, 1)  # 0 for an empty text
    noise = normal(samples.ids, (draws, *embeddings.shape[1:]), seed=seed, purpose="smoothgrad").to(embeddings.dtype)
    mean = torch.zeros_like(embeddings)
    for draw in noise.unbind(dim=1):
        mean += _gradient(model, embeddings + deviation * draw, present, samples.targets, output) / draws
    return _summed(mean, present)


def _embedded(model: nn.Module, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Word vectors (N, T, E) without a graph, and which places are present (N, T)."""
    words = word_model(model)
    with torch.no_grad():
        return words.embed(tokens), words.present(tokens)


def _gradient(model: nn.Module, embeddings: Tensor, present: Tensor, targets: Tensor, output: Output) -> Tensor:
    leaf = embeddings.detach().requires_grad_()
    with torch.enable_grad():
        logits = word_model(model).classify(leaf, present)
        return torch.autograd.grad(output_of(logits, targets, output).sum(), leaf)[0]


def _summed(maps: Tensor, present: Tensor) -> Tensor:
    return maps.sum(dim=2).masked_fill(~present, 0.0)
