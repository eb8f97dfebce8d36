from math import log

import pytest
import scipy.stats
import torch
from hypothesis import given
from hypothesis import strategies as st

from salbench.metrics.mass_entropy import complexity_xcl, mass_entropy, mass_entropy_normalized

MEASURES = (mass_entropy, mass_entropy_normalized, complexity_xcl)


def test_values_by_hand() -> None:
    maps = torch.tensor([[2.0, -1.0, 1.0, 0.0]])  # p = 1/2, 1/4, 1/4, 0
    assert mass_entropy(maps).tolist() == pytest.approx([1.5])
    assert mass_entropy_normalized(maps).tolist() == pytest.approx([0.75])
    assert complexity_xcl(maps).tolist() == pytest.approx([-0.5 * log(0.51) - 0.5 * log(0.26)])


def test_a_spike_is_least_and_a_constant_map_most() -> None:
    spike, flat = torch.eye(8)[:1] * -5, torch.full((1, 8), -3.0)
    assert mass_entropy(spike).tolist() == [0.0]
    assert mass_entropy(flat).tolist() == pytest.approx([3.0])
    assert mass_entropy_normalized(flat).tolist() == pytest.approx([1.0])
    assert complexity_xcl(spike).tolist() == pytest.approx([-log(1.01)])
    assert complexity_xcl(flat).tolist() == pytest.approx([-log(1 / 8 + 0.01)])


def test_a_map_of_zeros_is_nan() -> None:
    for measure in MEASURES:
        scores = measure(torch.tensor([[0.0, 0.0], [0.0, 1.0]]))
        assert scores.isnan().tolist() == [True, False]


def test_one_unit_is_a_spike_without_a_range() -> None:
    assert mass_entropy(torch.tensor([[-3.0]])).tolist() == [0.0]
    assert mass_entropy_normalized(torch.tensor([[-3.0]])).isnan().all()


def test_equals_scipy() -> None:
    maps = torch.randn(20, 300, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = scipy.stats.entropy(maps.abs().numpy(), base=2, axis=1)
    torch.testing.assert_close(mass_entropy(maps), torch.from_numpy(expected), rtol=0, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_neither_scale_nor_order_changes_anything(scale: float) -> None:
    maps = torch.randn(5, 100, generator=torch.Generator().manual_seed(0))
    for measure in MEASURES:
        torch.testing.assert_close(measure(maps * scale), measure(maps))
        torch.testing.assert_close(measure(maps.flip(0)).flip(0), measure(maps), rtol=0, atol=1e-12)
        torch.testing.assert_close(measure(maps[2:3]), measure(maps)[2:3], rtol=0, atol=1e-12)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=20).filter(any))
def test_all_stay_in_bounds(values: list[int]) -> None:
    maps = torch.tensor([values]).double()
    assert mass_entropy(maps).item() >= 0
    assert 0 <= mass_entropy_normalized(maps).item() <= 1
    assert -log(1.01) - 1e-12 <= complexity_xcl(maps).item() <= -log(1 / len(values) + 0.01) + 1e-12


def test_half_precision_is_summed_in_double() -> None:
    assert mass_entropy_normalized(torch.full((1, 100_000), 1.0, dtype=torch.float16)).item() == pytest.approx(1.0)
