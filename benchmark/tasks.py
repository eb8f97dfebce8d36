"""The work itself, as functions from tensors to tensors that know nothing of stores, keys or progress."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..baselines.architectures.base import build_for, check_logits
from ..baselines.saliency.base import SaliencyMethod, attribute
from ..baselines.saliency.completeness import TOLERATED_GAP, completeness_gap
from ..baselines.training import Recipe, Regular
from ..baselines.training.checkpoint import Checkpoint
from ..baselines.training.fit import EpochSummary, fit
from ..baselines.training.random_masking import FINE_TUNING_SHARE, RandomMasking
from ..baselines.training.stacked import fit_stacked
from ..datasets.base import Dataset, Samples, Split
from ..metrics.curves import Curves, perturbation_curves
from ..metrics.forwards import rows_a_forward
from ..metrics.limits import Limits, aopc_limits
from ..metrics.protocol import Protocol
from ..metrics.retraining import Retraining, mean_of_channels
from ..metrics.units import on_removable
from .planning import Model

WATCHED = 500  # test samples whose accuracy is noted after each epoch
YARDSTICK = Regular()  # how models are trained anew, whatever method trained the one that is explained


@lru_cache(maxsize=8)
def load(dataset: Dataset, split: Split, data: Path, device: torch.device) -> Samples:
    """A split of a data set on the device, kept for the next task."""
    return dataset.load(data, split).to(device)


def explained_samples(dataset: Dataset, samples: int | None, data: Path, device: torch.device) -> Samples:
    """The test samples that are explained: all, or the first of a fixed random order, in the order of the split."""
    test = load(dataset, Split.TEST, data, device)
    if samples is None or samples >= len(test):
        return test[:]  # tensors, where the split is read lazily
    chosen = torch.randperm(len(test), generator=torch.Generator().manual_seed(0))[:samples]
    return test[chosen.sort().values.to(device)]


def with_ids(samples: Samples, ids: Tensor) -> Samples:
    """The samples with these ids, in this order.

    Raises:
        ValueError: an id that no sample has.
    """
    rows = {sample: row for row, sample in enumerate(samples.ids.tolist())}
    if unknown := [sample for sample in ids.tolist() if sample not in rows]:
        raise ValueError(f"{len(unknown)} of {len(ids)} ids are not there, the first is {unknown[0]}")
    return samples[torch.tensor([rows[sample] for sample in ids.tolist()], device=samples.inputs.device)]


def predict(model: nn.Module, inputs: Tensor) -> Tensor:
    """Logits (N, K) in eval mode, without gradients."""
    model.eval()
    with torch.inference_mode():
        return torch.cat([model(rows) for rows in inputs.split(rows_a_forward(inputs))]).clone()


class Trained(NamedTuple):
    """What training leaves behind."""

    weights: dict[str, Tensor]
    logits: Tensor  # (M, K), of the whole test split
    epochs: list[EpochSummary]
    training_samples: int
    memory: dict[str, Tensor]  # numbers that the recipe remembers in the end, e.g. SCAAT's proportion of each sample


def train(
    model: Model,
    *,
    data: Path,
    device: torch.device,
    predecessors: Sequence[nn.Module] = (),
    on_epoch: Callable[[EpochSummary], None] = lambda summary: None,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """Build and train a model, and predict the test split.

    Args:
        model: what to train.
        data: the folder that holds all data.
        device: where to train.
        predecessors: the models that its recipe asks for, the oldest first.
        on_epoch: called after each epoch.
        checkpoint: where a training that was cut off goes on from.

    Raises:
        TypeError, ValueError: the model does not return logits of the right shape.
        FloatingPointError: training diverged.
    """
    splits = both_splits(model, data, device)
    return _train(
        model,
        model.recipe,
        *splits,
        data=data,
        predecessors=predecessors,
        on_epoch=on_epoch,
        checkpoint=checkpoint,
    )


def retrain(
    model: Model,
    retraining: Retraining,
    percent: int,
    maps: dict[str, Tensor],
    *,
    data: Path,
    device: torch.device,
    on_epoch: Callable[[EpochSummary], None] = lambda summary: None,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    """A model trained from scratch, regularly, on samples without their most relevant units; for ROAR.

    Args:
        model: gives the data set, the architecture, the budget and the seed.
        retraining: what is removed, and what takes its place.
        percent: share of the units removed.
        maps: of both splits, by their names, shape (N, *F) each.
        data: the folder that holds all data.
        device: where to train.
        on_epoch: called after each epoch.
        checkpoint: where a training that was cut off goes on from.
    """
    train, test = degraded(model, retraining, percent, maps, data=data, device=device)
    return _train(
        replace(model, budget=retraining.budget or model.budget),
        YARDSTICK,
        train,
        test,
        data=data,
        on_epoch=on_epoch,
        checkpoint=checkpoint,
    )


def degraded(
    model: Model, retraining: Retraining, percent: int, maps: dict[str, Tensor], *, data: Path, device: torch.device
) -> tuple[Samples, Samples]:
    """Training and test samples without their most relevant units; arguments as for `retrain`."""
    whole = both_splits(model, data, device)
    modality = model.dataset.modality
    mean = mean_of_channels(whole[0], modality) if retraining.replacement == "channel_mean" else None
    train, test = (
        retraining.degraded(
            samples, maps[split].to(device), modality, percent=percent, channel_mean=mean, seed=model.seed
        )
        for split, samples in zip(Split, whole, strict=True)
    )
    return train, test


def fine_tuned(model: Model) -> Model:
    """The model that goes on from this one for a while, with random features removed; for F-Fidelity."""
    budget = model.budget
    epochs = max(1, round(budget.epochs * FINE_TUNING_SHARE))
    shorter = replace(budget, epochs=epochs, decay_at=(), stacked=False)  # it follows another model
    return replace(model, recipe=RandomMasking(first=model.recipe, first_budget=budget), budget=shorter)


def both_splits(model: Model, data: Path, device: torch.device) -> tuple[Samples, Samples]:
    """Training and test samples on the device."""
    train, test = (load(model.dataset, split, data, device) for split in (Split.TRAIN, Split.TEST))
    return train, test


def _train(
    model: Model,
    recipe: Recipe,
    samples: Samples,
    test: Samples,
    *,
    data: Path,
    predecessors: Sequence[nn.Module] = (),
    on_epoch: Callable[[EpochSummary], None] = lambda summary: None,
    checkpoint: Checkpoint | None = None,
) -> Trained:
    if model.budget.stacked:
        (done,) = train_stack([replace(model, recipe=recipe)], [(samples, test)], data=data)
        if isinstance(done, FloatingPointError):
            raise done
        for summary in done.epochs:  # a stack reports at its end, and writes no checkpoints
            on_epoch(summary)
        return done
    network = _untrained(model, samples, data)
    if recipe.continues:
        network.load_state_dict(predecessors[-1].state_dict())
    memory: dict[str, Tensor] = {}
    epochs = fit(
        network,
        samples,
        recipe=recipe,
        budget=model.budget,
        seed=model.seed,
        watched=_watched(model, test),
        augment=model.dataset.augment,
        predecessors=predecessors,
        on_epoch=on_epoch,
        on_end=memory.update,
        checkpoint=checkpoint,
    )
    return _trained(model, network, len(samples), test, epochs, memory)


def train_stack(
    models: Sequence[Model], splits: Sequence[tuple[Samples, Samples]], *, data: Path
) -> list[Trained | FloatingPointError]:
    """Train models of one architecture, recipe and budget at once, each on its own training and test samples.

    Args:
        models: what to train; a stack of one is a training of its own, with the rounding of a stack.
        splits: training and test samples of each, on the device.
        data: the folder that holds all data.

    Returns:
        For each model what training leaves behind, or why it failed.

    Raises:
        ValueError: they cannot be trained in one stack.
    """
    networks = [_untrained(model, train, data) for model, (train, _) in zip(models, splits, strict=True)]
    fitted = fit_stacked(
        networks,
        [train for train, _ in splits],
        recipe=models[0].recipe,
        budget=models[0].budget,
        seeds=[model.seed for model in models],
        watched=[_watched(model, test) for model, (_, test) in zip(models, splits, strict=True)],
        augment=models[0].dataset.augment,
    )
    return [
        epochs if isinstance(epochs, FloatingPointError) else _trained(model, network, len(train), test, epochs, {})
        for model, network, (train, test), epochs in zip(models, networks, splits, fitted, strict=True)
    ]


def _untrained(model: Model, samples: Samples, data: Path) -> nn.Module:
    """The network as its seed makes it, on the device of the samples, once it is known to return logits."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(model.seed)  # the CPU's; a GPU's stays as it is
        network = build(model, data)
    network = network.to(samples.inputs.device)
    first = samples[:8].inputs
    check_logits(predict(network, first), len(first), model.dataset.classes)
    return network


