"""Random numbers of a sample depend on nothing but the sample, the seed and the purpose."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from salbench.datasets.randomness import normal, stream, uniform


@settings(deadline=None)
@given(st.permutations(range(6)), st.integers(0, 5))
def test_order_and_batch_size_do_not_matter(order: list[int], size: int) -> None:
    everything = normal(torch.arange(6), (3,), seed=1, purpose="test")
    some = torch.tensor(order[:size], dtype=torch.int64)
    assert torch.equal(normal(some, (3,), seed=1, purpose="test"), everything[some])


def test_seeds_and_purposes_are_independent() -> None:
    ids = torch.arange(2000)
    draws = [uniform(ids, (), seed=seed, purpose=purpose) for seed, purpose in ((0, "a"), (1, "a"), (0, "b"))]
    correlations = torch.corrcoef(torch.stack(draws)) - torch.eye(3)
    assert correlations.abs().max() < 0.08


def test_the_distributions() -> None:
    ids = torch.arange(100)
    flat, bell = (draw(ids, (200,), seed=0, purpose="test") for draw in (uniform, normal))
    assert 0 <= flat.min() < 0.01
    assert 0.99 < flat.max() < 1
    assert (flat.mean().item(), bell.mean().item(), bell.std().item()) == pytest.approx((0.5, 0, 1), abs=0.02)


def test_numbers_stay_as_they_are() -> None:
    sample = torch.tensor([3])
    flat, bell = (draw(sample, (2,), seed=0, purpose="test")[0].tolist() for draw in (uniform, normal))
    assert flat == pytest.approx([0.26441, 0.61613], abs=1e-5)
    assert bell == pytest.approx([0.50533, 0.4317], abs=1e-5)


def test_a_stream_gives_any_other_draw() -> None:
    assert stream("test", 0, 3).integers(1 << 16, size=2).tolist() == [17328, 40378]
