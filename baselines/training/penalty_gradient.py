"""Gradient penalty: attributions should be small, and many of them zero."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ...datasets.base import Modality
from .penalty import ALL, Explained, Penalty


@dataclass(frozen=True, slots=True, kw_only=True)
class InputGradient(Penalty):
    """Mean of |g| over the batch and all features.

    It has one form only: the published one has no defect but that its size goes down with the number of features,
    which is the weight's to mend.

    Source:
        xaiconstrained, "vanilla gradient regularization".
    """

    modalities: ClassVar[frozenset[Modality]] = ALL

    def value(self, explained: Explained) -> Tensor:
        """R, at least 0."""
        return explained.gradient.abs().mean()
