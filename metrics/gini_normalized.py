"""Normalized Gini index: sparseness that compares between inputs of several sizes."""

import torch
from torch import Tensor

from .base import Family, Metric, Sign
from .gini import gini
from .units import on_removable


def gini_normalized(maps: Tensor) -> Tensor:
    """Gini index of the absolute values, over the 1 - 1/n that one spike has.

    Args:
        maps: shape (N, n), finite.

    Returns:
        Shape (N,), in [0, 1]: 0 for a flat map, 1 for one spike; higher is sparser. Not changed by a positive scale.
        NaN for a map that is zero everywhere, and for a single unit, which is flat and a spike at once.

    Source:
        chalasani2020concise, section 4; hurley2009comparing gives the largest value, 1 - 1/n.
    """
    units = maps.shape[1]
    largest = 1 - 1 / units if units > 1 else torch.nan
    return (gini(maps) / largest).clamp(min=0, max=1)


GINI_NORMALIZED = Metric(
    name="gini_normalized",
    version=1,
    score=lambda case: on_removable(gini_normalized, case.removable, case.maps(Sign.ABSOLUTE)),
    higher_is_better=True,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="share of the largest index",
    family=Family.COMPLEXITY,
    sign=Sign.ABSOLUTE,
    description="Gini index of the map's absolute values, over that of one spike",
    reference="hurley2009comparing",
)
