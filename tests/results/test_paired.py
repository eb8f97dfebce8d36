"""Paired tests: by hand, against enumeration and scipy, and by how often they are wrong where nothing differs."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import rankdata, wilcoxon

from salbench.results.paired import (
    Array,
    fewest_pairs,
    holm,
    out_of_reach,
    rank_biserial,
    signed_rank_p,
    smallest_p,
)


def enumerated(differences: Array) -> float:
    """The same p by writing out all signs."""
    ranks, signs = rankdata(np.abs(differences)), np.sign(differences)
    ranks = ranks[signs != 0]
    found = abs(float((rankdata(np.abs(differences)) * signs).sum()))
    sums = [abs(float(np.dot(flip, ranks))) for flip in product((-1, 1), repeat=len(ranks))]
    return float(np.mean([total >= found - 1e-9 for total in sums]))


def test_p_by_hand() -> None:
    # All of five positive: 2 of 32 sign patterns are as extreme. One rank of five negative: 2 × (1 + 1) / 32.
    assert signed_rank_p(np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == pytest.approx(2 / 32)
    assert signed_rank_p(np.array([-1.0, 2.0, 3.0, 4.0, 5.0])) == pytest.approx(4 / 32)


@pytest.mark.parametrize("size", [4, 9, 20, 60])
def test_p_agrees_with_scipy_without_ties(size: int) -> None:
    differences = np.random.default_rng(size).normal(0.3, 1.0, size)
    assert signed_rank_p(differences) == pytest.approx(wilcoxon(differences, method="exact").pvalue)


def test_p_is_exact_with_ties_and_zeros() -> None:
    generator = np.random.default_rng(0)
    for size in (3, 6, 9):
        differences = generator.integers(-2, 4, size).astype(np.float64)
        if differences.any():
            assert signed_rank_p(differences) == pytest.approx(enumerated(differences))


def test_many_pairs_are_approximated_without_a_step() -> None:
    differences = np.random.default_rng(0).normal(0.12, 1.0, 201)
    approximate, exact = signed_rank_p(differences), wilcoxon(differences, method="exact").pvalue
    assert approximate == pytest.approx(exact, rel=0.02)


def test_nothing_differs_p_is_one() -> None:
    assert signed_rank_p(np.zeros(7)) == 1.0
    assert signed_rank_p(np.array([])) == 1.0


def test_rounding_makes_no_order() -> None:
    differences = np.array([0.1 + 0.2, 0.3, -0.3, 0.3])  # one size, three signs positive
    assert signed_rank_p(differences) == signed_rank_p(np.array([1.0, 1.0, -1.0, 1.0]))


def test_false_alarms_are_as_rare_as_promised() -> None:
    generator = np.random.default_rng(0)
    found = [signed_rank_p(generator.standard_normal(10)) <= 0.05 for _ in range(500)]
    assert np.mean(found) <= 0.07


def test_smallest_p_is_reached_and_never_passed() -> None:
    for size in range(1, 12):
        assert signed_rank_p(np.arange(1.0, size + 1)) == pytest.approx(smallest_p(size))


def test_rank_biserial_by_hand() -> None:
    assert rank_biserial(np.array([1.0, 2.0, 3.0])) == 1.0
    assert rank_biserial(np.array([-1.0, 2.0, 3.0])) == pytest.approx((5 - 1) / 6)
    assert rank_biserial(np.array([0.0, 0.0])) == 0.0
    assert rank_biserial(np.array([0.0, 2.0, -3.0])) == pytest.approx((2 - 3) / 6)
    assert np.isnan(rank_biserial(np.array([])))


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.03, 0.04, 0.2 times 4, 3, 2, 1: 0.04, 0.09, 0.08 raised to 0.09, 0.2.
    assert holm([0.04, 0.01, 0.2, 0.03]) == pytest.approx([0.09, 0.04, 0.2, 0.09])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_never_lowers_and_keeps_the_order() -> None:
    ps = np.random.default_rng(0).random(20)
    corrected = np.array(holm(list(ps)))
    assert (corrected >= ps).all()
    assert (np.diff(corrected[np.argsort(ps)]) >= 0).all()


def test_out_of_reach_asks_for_the_best_case() -> None:
    # Alone, six pairs can reach 1/32; beside a second test that is not smaller, they cannot.
    assert out_of_reach([0.9], [5]) == [True]
    assert out_of_reach([0.9], [6]) == [False]
    assert out_of_reach([0.9, 0.9], [6, 6]) == [True, True]
    assert out_of_reach([0.9, 0.001], [6, 20]) == [False, False]


def test_fewest_pairs_by_hand() -> None:
    assert [fewest_pairs(tests) for tests in (0, 1, 2, 10)] == [6, 6, 7, 9]  # 2^-5, 2^-6 × 2, 2^-8 × 10


def test_rank_biserial_is_the_signed_rank_statistic_on_another_scale() -> None:
    differences = np.random.default_rng(1).normal(0.4, 1.0, 23)  # no ties: scipy's is the smaller of the two sums
    total = 23 * 24 / 2
    assert abs(rank_biserial(differences)) == pytest.approx(1 - 2 * wilcoxon(differences).statistic / total)


def test_holm_keeps_the_chance_of_any_false_difference() -> None:
    """2,000 families of five tests without a difference: one in twenty may have a finding; uncorrected, one in four."""
    ps = np.random.default_rng(2).random((2_000, 5))
    assert np.mean([min(holm(list(row))) <= 0.05 for row in ps]) == pytest.approx(0.05, abs=0.015)
    assert np.mean(ps.min(axis=1) <= 0.05) > 0.2


def test_holm_finds_more_than_bonferroni_and_no_more_than_no_correction() -> None:
    ps = np.random.default_rng(3).random(8) ** 3
    corrected = np.array(holm(list(ps)))
    assert (corrected <= np.minimum(1.0, 8 * ps) + 1e-12).all()
    assert corrected.min() == pytest.approx(min(1.0, 8 * ps.min()))


def test_a_real_difference_is_found_as_often_as_by_scipy() -> None:
    rows = np.random.default_rng(4).normal(0.8, 1.0, (300, 12))
    ours = [signed_rank_p(row) <= 0.05 for row in rows]
    theirs = [wilcoxon(row, method="exact").pvalue <= 0.05 for row in rows]
    assert ours == theirs
    assert np.mean(ours) > 0.5
