"""The published error of taking probabilities for logits: what its loss is, and how low it can fall."""

from math import exp, log

import pytest
import torch
from torch import nn
from torch.nn.functional import nll_loss

from salbench.baselines.training import Recipe, Regular, SaliencyGuided, TrainingState
from salbench.datasets import Samples

RECIPES = [Regular, SaliencyGuided]


def loss_of(recipe: Recipe, logits: float) -> float:
    """On two samples of which the model is certain to this degree, whatever the input."""
    model = nn.Linear(2, 2)
    model.weight.data.zero_()
    model.bias.data = torch.tensor([0.0, logits])
    inputs, targets = torch.rand(2, 2), torch.tensor([1, 1])
    samples = Samples(inputs=inputs, targets=targets, ids=torch.arange(2), fill=torch.zeros_like(inputs))
    return recipe.loss(model, samples, TrainingState(generator=torch.Generator().manual_seed(0))).item()


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_certain_model_still_loses(recipe: type[Regular] | type[SaliencyGuided]) -> None:
    assert loss_of(recipe(), 50.0) == pytest.approx(0.0, abs=1e-6)
    assert loss_of(recipe(double_softmax=True), 50.0) == pytest.approx(log(1 + exp(-1)), abs=1e-6)  # 0.313


def test_it_is_the_cross_entropy_of_the_softmax_of_a_softmax() -> None:
    probability = 1 / (1 + exp(-0.7))
    twice = torch.tensor([[1 - probability, probability]]).log_softmax(dim=1)
    expected = nll_loss(twice, torch.tensor([1])).item()
    assert loss_of(Regular(double_softmax=True), 0.7) == pytest.approx(expected, abs=1e-6)
