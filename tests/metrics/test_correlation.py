import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr, rankdata

from salbench.metrics.correlation import average_ranks, pearson

ROWS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=20)


def test_correlation_by_hand() -> None:
    first = torch.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [1.0, 0.0, 0.0]])
    second = torch.tensor([[2.0, 4.0, 6.0], [5.0, 3.0, 1.0], [0.0, 1.0, 0.0]])
    assert pearson(first, second).tolist() == pytest.approx([1.0, -1.0, -0.5])


def test_a_constant_row_a_single_number_and_a_nan_are_nan() -> None:
    values = torch.tensor([[1.0, 2.0, 3.0]])
    tenths = torch.tensor([[0.1 + 0.2, 0.3, 0.3]], dtype=torch.float64)  # equal but for the rounding
    for constant in (torch.zeros(1, 3), torch.full((1, 3), 0.1), tenths, torch.tensor([[1.0, torch.nan, 2.0]])):
        assert pearson(values, constant).isnan().all()
        assert pearson(constant, values).isnan().all()
    assert pearson(values[:, :1], values[:, :1]).isnan().all()


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(1, 3\).*\(1, 2\)"):
        pearson(torch.ones(1, 3), torch.ones(1, 2))


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_a_scale_changes_nothing_however_extreme(scale: float) -> None:
    first, second = torch.randn(2, 5, 9, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(pearson(first * scale, second), pearson(first, second))


@given(ROWS.filter(lambda row: all(len(set(side)) > 1 for side in zip(*row, strict=True))))
def test_equals_scipy(row: list[tuple[int, int]]) -> None:
    first, second = np.array(row, dtype=float).T
    found = pearson(torch.tensor(first)[None], torch.tensor(second)[None]).item()
    assert found == pytest.approx(pearsonr(first, second).statistic, abs=1e-9)


@given(ROWS)
def test_ranks_equal_those_of_scipy(row: list[tuple[int, int]]) -> None:
    values = np.array(row, dtype=float).T
    assert average_ranks(torch.tensor(values)).numpy() == pytest.approx(rankdata(values, axis=1) - 1)