def _watched(model: Model, test: Samples) -> Samples:
    return test if model.budget.watches_test else test[:WATCHED]


def _trained(
    model: Model,
    network: nn.Module,
    training_samples: int,
    test: Samples,
    epochs: list[EpochSummary],
    memory: dict[str, Tensor],
) -> Trained:
    logits = check_logits(predict(network, test.inputs), len(test), model.dataset.classes)
    weights = {name: tensor.detach().cpu() for name, tensor in network.state_dict().items()}
    kept = {name: tensor.cpu() for name, tensor in memory.items() if tensor.ndim == 1}  # maps can be made again
    return Trained(weights, logits.cpu(), epochs, training_samples, kept)


def build(model: Model, data: Path) -> nn.Module:
    """The untrained network.

    Raises:
        TypeError: the architecture built something else than a module.
    """
    return _checked(model, build_for(model.dataset, model.architecture, data))


def restore(model: Model, weights: dict[str, Tensor], device: torch.device) -> nn.Module:
    """The trained network in eval mode; no data set is opened, a table of word vectors is among the weights."""
    vectors = [] if model.dataset.vectors is None else [weights["words.weight"]]
    network = _checked(model, model.architecture.build(model.dataset.shape, model.dataset.classes, *vectors))
    network.load_state_dict(weights)
    return network.to(device).eval()


