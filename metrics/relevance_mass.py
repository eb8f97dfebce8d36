"""Relevance mass accuracy: how much of the relevance lies in the evidence."""

from torch import Tensor

from .base import Family, Metric, Need, Sign
from .masked import magnitudes_of, masked_scores
from .units import on_removable


def relevance_mass(maps: Tensor, masks: Tensor) -> Tensor:
    """Sum of |map| inside the mask over its sum everywhere.

    Args:
        maps: shape (N, n), finite.
        masks: which units are evidence, bool, shape (N, n).

    Returns:
        Shape (N,), in [0, 1]; higher is better. A constant map has the share of the units in the mask, and so has a
        random map on average. Not changed by a positive scale. NaN for an empty mask and for a map of zeros.

    Raises:
        ValueError: maps and masks of two shapes.

    Source:
        arras2022clevr. Departure: channels are pooled as everywhere here, by the absolute value of their mean, where
        they compare several ways, such as the squared norm.
    """
    return masked_scores(_relevance_mass, maps, masks)


def _relevance_mass(maps: Tensor, masks: Tensor) -> Tensor:
    magnitudes = magnitudes_of(maps)
    total = magnitudes.sum(dim=1)
    return total.minimum((magnitudes * masks).sum(dim=1)) / total  # two orders of one sum may differ in the last bit


RELEVANCE_MASS = Metric(
    name="relevance_mass",
    version=1,
    score=lambda case: on_removable(relevance_mass, case.removable, case.maps(Sign.ABSOLUTE), case.masks),
    higher_is_better=True,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="share of relevance",
    family=Family.LOCALIZATION,
    needs=frozenset({Need.MASKS}),
    sign=Sign.ABSOLUTE,
    description="share of the relevance that lies in the evidence",
    reference="arras2022clevr",
)
