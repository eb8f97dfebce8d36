"""Smoothness: neighbors should have similar attributions."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ...datasets.base import Modality
from .penalty import ORDERED, Explained, Form, Penalty


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothness(Penalty):
    """Absolute differences of attributions along the rows and columns of an image, or along the time of a series.

    Published: pixels two apart, |g(r, c) - g(r - 2, c)| + |g(r, c) - g(r, c - 2)| averaged over all pixels, with zeros
    outside the image; the public code pads by one and then rolls by one, which makes two.
    Corrected: pixels next to each other, averaged over the pairs that there are, so that the border is not pulled
    towards zero.

    Source:
        xaiconstrained. Departure: the batch axis is never squeezed away, so that a batch of one works.
    """

    modalities: ClassVar[frozenset[Modality]] = ORDERED

    form: Form = "published"

    def value(self, explained: Explained) -> Tensor:
        """R, at least 0."""
        gradient = explained.gradient
        axes = (2, 3) if gradient.ndim == 4 else (1,)
        return torch.stack([self._along(gradient, axis) for axis in axes]).sum()

    def _along(self, gradient: Tensor, axis: int) -> Tensor:
        length = gradient.shape[axis]
        if self.form == "corrected":
            differences = gradient.diff(dim=axis)
            return differences.abs().sum() / max(differences.numel(), 1)
        outside = torch.zeros_like(gradient).narrow(axis, 0, min(2, length))
        before = torch.cat([outside, gradient.narrow(axis, 0, max(length - 2, 0))], dim=axis)
        return (gradient - before).abs().mean()