def _checked(model: Model, network: object) -> nn.Module:
    if not isinstance(network, nn.Module):
        raise TypeError(f"architecture {model.architecture.name!r} built {type(network).__name__}, not a torch module")
    return network


def explain(
    network: nn.Module,
    method: SaliencyMethod,
    samples: Samples,
    *,
    seed: int,
    scale: float = 1.0,
    on_samples: Callable[[int], object] = lambda done: None,
) -> Tensor:
    """The method's maps, shape (N, *F), on the CPU; of inputs and fill times `scale`. Arguments as for `attribute`."""
    if scale != 1.0:
        method = replace(method, explain=partial(_explain_scaled, method, scale))
    return attribute(method, network, samples, seed=seed, on_samples=on_samples).float().cpu()


def _explain_scaled(method: SaliencyMethod, scale: float, network: nn.Module, samples: Samples, seed: int) -> Tensor:
    scaled = replace(samples, inputs=scale * samples.inputs, fill=scale * samples.fill)
    return method.explain(network, scaled, seed)


def flaws(network: nn.Module, method: SaliencyMethod, samples: Samples, maps: Tensor) -> dict[str, int]:
    """How many of the maps say nothing of what is removable, and how many do not add up as their method promises."""
    removable = None if samples.removable is None else samples.removable.flatten(1).to(maps.device)
    spread = on_removable(lambda values: values.amax(dim=1) - values.amin(dim=1), removable, maps.flatten(1))
    incomplete = 0
    if method.complete:
        gaps = completeness_gap(network, samples, maps.to(samples.inputs.device))
        incomplete = int((gaps > TOLERATED_GAP).sum())
    return {"degenerate": int((~(spread > 0)).sum()), "incomplete": incomplete}  # NaN where nothing is removable


def limits(network: nn.Module, model: Model, samples: Samples) -> Limits:
    """The least and the most AOPC of any order of removal, on the CPU."""
    lower, upper = aopc_limits(network, samples, model.dataset.modality)
    return Limits(lower.cpu(), upper.cpu())


def perturb(
    network: nn.Module, model: Model, protocol: Protocol, samples: Samples, attributions: Tensor, *, clean: Tensor
) -> Curves:
    """Logits along the perturbation curves of a protocol, on the CPU."""
    maps = attributions.to(samples.inputs.device)
    curves = perturbation_curves(
        network, samples, maps, model.dataset.modality, protocol=protocol, clean=clean, seed=model.seed
    )
    return Curves(protocol=protocol, clean=curves.clean.cpu(), most=curves.most.cpu(), least=curves.least.cpu())
