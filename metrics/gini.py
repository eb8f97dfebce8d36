"""Gini index: how unequally a map shares its relevance, as a measure of sparseness."""

import torch
from torch import Tensor

from .base import Family, Metric, Sign
from .units import in_chunks, on_removable


def gini(maps: Tensor) -> Tensor:
    """Gini index of the absolute values.

    Args:
        maps: shape (N, n), finite.

    Returns:
        Shape (N,), in [0, 1 - 1/n]: 0 for a flat map, the maximum for one spike; higher is sparser. Not changed by a
        positive scale, however small. NaN for a map that is zero everywhere.

    Source:
        chalasani2020concise, section 4, in the equal form Σ (2i - n - 1) aᵢ / (n Σ aᵢ) over ascending aᵢ = |map|,
        summed in double precision. No offset is added, unlike in Quantus, which makes small maps look flat.
    """
    return in_chunks(_gini, maps)


def _gini(maps: Tensor) -> Tensor:
    magnitudes = maps.abs().double()
    magnitudes = magnitudes / magnitudes.amax(dim=1, keepdim=True)  # so that no sum underflows; 0/0 is the NaN
    units = magnitudes.shape[1]
    weights = 2 * torch.arange(1, units + 1, device=maps.device, dtype=torch.float64) - units - 1
    return magnitudes.sort(dim=1).values @ weights / (units * magnitudes.sum(dim=1))


GINI = Metric(
    name="gini",
    version=1,
    score=lambda case: on_removable(gini, case.removable, case.maps(Sign.ABSOLUTE)),
    higher_is_better=True,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="share",
    family=Family.COMPLEXITY,
    sign=Sign.ABSOLUTE,
    description="Gini index of the map's absolute values",
    reference="chalasani2020concise",
)
