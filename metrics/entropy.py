"""Entropy: how many bits a map's grey levels take, as a measure of its clutter."""

from math import log

import torch
from torch import Tensor

from ..datasets.base import Modality
from .base import Family, Metric, Sign
from .units import in_chunks, on_removable

LEVELS = 256


def entropy(maps: Tensor) -> Tensor:
    """Shannon entropy of the histogram of grey levels.

    Absolute values are scaled to [0, 1] a sample and counted in 256 equal bins, the last one closed.

    Args:
        maps: shape (N, n), finite.

    Returns:
        Bits, shape (N,), in [0, 8]; lower is sparser. Not changed by a positive scale. NaN for a map whose absolute
        values are all equal, for it has no range to scale, and its single grey level is not sparseness; and for one
        with a value that is NaN or infinite.

    Source:
        xu2024scaat, table 1, which gives no formula: bits and 256 levels are inferred from the printed values, which
        no other base and no entropy of the normalized mass can reach.
    """
    return in_chunks(_entropy, maps)


def _entropy(maps: Tensor) -> Tensor:
    magnitudes = maps.abs().double()
    low, high = magnitudes.amin(dim=1, keepdim=True), magnitudes.amax(dim=1, keepdim=True)
    levels = ((magnitudes - low) / (high - low) * LEVELS).clamp(max=LEVELS - 1).nan_to_num().long()
    counts = magnitudes.new_zeros(len(maps), LEVELS).scatter_add_(1, levels, torch.ones_like(magnitudes))
    bits: Tensor = torch.special.entr(counts / maps.shape[1]).sum(dim=1) / log(2)
    return bits.masked_fill(~((high > low) & high.isfinite()).squeeze(1), torch.nan)


ENTROPY = Metric(
    name="entropy",
    version=1,
    score=lambda case: on_removable(entropy, case.removable, case.maps(Sign.ABSOLUTE)),
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, 8.0),
    unit="bits",
    family=Family.COMPLEXITY,
    modalities=frozenset(Modality) - {Modality.TEXT},  # 256 grey levels of twenty tokens count the tokens
    sign=Sign.ABSOLUTE,
    description="Shannon entropy of the map's 256 grey levels",
    reference="xu2024scaat",
)
