"""A training that is cut off and goes on ends with the weights of an undisturbed one, bit for bit."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save
from torch import Tensor, nn

from salbench.baselines.training import SCAAT, Recipe, Regular, SaliencyGuided, fit
from salbench.baselines.training.checkpoint import POINTER, Checkpoint
from salbench.baselines.training.fit import EpochSummary
from salbench.datasets import Budget, Samples
from salbench.datasets.randomness import normal

IDS = torch.arange(30)
INPUTS = normal(IDS, (1, 4, 4), seed=0, purpose="checkpoints")
SAMPLES = Samples(inputs=INPUTS, targets=(INPUTS.sum(dim=(1, 2, 3)) > 0).long(), ids=IDS, fill=torch.zeros_like(INPUTS))
BUDGET = Budget(epochs=6, batch_size=8, learning_rate=0.05, decay_at=(2, 4))


class CutOffError(Exception):
    pass


def network() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(12, 2)
        )


def noise(inputs: Tensor, generator: torch.Generator) -> Tensor:
    return inputs + 0.1 * torch.randn(inputs.shape, generator=generator)


def train(
    recipe: Recipe,
    budget: Budget,
    checkpoint: Checkpoint | None = None,
    on_epoch: Callable[[EpochSummary], None] = lambda summary: None,
) -> tuple[dict[str, Tensor], list[EpochSummary]]:
    model = network()
    summaries = fit(
        model,
        SAMPLES,
        recipe=recipe,
        budget=budget,
        seed=3,
        watched=SAMPLES,
        augment=noise,
        on_epoch=on_epoch,
        checkpoint=checkpoint,
    )
    return model.state_dict(), summaries


def every_epoch(folder: Path, **identity: str) -> Checkpoint:
    return Checkpoint(folder=folder / "checkpoint", identity=identity, seconds=0.0)


def cut_off(epoch: int) -> Callable[[EpochSummary], None]:
    def stop(summary: EpochSummary) -> None:
        if summary.epoch == epoch:
            raise CutOffError

    return stop


RECIPES: dict[str, Recipe] = {
    "regular": Regular(),
    "saliency_guided": SaliencyGuided(masked_fraction=0.5),
    "scaat": SCAAT(),
}
BUDGETS = {
    "adam": BUDGET,
    "momentum": replace(BUDGET, optimizer="sgd", momentum=0.9),
    "adadelta": replace(BUDGET, optimizer="adadelta"),
    "patience": replace(BUDGET, patience=4),
}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("epoch", [2, 5])
def test_the_weights_are_those_of_an_undisturbed_training(tmp_path: Path, recipe: str, budget: str, epoch: int) -> None:
    whole, summaries = train(RECIPES[recipe], BUDGETS[budget])
    assert len(summaries) >= epoch
    with pytest.raises(CutOffError):
        train(RECIPES[recipe], BUDGETS[budget], every_epoch(tmp_path), cut_off(epoch))
    again: list[int] = []
    weights, resumed = train(
        RECIPES[recipe], BUDGETS[budget], every_epoch(tmp_path), lambda summary: again.append(summary.epoch)
    )
    assert all(torch.equal(weights[name], tensor) for name, tensor in whole.items())
    assert [(item.epoch, item.loss, item.accuracy) for item in resumed] == [
        (item.epoch, item.loss, item.accuracy) for item in summaries
    ]
    assert again[0] == epoch  # no more than the epoch in which it was cut off is trained again


def test_writing_checkpoints_changes_nothing(tmp_path: Path) -> None:
    with_checkpoints, without = train(Regular(), BUDGET, every_epoch(tmp_path))[0], train(Regular(), BUDGET)[0]
    assert all(torch.equal(with_checkpoints[name], tensor) for name, tensor in without.items())


def test_a_short_training_writes_none(tmp_path: Path) -> None:
    train(Regular(), BUDGET, Checkpoint(folder=tmp_path / "checkpoint", identity={}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", ["tensors", "pointer", "identity", "pickle", "climbing", "missing"])
def test_a_checkpoint_that_is_not_whole_or_not_its_own_is_not_used(tmp_path: Path, damage: str) -> None:
    with pytest.raises(CutOffError):
        train(Regular(), BUDGET, every_epoch(tmp_path), cut_off(4))
    pointer = tmp_path / "checkpoint" / POINTER
    (tensors,) = (tmp_path / "checkpoint").glob("*.safetensors")
    match damage:
        case "tensors":
            tensors.write_bytes(tensors.read_bytes()[:-1])
        case "pointer":
            pointer.write_text("{" * 100_000)
        case "pickle":
            tensors.write_bytes(b"\x80\x04cos\nsystem\n(S'false'\ntR.")
        case "climbing":
            content = json.loads(pointer.read_text())
            (tmp_path / "elsewhere.safetensors").write_bytes(save({"model/0.weight": torch.zeros(1)}))
            pointer.write_text(json.dumps({**content, "sha256": "../elsewhere"}))
        case "missing":
            tensors.unlink()
    checkpoint = every_epoch(tmp_path, torch="another") if damage == "identity" else every_epoch(tmp_path)
    assert checkpoint.latest() is None
    weights = train(Regular(), BUDGET, checkpoint)[0]
    assert all(torch.equal(weights[name], tensor) for name, tensor in train(Regular(), BUDGET)[0].items())


def test_only_the_last_one_is_kept(tmp_path: Path) -> None:
    train(Regular(), BUDGET, every_epoch(tmp_path))
    assert len(list((tmp_path / "checkpoint").iterdir())) == 2


def test_a_disk_that_refuses_costs_the_checkpoint_alone(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_text("in the way")
    assert len(train(Regular(), BUDGET, every_epoch(tmp_path))[1]) == 6
