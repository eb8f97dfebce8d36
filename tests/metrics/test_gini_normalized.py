import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from salbench.metrics.gini_normalized import gini_normalized


def test_index_by_hand() -> None:
    maps = torch.tensor([[0.0, 0.0, 0.0, -1.0], [1.0, 1.0, 1.0, 1.0], [4.0, -2.0, 3.0, 1.0]])
    assert gini_normalized(maps).tolist() == pytest.approx([1.0, 0.0, 1 / 3])


@pytest.mark.parametrize("units", [2, 3, 64, 1000])
def test_one_spike_has_one_for_any_number_of_units(units: int) -> None:
    assert gini_normalized(torch.eye(units)[:1]).item() == pytest.approx(1.0, abs=1e-12)


def test_zeros_and_a_single_unit_are_nan() -> None:
    assert gini_normalized(torch.zeros(1, 4)).isnan().all()
    assert gini_normalized(torch.tensor([[-3.0]])).isnan().all()


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_a_positive_scale_changes_nothing(scale: float) -> None:
    maps = torch.randn(5, 100, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(gini_normalized(maps * scale), gini_normalized(maps))


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=20).filter(any))
def test_it_stays_in_bounds(values: list[int]) -> None:
    assert 0 <= gini_normalized(torch.tensor([values]).double()).item() <= 1
