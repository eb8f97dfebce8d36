"""Training through torch.compile: the same up to rounding, and clear words where it cannot be."""

import shutil
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from salbench.baselines.training import Recipe, Regular, RightForRightReasons, SaliencyGuided, fit
from salbench.datasets import Budget, Samples

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no g++")
BUDGET = Budget(epochs=2, batch_size=10, learning_rate=0.01)


@pytest.fixture
def samples() -> Samples:
    inputs = torch.randn(20, 4, generator=torch.Generator().manual_seed(0))
    targets = (inputs[:, 0] > 0).long()
    return Samples(
        inputs=inputs, targets=targets, ids=torch.arange(20), fill=torch.zeros_like(inputs), irrelevant=inputs > 0
    )


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 2))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch warns of what it imports itself
@needs_compiler
@pytest.mark.parametrize("recipe", [Regular(), SaliencyGuided()])
def test_losses_and_weights_agree_up_to_rounding(model: nn.Module, samples: Samples, recipe: Recipe) -> None:
    plain = deepcopy(model)
    expected = fit(plain, samples, recipe=recipe, budget=BUDGET, seed=0, watched=samples)
    found = fit(model, samples, recipe=recipe, budget=replace(BUDGET, compiled=True), seed=0, watched=samples)
    assert [epoch.loss for epoch in found] == pytest.approx([epoch.loss for epoch in expected], abs=1e-5)
    assert [epoch.accuracy for epoch in found] == [epoch.accuracy for epoch in expected]
    for name, weights in plain.state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], weights, atol=1e-5, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # torch warns of what it imports itself
@needs_compiler
def test_a_recipe_that_differentiates_twice_is_refused(model: nn.Module, samples: Samples) -> None:
    with pytest.raises(RuntimeError, match=r"torch\.compile cannot differentiate twice"):
        fit(model, samples, recipe=RightForRightReasons(), budget=replace(BUDGET, compiled=True), seed=0)


def test_without_a_compiler_the_error_says_so(
    model: nn.Module, samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(RuntimeError, match=r"needs a C.. compiler, found none of .*; train without it"):
        fit(model, samples, recipe=Regular(), budget=replace(BUDGET, compiled=True), seed=0)
