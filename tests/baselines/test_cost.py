"""Bytes alive at once, and passes of a model: counted by hand, and without changing what is computed."""

import pytest
import torch
from torch import nn

from salbench.baselines.cost import PeakMemory, counted_passes
from salbench.baselines.saliency import GRADIENT, INTEGRATED_GRADIENTS, attribute
from salbench.datasets import Samples


def test_what_is_alive_at_once_counts() -> None:
    with PeakMemory() as memory:
        first = torch.zeros(1000)  # 4000 bytes
        del first
        second = torch.zeros(500)
        third = second + 1  # both are alive
        third.add_(1)  # in place: nothing new
        view = third[:10]  # nor here
    assert memory.peak == 4000
    with PeakMemory() as memory:
        kept = torch.zeros(1000)
        more = kept + 1
    assert memory.peak == 8000
    del view, more


def test_what_was_there_before_does_not_count() -> None:
    before = torch.zeros(1000)
    with PeakMemory() as memory:
        before.mul_(2)
    assert memory.peak == 0


def test_what_autograd_keeps_for_the_backward_pass_counts() -> None:
    layers = [layer for _ in range(8) for layer in (nn.Linear(64, 64), nn.Tanh())]
    model, inputs = nn.Sequential(*layers), torch.rand(100, 64)
    with torch.no_grad(), PeakMemory() as without:
        model(inputs)
    with PeakMemory() as with_graph:
        model(inputs).sum().backward()
    assert with_graph.peak > 3 * without.peak
    assert with_graph.peak >= 8 * 100 * 64 * 4


def test_nothing_is_computed_otherwise() -> None:
    torch.manual_seed(0)
    model = nn.LSTM(5, 7, batch_first=True)
    inputs = torch.rand(3, 11, 5)
    plain = torch.autograd.grad(model(inputs)[0].sum(), list(model.parameters()))
    with PeakMemory():
        watched = torch.autograd.grad(model(inputs)[0].sum(), list(model.parameters()))
    assert all(map(torch.equal, plain, watched))


@pytest.mark.parametrize(("method", "passes"), [(GRADIENT, 1), (INTEGRATED_GRADIENTS, 32)])
def test_passes_of_a_saliency_method(method: object, passes: int) -> None:
    inputs = torch.rand(10, 4)
    samples = Samples(inputs=inputs, targets=torch.arange(10) % 2, ids=torch.arange(10), fill=torch.zeros_like(inputs))
    model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    with counted_passes(model) as counted:
        attribute(method, model, samples, seed=0, chunk=3)  # type: ignore[arg-type]
    assert (counted.forwards, counted.backwards) == (10 * passes, 10 * passes)
    model(inputs)
    assert counted.forwards == 10 * passes, "counted only for a while"
