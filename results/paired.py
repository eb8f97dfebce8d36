"""Do two methods differ? A paired test, its correction for many metrics, and the size of the effect."""

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, wilcoxon

Array = NDArray[np.float64]
SIGNIFICANCE = 0.05
_EXACT = 200  # pairs up to which the null distribution is worked out instead of approximated


def signed_rank_p(differences: Array) -> float:
    """Two-sided p of the Wilcoxon signed-rank test: could the signs of paired differences be chance?

    Args:
        differences: one a pair, finite, shape (n,).

    Returns:
        p in (0, 1], exact up to 200 pairs also where differences are equal or zero; 1 if all are zero, or none given.

    Source:
        wilcoxon1945individual; zeros have ranks but no sign, as pratt1959remarks advises. The exact distribution is
        that of the given ranks under all 2^n equally likely signs, which ties do not disturb.
    """
    ranks, signs = _signed_ranks(differences)
    if not signs.any():
        return 1.0
    if len(ranks) > _EXACT:
        return float(wilcoxon(signs * ranks, zero_method="pratt").pvalue)
    steps = np.rint(2 * ranks[signs != 0]).astype(int)  # ties have halves
    chances = np.zeros(steps.sum() + 1)  # of each sum of the positive ranks
    chances[0] = 1.0
    for step in steps:
        moved = np.zeros_like(chances)
        moved[step:] = chances[: len(chances) - step]
        chances = (chances + moved) / 2
    positive = int(np.rint(2 * ranks[signs > 0].sum()))
    least = min(positive, steps.sum() - positive)
    return float(min(1.0, 2 * chances[: least + 1].sum()))


def smallest_p(pairs: int) -> float:
    """The least that `signed_rank_p` can be for this number of pairs, when all differences have one sign."""
    return float(min(1.0, 2.0 ** (1 - pairs)))


def fewest_pairs(tests: int, *, level: float = SIGNIFICANCE) -> int:
    """How many pairs a test must have for its smallest p to pass the level after a correction for so many tests."""
    return next(pairs for pairs in count(1) if smallest_p(pairs) * max(tests, 1) <= level)


def rank_biserial(differences: Array) -> float:
    """Matched-pairs rank-biserial correlation: the share of ranks above zero minus the share below, in [-1, 1].

    Source:
        kerby2014simple, the simple difference formula; ranks of zero differences count for neither side.
    """
    ranks, signs = _signed_ranks(differences)
    return float((signs * ranks).sum() / ranks.sum()) if len(ranks) else float("nan")


def holm(ps: Sequence[float]) -> list[float]:
    """Values of p, corrected so that the chance of any false difference stays at the level of each test.

    Args:
        ps: of all tests, each in [0, 1].

    Returns:
        The corrected values in the same order, each in [0, 1].

    Source:
        holm1979simple, as step-down adjusted values.
    """
    order = np.argsort(ps, kind="stable")
    factors = np.arange(len(ps), 0, -1)
    adjusted = np.minimum(1.0, np.maximum.accumulate(np.asarray(ps, dtype=np.float64)[order] * factors))
    corrected = np.empty(len(ps))
    corrected[order] = adjusted
    return [float(p) for p in corrected]


def out_of_reach(ps: Sequence[float], pairs: Sequence[int], *, level: float = SIGNIFICANCE) -> list[bool]:
    """Which tests have too few pairs to find any difference, however large, after the correction of `holm`?

    Args:
        ps: uncorrected, of all tests.
        pairs: behind each of them.
        level: that a corrected p must not pass.
    """
    unreachable = []
    for place, number in enumerate(pairs):
        best_case = [*ps[:place], smallest_p(number), *ps[place + 1 :]]
        unreachable.append(holm(best_case)[place] > level)
    return unreachable


def _signed_ranks(differences: Array) -> tuple[Array, Array]:
    """Ranks of the sizes, from 1, and the signs; sizes that differ by rounding only are equal."""
    values = np.asarray(differences, dtype=np.float64)
    largest = np.abs(values).max(initial=0.0)
    rounded = np.round(values / largest, 12) if largest > 0 else values
    return rankdata(np.abs(rounded)), np.sign(rounded)
