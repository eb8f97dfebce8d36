"""Symmetry: the map of a turned image should be the turned map of the image."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from ...datasets.base import Modality
from .penalty import IMAGES, Explained, Form, Penalty
from .rotation import rotate

TRAINING_ANGLES = (5.0, 10.0, 15.0, 20.0)
MEASURING_ANGLES = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0)  # of the published measurement on trained models


@dataclass(frozen=True, slots=True, kw_only=True)
class Symmetry(Penalty):
    """Mean over the batch of 1 - |cos(g at rotate(x), rotate(g at x))|, with one angle drawn for the batch.

    Published: the absolute cosine, which does not see a map that turns into its own negative, over all pixels, also
    those that came from outside the image.
    Corrected: the cosine itself, over the pixels that came from inside; and the second forward pass leaves running
    statistics of batch normalization alone.

    A map that is zero everywhere has cosine 0, so its sample counts as 1. An angle that moves no pixel by half its
    width costs nothing: 5 degrees do nothing to an image of less than 12 pixels.

    Source:
        xaiconstrained: nearest neighbors, zeros outside. Departure: what comes from outside an image is its fill, which
        is the published 0 for images in [0, 1].
    """

    modalities: ClassVar[frozenset[Modality]] = IMAGES
    extra_passes: ClassVar[int] = 4  # forward, backward to the inputs, and once more backward through that

    form: Form = "published"
    angles: tuple[float, ...] = TRAINING_ANGLES  # degrees, counter-clockwise

    def __post_init__(self) -> None:
        Penalty.__post_init__(self)
        if not self.angles:
            raise ValueError("angles must hold at least one number of degrees, got ()")

    def value(self, explained: Explained) -> Tensor:
        """R, in [0, 1] as published and in [0, 2] when corrected."""
        batch, generator = explained.batch, explained.generator
        drawn = int(torch.randint(len(self.angles), (), generator=generator, device=generator.device))
        degrees = self.angles[drawn]
        turned = (batch.fill + rotate(batch.inputs - batch.fill, degrees)).detach().requires_grad_()
        expected = rotate(explained.gradient, degrees)
        published = self.form == "published"
        logits = (explained.logits_at if published else explained.logits_aside)(turned)
        found = explained.explain(logits, turned)
        if published:
            return (1 - cosine_similarity(found.flatten(1), expected.flatten(1)).abs()).mean()
        inside = rotate(torch.ones_like(expected), degrees)
        return (1 - cosine_similarity((found * inside).flatten(1), expected.flatten(1))).mean()
