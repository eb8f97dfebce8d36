"""Saliency guided training: predictions must not change when the least salient features are replaced by noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor, nn
from torch.func import vmap

from ...datasets.base import Samples
from ..models import Output, evaluation, output_of, same_in_both_modes
from .base import Recipe, TrainingState, refuse_words
from .divergences import at_least_float32
from .regular import classification_error

Ranking = Literal["signed", "absolute"]
MaskRange = Literal["sample", "channel", "feature"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaliencyGuided(Recipe):
    """Cross entropy plus lambda times KL(clean ‖ masked), with gradients through both branches.

    Each batch: the gradient of the true class's output gives one map per sample; the k features of lowest gradient
    are replaced by uniform noise; the two predictions are pulled together. Pixels are masked with all their channels,
    series by the single (time, feature) cell.

    Source:
        ismail2021improving, algorithm 1, in the order of the public code: the map in eval mode, then a clean and a
        masked forward in train mode. Departure, exact: a model that computes the same in both modes (no dropout, no
        normalization over the batch) gives its map from the clean forward, which saves one pass.
    """

    reference: ClassVar[str] = "ismail2021improving"

    divergence_weight: float = 1.0  # lambda
    masked_fraction: float = 0.5  # k over the number of features, in (0, 1]
    ranking: Ranking = "signed"  # lowest gradient, or gradient nearest zero
    mask_range: MaskRange = "sample"  # whose minimum and maximum bound the noise
    output: Output = "log_odds"  # what the map is the gradient of; orders features as the log-probability does
    double_softmax: bool = False  # see `Regular`; the divergence is that of the probabilities in any case

    def __post_init__(self) -> None:
        if not 0 < self.masked_fraction <= 1:
            raise ValueError(f"masked_fraction must lie in (0, 1], got {self.masked_fraction}")
        if not self.divergence_weight >= 0:
            raise ValueError(f"divergence_weight must not be negative, got {self.divergence_weight}")
        for name, choices in (("ranking", Ranking), ("mask_range", MaskRange), ("output", Output)):
            if getattr(self, name) not in get_args(choices):
                raise ValueError(f"{name} must be one of {get_args(choices)}, got {getattr(self, name)!r}")

    def passes(self, model: nn.Module) -> int:
        """What a step needs at least, in forward passes; a regular step needs 3.

        A backward pass counts 1 if it ends in the inputs, 2 if it also ends in the weights: the clean and the masked
        forward take 1 each and 2 each back, the map 1 more, and another forward where the clean one cannot give it.
        """
        return 7 if same_in_both_modes(model) else 8

    @property
    def version(self) -> int:  # type: ignore[override]  # of the settings, as few of them train another model
        """2 for the probability, which was rounded where a model is certain."""
        return 2 if self.output == "probability" else 1

    def start(self, samples: Samples, state: TrainingState) -> None:
        """Nothing is kept.

        Raises:
            ValueError: inputs that are word ids.
        """
        refuse_words(self, samples)

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Mean cross entropy on the clean batch, plus the weighted mean divergence."""
        clean, gradient = self._clean_and_gradient(model, batch.inputs, batch.targets)
        return self._objective(clean, model(self.mask(batch.inputs, gradient, state.generator)), batch.targets)

    def stacked_loss(
        self, models: nn.Module, inputs: Tensor, targets: Tensor, states: Sequence[TrainingState]
    ) -> Tensor:
        """The same of M models, shape (M,); the noise of each comes from its own generator."""
        clean, gradient = self._clean_and_gradient(models, inputs, targets)
        noise = torch.stack([_noise(batch, state.generator) for batch, state in zip(inputs, states, strict=True)])
        masked = vmap(self._masked)(inputs.detach(), gradient, noise)
        return vmap(self._objective)(clean, models(masked), targets)

    def _clean_and_gradient(self, model: nn.Module, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Logits in train mode, and the gradient of each sample's output in eval mode; also of M models at once."""
        leaf = inputs.detach().requires_grad_()
        if same_in_both_modes(model):
            clean = model(leaf)
            return clean, self._gradient(clean, leaf, targets, retain_graph=True)
        with evaluation(model):
            gradient = self._gradient(model(leaf), leaf, targets, retain_graph=False)
        return model(inputs), gradient

    def _objective(self, clean: Tensor, masked: Tensor, targets: Tensor) -> Tensor:
        whole, changed = (at_least_float32(logits).log_softmax(dim=1) for logits in (clean, masked))
        divergence = (whole.exp() * (whole - changed)).sum() / len(clean)  # `kl_div` has no form for a stack
        error = classification_error(clean, targets, double_softmax=self.double_softmax)
        return error + self.divergence_weight * divergence

    def mask(self, inputs: Tensor, gradient: Tensor, generator: torch.Generator) -> Tensor:
        """The inputs with the k features of lowest gradient replaced by uniform noise.

        Args:
            inputs: shape (N, *F).
            gradient: shape (N, *F).
            generator: on the device of the inputs.

        Returns:
            Shape (N, *F), detached.
        """
        return self._masked(inputs.detach(), gradient, _noise(inputs, generator))

    def _masked(self, inputs: Tensor, gradient: Tensor, noise: Tensor) -> Tensor:
        """The inputs with the k features of lowest gradient replaced by noise that is given in [0, 1)."""
        pixels = inputs.ndim == 4  # all channels of a pixel share one score
        saliency = gradient.mean(dim=1, keepdim=True) if pixels else gradient
        scores = saliency.flatten(1)  # (N, n)
        if self.ranking == "absolute":
            scores = scores.abs()
        share = round(self.masked_fraction * scores.shape[1], 6)  # in floats 0.57 * 100 is less than 57
        count = max(1, int(share))  # k
        lowest = scores.topk(count, dim=1, largest=False, sorted=False).indices
        chosen = torch.zeros_like(scores, dtype=torch.bool).scatter(1, lowest, value=True).view_as(saliency)
        low, high = self._bounds(inputs)
        return torch.where(chosen, low + (high - low) * noise, inputs)

    def _gradient(self, logits: Tensor, inputs: Tensor, targets: Tensor, *, retain_graph: bool) -> Tensor:
        explained = output_of(logits.flatten(0, -2), targets.flatten(), self.output).sum()
        return torch.autograd.grad(explained, inputs, retain_graph=retain_graph)[0]

    def _bounds(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Minimum and maximum of the noise, in shapes that broadcast with (N, *F)."""
        if self.mask_range == "feature":
            dims: tuple[int, ...] = (0,)
        elif self.mask_range == "sample":
            dims = tuple(range(1, inputs.ndim))
        elif inputs.ndim == 4:
            dims = (2, 3)  # (N, C, H, W): over the pixels of a channel
        elif inputs.ndim == 3:
            dims = (1,)  # (N, T, D): over the time of a channel
        else:
            raise ValueError(f"mask_range 'channel' needs images or series, got inputs of shape {tuple(inputs.shape)}")
        return inputs.amin(dim=dims, keepdim=True), inputs.amax(dim=dims, keepdim=True)


def _noise(inputs: Tensor, generator: torch.Generator) -> Tensor:
    return torch.rand(inputs.shape, generator=generator, device=inputs.device, dtype=inputs.dtype)
