"""Perturbation protocols: what is removed, how much of it, and what takes its place."""

from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .units import without_tokens

TENTHS = (10, 20, 30, 40, 50, 60, 70, 80, 90)


class Fill(StrEnum):
    """What takes the place of a removed feature."""

    DATASET = "dataset"  # the uninformative value that the data set declares
    MEAN = "mean"  # the sample's own mean: over the pixels of a channel, the time of a channel, or all features
    ZERO = "zero"  # the constant 0, as the network sees it
    UNIFORM = "uniform"  # independent uniform numbers between the sample's own minimum and maximum
    DELETE = "delete"  # nothing: in text the rest moves left, and padding follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """All that decides which perturbed inputs a model is shown; two numbers compare only under one protocol."""

    name: str
    most: tuple[int, ...]  # percent of the units removed, most relevant first
    least: tuple[int, ...]  # likewise, least relevant first
    fill: Fill = Fill.DATASET
    region: int = 1  # in images, side of the square of pixels that is one unit
    draw: int = 0  # number of the repetition, where the fill is random
    rounds_kept_up: bool = False  # least relevant first: round up what is kept, not what is removed

    def __post_init__(self) -> None:
        if self.region < 1:
            raise ValueError(f"region must be at least 1, got {self.region}")
        highest = 100 if self.rounds_kept_up else 99  # 100 leaves nothing
        for percent in self.most:
            if not 0 < percent < 100:
                raise ValueError(f"percents must lie in 1 to 99, got {percent}")
        for percent in self.least:
            if not 0 < percent <= highest:
                raise ValueError(f"percents must lie in 1 to {highest}, got {percent}")

    @property
    def steps(self) -> int:
        """Forward passes a sample, beside the clean one."""
        return len(self.most) + len(self.least)

    def perturbed(self, samples: Samples, removed: Tensor, modality: Modality, *, seed: int) -> Tensor:
        """The inputs without the removed features.

        Args:
            samples: N samples.
            removed: 1 or True where a feature goes, one set a step, shape (N, S, *F).
            modality: decides over what a mean is taken.
            seed: of a random fill.

        Returns:
            Shape (N, S, *F).

        Raises:
            ValueError: as for `replacement`, or a deletion from anything but text.
        """
        inputs = samples.inputs.unsqueeze(1)
        if self.fill is Fill.DELETE:
            if modality is not Modality.TEXT:
                raise ValueError(f"only text gets shorter when units are deleted, got {modality} samples")
            return without_tokens(inputs.expand_as(removed), removed.bool())
        fill = self.replacement(samples, modality, seed=seed).unsqueeze(1)
        if not inputs.is_floating_point():
            return torch.where(removed.bool(), fill, inputs)
        return torch.lerp(inputs, fill, removed.to(inputs.dtype))  # exact at 0 and 1

    def replacement(self, samples: Samples, modality: Modality, *, seed: int) -> Tensor:
        """The values that take the place of removed ones, shape (N, *F), the same for a sample in any batch.

        Raises:
            ValueError: a fill that word ids do not have, such as their mean, or a deletion, which has no values.
        """
        inputs = samples.inputs
        if self.fill is Fill.DATASET:
            return samples.fill
        if self.fill is Fill.DELETE or not inputs.is_floating_point():
            raise ValueError(f"inputs of type {inputs.dtype} cannot be replaced by the fill {self.fill}")
        if self.fill is Fill.ZERO:
            return torch.zeros_like(inputs)
        if self.fill is Fill.MEAN:
            dims = {Modality.IMAGE: (2, 3), Modality.SERIES: (1,)}.get(modality, tuple(range(1, inputs.ndim)))
            return inputs.mean(dim=dims, keepdim=True).expand_as(inputs)
        dims = tuple(range(1, inputs.ndim))
        low, high = inputs.amin(dim=dims, keepdim=True), inputs.amax(dim=dims, keepdim=True)
        noise = uniform(samples.ids, inputs.shape[1:], seed=seed, purpose=f"uniform fill {self.draw}")
        return low + (high - low) * noise.to(inputs)


# One grid serves accuracy drop, AOPC, comprehensiveness and sufficiency at once.
SHARED = Protocol(name="shared", most=(1, 5, *TENTHS), least=(*TENTHS, 95, 99))
