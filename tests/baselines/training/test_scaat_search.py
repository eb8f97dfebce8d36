"""The search keeps accuracy, and prefers the model that noise moves least."""

from math import inf

import pytest
import torch
from torch import nn

from salbench.baselines.training import SCAAT, Regular
from salbench.baselines.training.scaat_search import Search, Trial, search
from salbench.datasets import Budget, Samples

BUDGET = Budget(epochs=8, batch_size=20, learning_rate=0.02)


@pytest.fixture
def samples() -> Samples:
    """Two features decide, four are noise; 150 samples."""
    inputs = torch.randn(150, 6, generator=torch.Generator().manual_seed(0))
    targets = (inputs[:, 0] + inputs[:, 1] > 0).long()
    return Samples(inputs=inputs, targets=targets, ids=torch.arange(150), fill=torch.zeros_like(inputs))


def build() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))


def trial(accuracy: float, divergence: float) -> Trial:
    return Trial(recipe=SCAAT(), accuracy=accuracy, divergence=divergence)


class TestBest:
    def test_it_is_the_least_divergence_among_those_that_keep_the_accuracy(self) -> None:
        trials = (trial(0.89, 0.1), trial(0.9, 0.3), trial(0.95, 0.2))
        found = Search(regular=trial(0.91, 0.5), trials=trials, tolerance=0.0101)
        assert found.best is trials[2]

    def test_it_is_none_if_all_cost_too_much(self) -> None:
        assert Search(regular=trial(0.9, 0.5), trials=(trial(0.5, 0.0),), tolerance=0.1).best is None


def test_it_tries_the_grid_in_order_and_finds_a_steadier_model(samples: Samples) -> None:
    grid = (SCAAT(radius=0.02, divergence_weight=0.1), SCAAT(radius=0.1, divergence_weight=2.0))
    reported: list[Trial] = []
    found = search(samples, build=build, budget=BUDGET, seed=0, grid=grid, tolerance=0.05, on_trial=reported.append)
    assert reported == [found.regular, *found.trials]
    assert [item.recipe for item in reported] == [Regular(), *grid]
    assert found.best is not None
    assert found.best.divergence < found.regular.divergence
    assert found.best.accuracy >= found.regular.accuracy - 0.05


def test_equal_seeds_find_the_same_and_global_generators_rest(samples: Samples) -> None:
    before = torch.get_rng_state()
    first, second = (search(samples, build=build, budget=BUDGET, seed=3, grid=[SCAAT()]) for _ in range(2))
    assert first == second
    assert torch.equal(torch.get_rng_state(), before)


def test_a_setting_that_diverges_loses(samples: Samples) -> None:
    grid = [SCAAT(divergence_weight=inf)]
    found = search(samples, build=build, budget=BUDGET, seed=0, grid=grid)
    assert found.trials[0].divergence == inf
    assert found.best is None


@pytest.mark.parametrize("fraction", [0.0, 0.001, 1.0])
def test_no_part_may_be_empty(samples: Samples, fraction: float) -> None:
    with pytest.raises(ValueError, match=f"validation_fraction {fraction} of 150 samples"):
        search(samples, build=build, budget=BUDGET, seed=0, validation_fraction=fraction)


def test_a_grid_must_hold_something(samples: Samples) -> None:
    with pytest.raises(ValueError, match="grid must hold at least one setting"):
        search(samples, build=build, budget=BUDGET, seed=0, grid=[])


def test_regular_training_that_diverges_ends_the_search(samples: Samples) -> None:
    budget = Budget(epochs=2, batch_size=20, optimizer="sgd", learning_rate=1e30)
    with pytest.raises(FloatingPointError, match="the loss became"):
        search(samples, build=build, budget=budget, seed=0, grid=[SCAAT()])


def test_a_divergence_without_end_is_never_the_best() -> None:
    assert Search(regular=trial(0.005, 0.5), trials=(trial(0.0, inf),), tolerance=0.01).best is None


def test_all_models_see_augmented_inputs(samples: Samples) -> None:
    """Inputs that an augmentation blanks leave nothing to learn."""

    def blank(inputs: torch.Tensor, _generator: torch.Generator) -> torch.Tensor:
        return torch.zeros_like(inputs)

    found = search(samples, build=build, budget=BUDGET, seed=0, grid=[SCAAT()], augment=blank)
    plain = search(samples, build=build, budget=BUDGET, seed=0, grid=[SCAAT()])
    assert plain.regular.accuracy > 0.85
    assert found.regular.accuracy < 0.75
    assert found.trials[0].accuracy < 0.75
