"""Locality: attributions should lie where the image is bright."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from ...datasets.base import Modality
from .penalty import IMAGES, Explained, Form, Penalty, mean_where, rescaled


@dataclass(frozen=True, slots=True, kw_only=True)
class Locality(Penalty):
    """Cross entropy between the image in [0, 1], as target, and the map in [0, 1].

    Published: the map is the signed gradient rescaled, so that strong negative evidence counts as no evidence, and
    0.01 is added inside the logarithms, so that R can fall below 0.
    Corrected: the map is the absolute gradient over its maximum, held within [0.01, 0.99].

    Samples with a map that cannot be rescaled are left out of the mean.

    Source:
        xaiconstrained. Departure: images need not be given in [0, 1]; they are scaled by the range of the training
        samples, which for an image file's pixels comes to the same.
    """

    modalities: ClassVar[frozenset[Modality]] = IMAGES

    form: Form = "published"

    def value(self, explained: Explained) -> Tensor:
        """R; at least log(1 / 1.01) as published, at least 0 when corrected."""
        brightness = explained.brightness.flatten(1)
        if self.form == "published":
            maps, defined = rescaled(explained.gradient)
            inside, outside = (maps + 0.01).log(), (1 - maps + 0.01).log()
        else:
            maps, defined = shares_of_maximum(explained.gradient)
            maps = maps.clamp(0.01, 0.99)
            inside, outside = maps.log(), (1 - maps).log()
        losses = -(brightness * inside + (1 - brightness) * outside).mean(dim=1)
        return mean_where(losses, defined)


def shares_of_maximum(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Absolute maps over their maximum.

    Args:
        maps: shape (N, *F).

    Returns:
        The maps in [0, 1], flat, shape (N, n); and which of them are not zero everywhere, shape (N,).
    """
    sizes = maps.flatten(1).abs()
    highest = sizes.amax(dim=1, keepdim=True)
    defined = highest > 0
    return sizes / highest.where(defined, 1), defined[:, 0]
