"""Both divergences against scipy, and how they relate."""

from collections.abc import Callable
from math import log2

import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy
from torch import Tensor

from salbench.baselines.training.divergences import DIVERGENCES, half_jeffreys, jensen_shannon


@pytest.fixture
def logits() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    first, second = 3 * torch.randn(2, 6, 4, dtype=torch.float64, generator=generator)
    return first, second


def test_half_jeffreys_by_hand() -> None:
    """P = (3/4, 1/4) and Q = (1/4, 3/4): each direction is half of log2(3)."""
    first = torch.tensor([[0.75, 0.25]], dtype=torch.float64).log()
    assert half_jeffreys(first, first.flip(1)).item() == pytest.approx(log2(3) / 2)


def test_half_jeffreys_is_the_mean_of_both_relative_entropies(logits: tuple[Tensor, Tensor]) -> None:
    p, q = (part.softmax(dim=1).numpy() for part in logits)
    expected = (entropy(p, q, base=2, axis=1) + entropy(q, p, base=2, axis=1)) / 2
    torch.testing.assert_close(half_jeffreys(*logits), torch.from_numpy(expected))


def test_jensen_shannon_is_the_square_of_the_distance_in_scipy(logits: tuple[Tensor, Tensor]) -> None:
    p, q = (part.softmax(dim=1).numpy() for part in logits)
    torch.testing.assert_close(jensen_shannon(*logits), torch.from_numpy(jensenshannon(p, q, base=2, axis=1) ** 2))


def test_close_by_one_is_four_times_the_other(logits: tuple[Tensor, Tensor]) -> None:
    first, direction = logits
    second = first + 1e-3 * direction
    ratios = half_jeffreys(first, second) / jensen_shannon(first, second)
    torch.testing.assert_close(ratios, torch.full_like(ratios, 4), rtol=1e-3, atol=0)


def test_only_jensen_shannon_is_bounded() -> None:
    first = torch.tensor([[60.0, 0.0]])
    assert jensen_shannon(first, first.flip(1)).item() == pytest.approx(1)
    assert half_jeffreys(first, first.flip(1)).item() == pytest.approx(60 * log2(torch.e))


@pytest.mark.parametrize("divergence", DIVERGENCES.values(), ids=DIVERGENCES)
class TestBoth:
    def test_it_has_no_gradient_where_both_agree(self, divergence: Callable[[Tensor, Tensor], Tensor]) -> None:
        first = torch.randn(5, 3, dtype=torch.float64, requires_grad=True)
        (slope,) = torch.autograd.grad(divergence(first, first.detach()).sum(), first)
        assert slope.abs().max() < 1e-15

    def test_its_gradient_is_right(
        self, divergence: Callable[[Tensor, Tensor], Tensor], logits: tuple[Tensor, Tensor]
    ) -> None:
        first, second = (part.requires_grad_() for part in logits)
        assert torch.autograd.gradcheck(divergence, (first, second))

    def test_coarse_logits_are_compared_in_single_precision(
        self, divergence: Callable[[Tensor, Tensor], Tensor], logits: tuple[Tensor, Tensor]
    ) -> None:
        first, second = logits[0].bfloat16(), (logits[0] + 0.03 * logits[1]).bfloat16()
        assert torch.equal(divergence(first, second), divergence(first.float(), second.float()))

    def test_certain_predictions_stay_finite(self, divergence: Callable[[Tensor, Tensor], Tensor]) -> None:
        first = torch.tensor([[300.0, 0.0, -300.0]], requires_grad=True)
        value = divergence(first, first.detach().flip(1)).sum()
        (slope,) = torch.autograd.grad(value, first)
        assert value.isfinite()
        assert slope.isfinite().all()
