"""Precision and recall of a map against the ground-truth evidence, weighted by the relevance itself."""

from enum import StrEnum
from typing import NamedTuple

import torch
from torch import Tensor

from ..datasets.randomness import uniform
from .protocol import TENTHS
from .ranking import relevance_order


class Rule(StrEnum):
    """Which units are called positive at p %: a share of the units, or of the relevance."""

    COUNT = "count"  # the top p % of the units, rounded up
    MASS = "mass"  # the fewest top units that hold p % of the relevance


class PrecisionRecall(NamedTuple):
    """Both measures at 10, 20, …, 90 %."""

    precision: Tensor  # (N, 9)
    recall: Tensor  # (N, 9)


def precision_recall(maps: Tensor, masks: Tensor, ids: Tensor, *, rule: Rule, seed: int) -> PrecisionRecall:
    """Weighted precision TP / (TP + FP) and recall TP / (TP + FN) of the units called positive.

    Each unit weighs its relevance s, the absolute value scaled to [0, 1] within its sample, so the least relevant
    unit weighs nothing.

    Args:
        maps: shape (N, n), finite.
        masks: which units are evidence, bool, shape (N, n).
        ids: sample ids, shape (N,).
        rule: which units are called positive.
        seed: of the order among equally relevant units.

    Returns:
        In [0, 1]. NaN at all points of a sample whose map is constant (0/0 in the scaling) or whose mask is empty,
        and for recall if every evidence unit weighs 0.

    Raises:
        ValueError: maps and masks of two shapes.

    Source:
        ismail2020benchmarking, section 3, and their code for the rule `mass`; ismail2021improving for `count`, which
        its printed differences imply. Departure: they give an empty mask the precision 0.
    """
    if maps.shape != masks.shape:
        raise ValueError(f"maps {tuple(maps.shape)} and masks {tuple(masks.shape)} must have one shape")
    order = relevance_order(maps, ids, seed=seed)
    weights = _rescaled(maps).gather(1, order)
    mass = weights.cumsum(dim=1)  # (N, n), TP + FP of the top k at k - 1
    found = (weights * masks.gather(1, order)).cumsum(dim=1)  # TP
    if rule is Rule.COUNT:
        last = torch.tensor([_top_count(maps.shape[1], percent) - 1 for percent in TENTHS], device=maps.device)
        last = last.expand(len(maps), -1)
    else:
        shares = torch.tensor(TENTHS, device=maps.device) * mass[:, -1:]
        exact = shares * (1 - 1e-12)  # a share that is hit exactly is reached, whatever the rounding of the sums
        last = torch.searchsorted(100 * mass, exact).clamp(max=maps.shape[1] - 1)
    found_at = found.gather(1, last)
    precision = found_at / mass.gather(1, last)
    recall = found_at / found[:, -1:]
    return PrecisionRecall(precision.masked_fill(~masks.any(dim=1, keepdim=True), torch.nan), recall)


def area(points: Tensor) -> Tensor:
    """Trapezoid of nine points (N, 9) with spacing 0.1, shape (N,): an integral of length 0.8, so at most 0.8."""
    return torch.trapezoid(points, dx=0.1, dim=1)


def random_scores(maps: Tensor, ids: Tensor, *, seed: int) -> Tensor:
    """Uniform numbers in the shape of the maps, from (seed, id): the ranking that knows nothing."""
    return uniform(ids, maps.shape[1:], seed=seed, purpose="random ranking").to(maps.device)


def _top_count(units: int, percent: int) -> int:
    return -(-units * percent // 100)


def _rescaled(maps: Tensor) -> Tensor:
    magnitudes = maps.abs().double()
    low, high = magnitudes.amin(dim=1, keepdim=True), magnitudes.amax(dim=1, keepdim=True)
    return (magnitudes - low) / (high - low)
