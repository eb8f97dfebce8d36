"""Rounding to significant digits: noise of sums goes, all else stays."""

import numpy as np
import pytest

from salbench.results.significant import significant


def test_sums_in_another_order_are_equal() -> None:
    assert (0.1 + 0.2) + 0.3 != 0.3 + 0.2 + 0.1
    first, second = significant(np.array([(0.1 + 0.2) + 0.3, 0.3 + 0.2 + 0.1]))
    assert first == second


@pytest.mark.parametrize("value", [0.0, -1.5, 1e-300, 123456789.25, 6.02e23, np.inf, -np.inf])
def test_numbers_stay_to_twelve_digits(value: float) -> None:
    assert significant(np.array([value])) == pytest.approx([value], rel=1e-12)


def test_nan_stays_and_close_numbers_stay_apart() -> None:
    assert np.isnan(significant(np.array([np.nan, 1.0]))).tolist() == [True, False]
    first, second = significant(np.array([1.0, 1.0 + 1e-11]))
    assert first < second
