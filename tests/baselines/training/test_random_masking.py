"""Fine-tuning on random masks: how much goes, and with which neighbors."""

import pytest
import torch

from salbench.baselines.training import RandomMasking, Regular
from salbench.datasets import Budget, Samples


def ones(*shape: int) -> Samples:
    inputs = torch.ones(200, *shape)
    return Samples(
        inputs=inputs, targets=torch.zeros(200).long(), ids=torch.arange(200), fill=torch.zeros(1).expand_as(inputs)
    )


def test_shares_are_uniform_up_to_the_bound() -> None:
    masked = RandomMasking(masked_fraction=0.4).mask(ones(1000), torch.Generator().manual_seed(0))
    shares = 1 - masked.mean(dim=1)
    assert shares.max() <= 0.4
    assert shares.mean().item() == pytest.approx(0.2, abs=0.02)
    assert shares.std().item() == pytest.approx(0.4 / 12**0.5, abs=0.02)


@pytest.mark.parametrize(("features", "most"), [(5, 1), (19, 1), (20, 2)])
def test_counts_are_all_up_to_the_share_and_at_least_one(features: int, most: int) -> None:
    masked = RandomMasking(masked_fraction=0.1).mask(ones(features), torch.Generator().manual_seed(0))
    counts = (masked == 0).sum(dim=1)
    assert counts.unique().tolist() == list(range(most + 1))


def test_all_channels_of_a_pixel_go_together() -> None:
    masked = RandomMasking(masked_fraction=0.8).mask(ones(3, 5, 4), torch.Generator().manual_seed(0))
    assert ((masked == 0).any(dim=1) == (masked == 0).all(dim=1)).all()
    assert (masked == 0).any()


def test_it_continues_the_model_it_is_given() -> None:
    recipe = RandomMasking(first=Regular(), first_budget=Budget(epochs=9))
    assert recipe.continues
    assert recipe.predecessor == (Regular(), Budget(epochs=9))


def test_a_fraction_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(0, 1\], got 0"):
        RandomMasking(masked_fraction=0)
