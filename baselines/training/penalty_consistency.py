"""Consistency: samples of one class should be explained alike, the more so the more alike they are."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from ...datasets.base import Modality
from .penalty import ALL, Explained, Form, Penalty, rescaled

_SAME = 1e-6  # cosine distance of two inputs that cannot be told apart in single precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency(Penalty):
    """Over pairs of one class: cosine distance of their maps over cosine distance of their inputs.

    Published: pairs of one predicted class, maps rescaled to [0, 1], the sum over pairs divided by the batch size.
    Corrected: pairs of one true class, so that a mistake is not asked to be explained like what it was mistaken for;
    the signed maps, since after rescaling any two maps point the same way; the mean over pairs, since their number
    grows with the square of the batch; and a distance of inputs of at least `least_distance`, so that one near
    duplicate does not outweigh the batch.

    In both forms pairs of identical inputs, for which the ratio is undefined, are left out, and R is 0 where there is
    no pair. A constant map, rescaled, is at distance 1 from all others. Inputs are taken from their fill, which is
    the published 0 for images in [0, 1].

    Source:
        xaiconstrained.
    """

    modalities: ClassVar[frozenset[Modality]] = ALL

    form: Form = "published"
    least_distance: float = 0.05  # corrected form only

    def value(self, explained: Explained) -> Tensor:
        """R, at least 0."""
        batch, count = explained.batch, len(explained.batch)
        published = self.form == "published"
        maps = rescaled(explained.gradient)[0] if published else explained.gradient.flatten(1)
        classes = explained.logits.argmax(dim=1) if published else batch.targets
        between_inputs = _cosine_distances((batch.inputs - batch.fill).flatten(1))
        pairs = torch.ones_like(between_inputs, dtype=torch.bool).triu(diagonal=1)
        pairs &= (classes[:, None] == classes) & (between_inputs > _SAME)
        denominators = between_inputs if published else between_inputs.clamp(min=self.least_distance)
        ratios = torch.where(pairs, _cosine_distances(maps) / torch.where(pairs, denominators, 1), 0)
        return ratios.sum() / (count if published else pairs.sum().clamp(min=1))


def _cosine_distances(rows: Tensor) -> Tensor:
    """1 - cos of all pairs, shape (N, N), never in mixed precision; a row of zeros is at distance 1 from all others."""
    with torch.autocast(rows.device.type, enabled=False):
        units = normalize(rows, dim=1)
        return 1 - units @ units.T
