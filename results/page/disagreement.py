"""The inputs on which saliency methods disagree most: there, whom one asks decides what one is told."""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor

Array = NDArray[np.float64]


def rank_agreement(maps: Mapping[str, Tensor]) -> tuple[list[tuple[str, str]], Array]:
    """Spearman's rank correlation between the maps of each two methods, for each sample.

    Args:
        maps: one number a unit by the method's name, shape (N, n) each; the absolute values are ranked, because some
            methods have no signs.

    Returns:
        The pairs of names, and the correlations, shape (pairs, N), in [-1, 1]; NaN where a map has one value
        everywhere.
    """
    ranks = {}
    for name, units in maps.items():
        ranked = rankdata(units.abs().double().numpy(), axis=1)
        centered = ranked - ranked.mean(axis=1, keepdims=True)
        length = np.linalg.norm(centered, axis=1, keepdims=True)
        ranks[name] = np.divide(centered, length, out=np.full_like(centered, np.nan), where=length > 0)
    pairs = list(combinations(maps, 2))
    samples = len(next(iter(maps.values()))) if maps else 0
    found = [np.einsum("ij,ij->i", ranks[one], ranks[other]) for one, other in pairs]
    return pairs, np.array(found).reshape(len(pairs), samples)


def most_disputed(agreement: Array, count: int) -> tuple[list[int], Array]:
    """The samples with the lowest mean agreement.

    Args:
        agreement: shape (pairs, N), as `rank_agreement` gives it.
        count: how many samples.

    Returns:
        Their places, the most disputed first, and the mean agreement of all samples, shape (N,); samples without any
        are NaN and never chosen.
    """
    defined = np.isfinite(agreement)
    sums, counts = np.where(defined, agreement, 0.0).sum(axis=0), defined.sum(axis=0)
    means = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    order = np.argsort(means, kind="stable")[: min(count, int((counts > 0).sum()))]
    return order.tolist(), means
