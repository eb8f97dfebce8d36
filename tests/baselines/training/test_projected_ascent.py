"""PGD stays in its box, climbs, and needs a start that is not zero."""

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.training.divergences import half_jeffreys
from salbench.baselines.training.projected_ascent import projected_ascent, random_start


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3)).double()


@pytest.fixture
def inputs() -> Tensor:
    return torch.randn(200, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def bounds(inputs: Tensor) -> Tensor:
    """Boxes of all sizes, a third of whose sides are closed."""
    sizes = torch.rand(inputs.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    return sizes * (sizes > 1 / 3)


def perturbed(model: nn.Module, inputs: Tensor, bounds: Tensor, *, steps: int, length: float = 2.5) -> Tensor:
    return projected_ascent(
        model,
        inputs,
        bounds,
        model(inputs).detach(),
        divergence=half_jeffreys,
        steps=steps,
        length=length,
        generator=generator(),
    )


def test_random_start_fills_its_box(bounds: Tensor) -> None:
    noise = random_start(bounds, generator())
    assert (noise.abs() <= bounds).all()
    shares = (noise / bounds)[bounds > 0]
    assert shares.min() < -0.99
    assert shares.max() > 0.99
    assert shares.mean().abs() < 0.1


@pytest.mark.parametrize("steps", [1, 4, 20])
def test_it_stays_in_its_box(model: nn.Module, inputs: Tensor, bounds: Tensor, steps: int) -> None:
    noise = perturbed(model, inputs, bounds, steps=steps)
    assert (noise.abs() <= bounds).all()
    assert (noise[bounds == 0] == 0).all()
    assert not noise.requires_grad


def test_more_steps_move_the_prediction_farther(model: nn.Module, inputs: Tensor, bounds: Tensor) -> None:
    clean = model(inputs)
    start = random_start(bounds, generator())
    far = [start, *(perturbed(model, inputs, bounds, steps=steps) for steps in (1, 10))]
    means = [half_jeffreys(model(inputs + noise), clean).mean().item() for noise in far]
    assert means[0] < means[1] < means[2]


def test_one_step_by_hand() -> None:
    """The class of each row is pushed along the sign of the weights, away from where the start happened to be."""
    model = nn.Linear(2, 2, bias=False)
    model.weight.data = torch.tensor([[1.0, -2.0], [0.0, 0.0]])
    inputs, bounds = torch.zeros(1, 2), torch.tensor([[0.1, 0.2]])
    start = random_start(bounds, generator())
    towards = 1 if (start[0, 0] - 2 * start[0, 1]) > 0 else -1
    expected = (start + 0.5 * bounds * torch.tensor([[1.0, -1.0]]) * towards).clamp(-bounds, bounds)
    torch.testing.assert_close(perturbed(model, inputs, bounds, steps=1, length=0.5), expected)


def test_a_start_at_zero_goes_nowhere(model: nn.Module, inputs: Tensor) -> None:
    """Why the start is random."""
    moved = torch.zeros_like(inputs, requires_grad=True)
    (slope,) = torch.autograd.grad(half_jeffreys(model(inputs + moved), model(inputs).detach()).sum(), moved)
    assert slope.abs().max() < 1e-12


def test_the_weights_get_no_gradients(model: nn.Module, inputs: Tensor, bounds: Tensor) -> None:
    perturbed(model, inputs, bounds, steps=2)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_generator_decides(model: nn.Module, inputs: Tensor, bounds: Tensor) -> None:
    first = perturbed(model, inputs, bounds, steps=2, length=0.1)
    torch.manual_seed(99)
    assert torch.equal(first, perturbed(model, inputs, bounds, steps=2, length=0.1))
