"""Guided backpropagation by hand."""

import torch
from torch import nn

from salbench.baselines.saliency.gradients import gradient
from salbench.baselines.saliency.guided import guided_backprop
from salbench.datasets import Samples


def some_samples(inputs: torch.Tensor) -> Samples:
    count = len(inputs)
    return Samples(
        inputs=inputs,
        targets=torch.zeros(count, dtype=torch.int64),
        ids=torch.arange(count),
        fill=torch.zeros_like(inputs),
    )


def test_a_relu_passes_on_the_positive_part_where_it_was_active() -> None:
    """Hidden units at (3, 1, -2): the third is off, and of the gradients (2, -5, 4) the negative one stops."""
    model = nn.Sequential(nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 1, bias=False))
    model[0].weight.data = torch.tensor([[1.0, 1.0], [1.0, 0.0], [0.0, -1.0]])
    model[2].weight.data = torch.tensor([[2.0, -5.0, 4.0]])
    samples = some_samples(torch.tensor([[1.0, 2.0]]))
    assert guided_backprop(model, samples, 0, output="logit").tolist() == [[2.0, 2.0]]
    assert gradient(model, samples, 0, output="logit").tolist() == [[-3.0, 2.0]]


def test_a_model_without_relu_modules_has_its_gradient() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    samples = some_samples(torch.randn(5, 4))
    torch.testing.assert_close(guided_backprop(model, samples, 0), gradient(model, samples, 0))


def test_hooks_are_taken_off() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(inplace=True), nn.Linear(6, 3))
    samples = some_samples(torch.randn(5, 4))
    before = gradient(model, samples, 0)
    guided_backprop(model, samples, 0)
    assert torch.equal(gradient(model, samples, 0), before)
