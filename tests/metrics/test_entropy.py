import numpy as np
import pytest
import scipy.stats
import torch

from salbench.metrics import entropy


def test_bits_by_hand() -> None:
    assert entropy(torch.tensor([[0.0, 0.0, 5.0, 5.0]])).item() == pytest.approx(1.0)
    assert entropy(torch.tensor([[0.0, 0.3, -0.6, 1.0]])).item() == pytest.approx(2.0)
    assert entropy(torch.tensor([[0.0, 0.0, 0.0, -2.0]])).item() == pytest.approx(0.811278, abs=1e-6)


def test_all_levels_once_take_eight_bits() -> None:
    assert entropy(torch.arange(256.0)[None]).item() == pytest.approx(8.0)


def test_a_map_without_a_range_is_nan() -> None:
    assert entropy(torch.zeros(1, 4)).isnan().all()
    assert entropy(torch.tensor([[2.0, -2.0, 2.0]])).isnan().all()
    assert entropy(torch.ones(1, 1)).isnan().all()


def test_equals_scipy_on_the_numpy_histogram() -> None:
    maps = torch.randn(20, 784, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for scores, bits in zip(maps.abs().numpy(), entropy(maps).tolist(), strict=True):
        scaled = (scores - scores.min()) / (scores.max() - scores.min())
        counts, _ = np.histogram(scaled, bins=256, range=(0.0, 1.0))
        assert bits == pytest.approx(scipy.stats.entropy(counts, base=2), abs=1e-12)


@pytest.mark.parametrize("scale", [2.0**40, 2.0**-60, 1e-12])
def test_a_positive_scale_changes_nothing(scale: float) -> None:
    maps = torch.randn(5, 100, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(entropy(maps * scale), entropy(maps))


def test_a_degenerate_sample_does_not_disturb_the_others() -> None:
    maps = torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    assert entropy(maps)[0].isnan()
    assert entropy(maps)[1] == 1.0


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_map_that_is_not_finite_has_none(bad: float) -> None:
    assert entropy(torch.tensor([[bad, 1.0, 2.0, 3.0]])).isnan().all()
