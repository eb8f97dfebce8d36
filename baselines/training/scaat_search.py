"""A small search for settings of SCAAT that cost hardly any clean accuracy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite

import torch
from torch import Tensor, nn

from ...datasets.base import Budget, Samples
from ..models import evaluation
from .base import Recipe, TrainingState
from .divergences import half_jeffreys
from .fit import fit
from .projected_ascent import random_start
from .regular import Regular
from .scaat import SCAAT

GRID = tuple(
    SCAAT(radius=radius, divergence_weight=weight) for radius, weight in product((8 / 255, 0.1, 0.3), (0.3, 1.0, 3.0))
)
_YARDSTICK = SCAAT(radius=0.1, selection="count")  # the noise by which all models are judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One model that was trained and validated."""

    recipe: Recipe
    accuracy: float  # on the validation samples
    divergence: float  # bits by which noise on irrelevant features moves predictions on the validation samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search found."""

    regular: Trial
    trials: tuple[Trial, ...]  # in the order of the grid
    tolerance: float

    @property
    def best(self) -> Trial | None:
        """The trial of least divergence among those that keep the accuracy of regular training; None if none does."""
        lowest = self.regular.accuracy - self.tolerance
        kept = [trial for trial in self.trials if trial.accuracy >= lowest and isfinite(trial.divergence)]
        return min(kept, key=lambda trial: trial.divergence, default=None)


def search(
    samples: Samples,
    *,
    build: Callable[[], nn.Module],
    budget: Budget,
    seed: int,
    grid: Sequence[SCAAT] = GRID,
    tolerance: float = 0.01,
    validation_fraction: float = 0.2,
    augment: Callable[[Tensor, torch.Generator], Tensor] | None = None,
    on_trial: Callable[[Trial], None] = lambda trial: None,
) -> Search:
    """Train one model for each setting, and one regularly, on a part of the samples; validate them on the rest.

    Args:
        samples: the training samples; test samples have no place here.
        build: makes an untrained model; all models of a search begin with the same weights.
        budget: of each model.
        seed: decides the split, the initial weights, the training and the noise of the validation.
        grid: the settings to try, the product of a few radii and weights by default.
        tolerance: accuracy that may be lost against regular training, in [0, 1].
        validation_fraction: share of the samples that is held out, in (0, 1).
        augment: as for `fit`.
        on_trial: called after each model, the regular one first.

    Returns:
        All trials; its `best` is None if every setting costs too much accuracy.

    Raises:
        ValueError: an empty grid, or a share that leaves no samples to train on or to validate on.
        FloatingPointError: regular training diverged, so that there is nothing to compare with.

    Source:
        Ours; xu2024scaat names no settings and no way to find them. The criterion is like the paper's AOPC LeRF, how
        little predictions depend on what the model's own map calls irrelevant, with the same noise for all settings.
    """
    held_out = round(validation_fraction * len(samples))
    if not 0 < held_out < len(samples):
        raise ValueError(f"validation_fraction {validation_fraction} of {len(samples)} samples leaves one part empty")
    if not grid:
        raise ValueError("grid must hold at least one setting, such as SCAAT(), got none")
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(seed)).to(samples.inputs.device)
    validation, training = samples[order[:held_out]], samples[order[held_out:]]
    trials: list[Trial] = []
    for recipe in (Regular(), *grid):
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)  # the CPU's; a GPU's stays as it is
            model = build()
        model = model.to(samples.inputs.device)
        try:
            fit(model, training, recipe=recipe, budget=budget, seed=seed, augment=augment)
            trial = _validate(model, validation, recipe, batch_size=budget.batch_size, seed=seed)
        except FloatingPointError:  # it diverged
            if not trials:
                raise
            trial = Trial(recipe=recipe, accuracy=0.0, divergence=inf)
        trials.append(trial)
        on_trial(trial)
    return Search(regular=trials[0], trials=tuple(trials[1:]), tolerance=tolerance)


def _validate(model: nn.Module, validation: Samples, recipe: Recipe, *, batch_size: int, seed: int) -> Trial:
    """Accuracy, and the divergence under uniform noise on the half of lowest gradient."""
    generator = torch.Generator(validation.inputs.device).manual_seed(seed)
    state = TrainingState(generator=generator)
    _YARDSTICK.start(validation, state)
    correct, moved = 0, 0.0
    with evaluation(model):
        for index in torch.arange(len(validation), device=generator.device).split(batch_size):
            batch = validation[index]
            clean, gradient = _YARDSTICK.explain(model, batch, state, retain_graph=False)
            chosen = _YARDSTICK.irrelevant(gradient, torch.full_like(batch.targets, 0.5, dtype=torch.float64))
            with torch.no_grad():
                noise = random_start(_YARDSTICK.bounds(batch.inputs, chosen, state), generator)
                noisy = model(batch.inputs + noise)
                correct += int((clean.argmax(dim=1) == batch.targets).sum())
                moved += float(half_jeffreys(noisy, clean).sum())
    count = len(validation)
    return Trial(recipe=recipe, accuracy=correct / count, divergence=moved / count)
