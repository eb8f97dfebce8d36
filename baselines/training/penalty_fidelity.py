"""Fidelity: without what the map calls relevant, the prediction should change."""

from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor
from torch.nn.functional import cosine_similarity

from ...datasets.base import Modality
from .penalty import ALL, Explained, Form, Penalty, mean_where, rescaled
from .penalty_locality import shares_of_maximum


@dataclass(frozen=True, slots=True, kw_only=True)
class Fidelity(Penalty):
    """How much the logits still point the same way once each feature has been faded by its attribution.

    Published: max(0, mean |cos(f(x), f(x (1 - map)))| - 0.1) with the signed gradient, rescaled, as map; the mean is
    over the batch. The forward pass on faded inputs moves running statistics of batch normalization.
    Corrected: the map is the absolute gradient over its maximum, so that strong negative evidence is faded too; logits
    are centered first, since adding a number to all of them means nothing; the cosine keeps its sign, since a reversed
    prediction is not an unchanged one; each sample has a margin of its own; and running statistics stay.

    Samples with a map that cannot be rescaled are left out of the mean.

    Source:
        xaiconstrained. Departure: features fade to their fill, which is the published 0 for images in [0, 1].
    """

    modalities: ClassVar[frozenset[Modality]] = ALL
    extra_passes: ClassVar[int] = 3  # forward, backward to inputs and weights

    form: Form = "published"
    margin: float = 0.1  # similarity that costs nothing

    def value(self, explained: Explained) -> Tensor:
        """R in [0, 1 - margin]."""
        batch = explained.batch
        published = self.form == "published"
        maps, defined = (rescaled if published else shares_of_maximum)(explained.gradient)
        faded = batch.fill + (batch.inputs - batch.fill) * (1 - maps.view_as(batch.inputs))
        if published:
            similarities = cosine_similarity(explained.logits, explained.logits_at(faded)).abs()
            return (mean_where(similarities, defined) - self.margin).clamp(min=0)
        similarities = cosine_similarity(_centered(explained.logits), _centered(explained.logits_aside(faded)))
        return mean_where((similarities - self.margin).clamp(min=0), defined)


def _centered(logits: Tensor) -> Tensor:
    return logits - logits.mean(dim=1, keepdim=True)
