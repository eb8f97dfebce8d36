import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from salbench.metrics import gini


def test_index_by_hand() -> None:
    maps = torch.tensor([[0.0, 0.0, 0.0, -1.0], [1.0, 1.0, 1.0, 1.0], [4.0, -2.0, 3.0, 1.0]])
    assert gini(maps).tolist() == pytest.approx([0.75, 0.0, 0.25])


def test_a_map_of_zeros_is_nan_and_one_feature_is_flat() -> None:
    assert gini(torch.zeros(1, 4)).isnan().all()
    assert gini(torch.tensor([[-3.0]])).tolist() == [0.0]


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_a_positive_scale_changes_nothing(scale: float) -> None:
    one_spike = torch.zeros(1, 64)
    one_spike[0, 5] = 1.0
    assert gini(one_spike * scale).item() == pytest.approx(63 / 64)
    maps = torch.randn(5, 100, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(gini(maps * scale), gini(maps))


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=20).filter(any))
def test_equals_the_other_form_of_the_formula(values: list[int]) -> None:
    ascending, count = np.sort(np.abs(np.array(values, dtype=float))), len(values)
    places = count - np.arange(1, count + 1) + 0.5
    expected = 1 - 2 * (ascending / ascending.sum() * places / count).sum()
    assert gini(torch.tensor([values]).double()).item() == pytest.approx(expected, abs=1e-12)


def test_half_precision_is_summed_in_double() -> None:
    maps = torch.full((1, 100_000), 1.0, dtype=torch.float16)
    assert gini(maps).item() == pytest.approx(0.0, abs=1e-9)
