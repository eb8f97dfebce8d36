"""Entropy of the relevance mass: over how many units a map spreads, in bits, normalized, and with an offset."""

from collections.abc import Callable
from functools import partial
from math import log, log2

import torch
from torch import Tensor

from .base import Family, Metric, Sign
from .units import in_chunks, on_removable

OFFSET = 0.01


def mass_entropy(maps: Tensor) -> Tensor:
    """Shannon entropy of p = |map| / Σ|map|; 2 to this power is the number of units that a flat map would cover.

    Not the entropy of the grey levels (`entropy`), which is small for a flat map too.

    Args:
        maps: shape (N, n), finite.

    Returns:
        Bits, shape (N,), in [0, log₂ n]: 0 for one spike, log₂ n for a constant map; lower is sparser. Its range hangs
        on n. Not changed by a positive scale, however small. NaN for a map that is zero everywhere.

    Source:
        bhatt2020evaluating, complexity, in bits where they take the natural logarithm.
    """
    bits: Tensor = torch.special.entr(_shares(maps)).sum(dim=1) / log(2)
    return bits.clamp(max=log2(maps.shape[1]))


def mass_entropy_normalized(maps: Tensor) -> Tensor:
    """`mass_entropy` over its largest value log₂ n, so that inputs of several sizes compare.

    Returns:
        Shape (N,), in [0, 1]; lower is sparser. NaN for a map of zeros, and for a single unit, which has no range.
    """
    units = maps.shape[1]
    return mass_entropy(maps) / (log2(units) if units > 1 else torch.nan)


def complexity_xcl(maps: Tensor) -> Tensor:
    """-Σ p ln(p + 0.01) with p = |map| / Σ|map|; arguments and NaN as for `mass_entropy`.

    Returns:
        Nats, shape (N,): from -ln 1.01 for one spike to -ln(1/n + 0.01) < ln 100 for a constant map; lower is sparser.
        The offset hides what is spread over more than some hundred units.

    Source:
        The code of IPL-UV/xAI-constrained-losses, after the complexity of bhatt2020evaluating. Departure: a score for
        each sample, where that code keeps the last image of a shuffled test set.
    """
    shares = _shares(maps)
    return -(shares * (shares + OFFSET).log()).sum(dim=1)


def _shares(maps: Tensor) -> Tensor:
    magnitudes = maps.abs().double()
    magnitudes = magnitudes / magnitudes.amax(dim=1, keepdim=True)  # so that no sum underflows; 0/0 is the NaN
    return magnitudes / magnitudes.sum(dim=1, keepdim=True)


def _declare(
    name: str, measure: Callable[[Tensor], Tensor], bounds: tuple[float, float], unit: str, description: str
) -> Metric:
    return Metric(
        name=name,
        version=1,
        score=lambda case: on_removable(partial(in_chunks, measure), case.removable, case.maps(Sign.ABSOLUTE)),
        higher_is_better=False,
        across_models=True,
        bounds=bounds,
        unit=unit,
        family=Family.COMPLEXITY,
        sign=Sign.ABSOLUTE,
        description=description,
        reference="bhatt2020evaluating",
    )


MASS_ENTROPY = _declare(
    "mass_entropy", mass_entropy, (0.0, torch.inf), "bits", "Shannon entropy of the map's shares of relevance"
)
MASS_ENTROPY_NORMALIZED = _declare(
    "mass_entropy_normalized",
    mass_entropy_normalized,
    (0.0, 1.0),
    "share of the largest entropy",
    "Shannon entropy of the map's shares of relevance, over that of a constant map",
)
COMPLEXITY_XCL = _declare(
    "complexity_xcl",
    complexity_xcl,
    (-log(1 + OFFSET), -log(OFFSET)),
    "nats",
    "-Σ p ln(p + 0.01) of the map's shares of relevance p",
)
