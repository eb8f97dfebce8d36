"""What is taken from the training and test samples before a model is trained anew on them."""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from ..datasets.base import Budget, Modality, Samples
from .ranking import relevance_ranks
from .removal_count import removal_count
from .units import check_finite, expand_units, relevance_maps

ROAR_PERCENTS = (10, 30, 50, 70, 90)

Unit = Literal["pixel", "entry"]
Rule = Literal["rank", "nonzero"]
Replacement = Literal["dataset", "sample_mean", "channel_mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraining:
    """All that decides on which degraded samples models are trained anew; two numbers compare only under one."""

    name: str
    percents: tuple[int, ...] = ROAR_PERCENTS
    unit: Unit = "pixel"  # in images: a pixel with all its channels, or each entry of a channel by itself
    replacement: Replacement = "dataset"  # the data set's fill, the sample's own mean, or the mean of the training data
    rule: Rule = "rank"  # percent of the units, or of the units that the map does not call exactly zero
    keep: bool = False  # replace all others instead
    input_scale: float = 1.0  # maps are made of inputs and fill multiplied by this
    budget: Budget | None = None  # None: the budget of the explained model

    def __post_init__(self) -> None:
        for percent in self.percents:
            if not 0 < percent < 100:
                raise ValueError(f"percents must lie in 1 to 99, got {percent}")

    def degraded(
        self,
        samples: Samples,
        attributions: Tensor,
        modality: Modality,
        *,
        percent: int,
        channel_mean: Tensor | None = None,
        seed: int = 0,
    ) -> Samples:
        """The samples without their most relevant units.

        Args:
            samples: N samples, of the training or the test split.
            attributions: larger in absolute value is more relevant, shape (N, *F).
            modality: decides what one unit is: a pixel, a cell, a feature.
            percent: share of the units replaced, rounded up, in 1 to 99.
            channel_mean: what `mean_of_channels` gives for the training samples; asked for by that replacement alone.
            seed: of the order among equally relevant units.

        Returns:
            Samples that differ in their inputs alone.

        Raises:
            ValueError: attributions that are not finite, or not of the shape of the inputs, a percent out of range, no
                mean where it is needed, or samples of which some features may not be removed.
        """
        if samples.partly_removable:
            raise ValueError("all features must be removable to degrade samples, got some that may not be removed")
        if attributions.shape != samples.inputs.shape:
            shapes = f"{tuple(attributions.shape)} and inputs {tuple(samples.inputs.shape)}"
            raise ValueError(f"attributions {shapes} must have one shape")
        if not 0 < percent < 100:
            raise ValueError(f"percent must lie in 1 to 99, got {percent}")
        if self.replacement == "channel_mean" and channel_mean is None:
            raise ValueError("the replacement channel_mean needs the mean of the training samples")
        check_finite(attributions)
        parts = []
        for start in range(0, len(samples), 1024):
            part = samples[start : start + 1024]
            removed = self._removed(part, attributions[start : start + 1024], modality, percent, seed) ^ self.keep
            parts.append(torch.where(removed, self._values(part, modality, channel_mean), part.inputs))
        return replace(samples, inputs=torch.cat(parts))

    def _removed(self, part: Samples, attributions: Tensor, modality: Modality, percent: int, seed: int) -> Tensor:
        """Which features the most relevant units are made of, bool, shape (B, *F)."""
        shape = part.inputs.shape[1:]
        entries = self.unit == "entry" and modality is Modality.IMAGE
        maps = attributions.abs().flatten(1) if entries else relevance_maps(attributions, modality)
        if self.rule == "rank":
            chosen = relevance_ranks(maps, part.ids, seed=seed) < removal_count(maps.shape[1], percent)
        else:
            known = maps.masked_fill(maps == 0, torch.nan)
            limit = known.nanquantile(1 - percent / 100, dim=1, keepdim=True)  # NaN for a map of zeros: none is above
            chosen = maps > limit
        return chosen.view(-1, *shape) if entries else expand_units(chosen, shape, modality)

    def _values(self, part: Samples, modality: Modality, channel_mean: Tensor | None) -> Tensor:
        if self.replacement == "dataset":
            return part.fill
        if self.replacement == "channel_mean":
            assert channel_mean is not None
            return channel_mean.to(part.inputs).expand_as(part.inputs)
        dims = tuple(range(1, part.inputs.ndim))
        return part.inputs.mean(dim=dims, keepdim=True).expand_as(part.inputs)


def mean_of_channels(samples: Samples, modality: Modality) -> Tensor:
    """The mean over samples and places: of each channel of images or series, of each feature of tables, (1, *).

    Source:
        hooker2019benchmark, whose removed entries take the mean of their channel over the data set.
    """
    dims = {Modality.IMAGE: (0, 2, 3), Modality.SERIES: (0, 1)}.get(modality, (0,))
    return samples.inputs.mean(dim=dims, keepdim=True)


ROAR_SHARED = Retraining(name="roar")
ROAR_ENTRIES = Retraining(name="roar_entries", unit="entry", replacement="channel_mean")
ROAR_MEAN = Retraining(name="roar_mean", percents=(10, 20, 30, 40, 50, 60, 70, 80, 90), replacement="sample_mean")
KEEP = Retraining(name="keep", keep=True)
XCL_ROAR = Retraining(
    name="xcl_roar",
    percents=(20, 50, 80, 90),
    rule="nonzero",
    input_scale=255.0,
    budget=Budget(epochs=6, batch_size=30),
)
