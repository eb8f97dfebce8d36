"""Perturbation protocols: what is removed, how much of it, and what takes its place."""

from dataclasses import dataclass
from enum import StrEnum

from torch import Tensor

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform

TENTHS = (10, 20, 30, 40, 50, 60, 70, 80, 90)


class Fill(StrEnum):
    """What takes the place of a removed feature."""

    DATASET = "dataset"  # the uninformative value that the data set declares
    MEAN = "mean"  # the sample's own mean: over the pixels of a channel, the time of a channel, or all features
    UNIFORM = "uniform"  # independent uniform numbers between the sample's own minimum and maximum


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """All that decides which perturbed inputs a model is shown; two numbers compare only under one protocol."""

    name: str
    most: tuple[int, ...]  # percent of the units removed, most relevant first
    least: tuple[int, ...]  # likewise, least relevant first
    fill: Fill = Fill.DATASET
    region: int = 1  # in images, side of the square of pixels that is one unit
    draw: int = 0  # number of the repetition, where the fill is random

    def __post_init__(self) -> None:
        if self.region < 1:
            raise ValueError(f"region must be at least 1, got {self.region}")
        for percent in (*self.most, *self.least):
            if not 0 < percent < 100:
                raise ValueError(f"percents must lie in 1 to 99, got {percent}")

    @property
    def steps(self) -> int:
        """Forward passes a sample, beside the clean one."""
        return len(self.most) + len(self.least)

    def replacement(self, samples: Samples, modality: Modality, *, seed: int) -> Tensor:
        """The values that take the place of removed ones, shape (N, *F), the same for a sample in any batch."""
        inputs = samples.inputs
        if self.fill is Fill.DATASET:
            return samples.fill
        if self.fill is Fill.MEAN:
            dims = {Modality.IMAGE: (2, 3), Modality.SERIES: (1,)}.get(modality, tuple(range(1, inputs.ndim)))
            return inputs.mean(dim=dims, keepdim=True).expand_as(inputs)
        dims = tuple(range(1, inputs.ndim))
        low, high = inputs.amin(dim=dims, keepdim=True), inputs.amax(dim=dims, keepdim=True)
        noise = uniform(samples.ids, inputs.shape[1:], seed=seed, purpose=f"uniform fill {self.draw}")
        return low + (high - low) * noise.to(inputs)


# One grid serves accuracy drop, AOPC, comprehensiveness and sufficiency at once.
SHARED = Protocol(name="shared", most=(1, 5, *TENTHS), least=(*TENTHS, 95, 99))
