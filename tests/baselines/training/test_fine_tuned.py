"""Fine-tuning: the second method's loss, from the first one's weights."""

import pytest
import torch
from torch import nn

from salbench.baselines.training import AnotherExplanation, FineTuned, Regular, SaliencyGuided, TrainingState
from salbench.datasets import Budget, Samples


def test_the_first_method_is_its_predecessor() -> None:
    recipe = FineTuned(first_budget=Budget(epochs=7))
    assert recipe.predecessor == (Regular(), Budget(epochs=7))
    assert recipe.continues
    assert not Regular().continues


def test_a_second_method_that_follows_another_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"then must be a method that follows no other, got AnotherExplanation, which follows Another"
    ):
        FineTuned(then=AnotherExplanation(after=AnotherExplanation()))
    assert FineTuned(then=AnotherExplanation()).predecessor == (Regular(), None)


def test_its_loss_is_that_of_the_second_method() -> None:
    inputs = torch.rand(6, 4, generator=torch.Generator().manual_seed(0))
    samples = Samples(inputs=inputs, targets=torch.arange(6) % 2, ids=torch.arange(6), fill=torch.zeros_like(inputs))
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2)).train()
    guided = SaliencyGuided(masked_fraction=0.25)
    losses = [
        recipe.loss(model, samples, TrainingState(generator=torch.Generator().manual_seed(1)))
        for recipe in (guided, FineTuned(then=guided))
    ]
    assert torch.equal(*losses)
