"""Settings for a training method whose publication names none, found on the training samples alone."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ..baselines.architectures import ARCHITECTURES
from ..baselines.architectures.base import build_for
from ..baselines.training import SCAAT
from ..baselines.training.scaat_search import GRID, Trial
from ..baselines.training.scaat_search import search as search_scaat
from ..datasets import DATASETS
from ..datasets.base import Split
from ..datasets.files.fetch import data_root
from ..datasets.subset import subset
from .device import choose_device
from .names import find

METHODS = {"scaat": search_scaat}


def search(
    method: str = "scaat",
    *,
    dataset: str = "digits",
    architecture: str = "cnn3b",
    train: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    tolerance: float = 0.01,
    seed: int = 0,
    data: Path | None = None,
    device: str = "auto",
    on_trial: Callable[[str], object] = lambda line: None,
) -> pd.DataFrame:
    """Train a model for each setting of a grid, and validate them on a fifth of the training samples.

    Args:
        method: "scaat", the one method that needs it.
        dataset: on which data.
        architecture: of all models.
        train: training samples that are used; None takes all.
        epochs: of each model; None takes the data set's budget.
        batch_size: likewise.
        tolerance: accuracy that may be lost against regular training, in [0, 1].
        seed: decides the split, the weights, and all noise.
        data: the folder that holds all data; None takes SALBENCH_DATA or the user's cache.
        device: "auto", "cpu" or "cuda".
        on_trial: is told of each model.

    Returns:
        A row a model, the regular one first: `radius`, `divergence_weight`, `accuracy`, `divergence` (bits by which
        noise on irrelevant features moves predictions) and `verdict`: best is the least divergence among those that
        keep the accuracy.

    Raises:
        KeyError: an unknown name.
        ValueError: the architecture is not for such data.
        ValueError, FetchError: as for the search and for the data set.
    """
    work = find(method, METHODS, kind="method to search for")
    chosen = find(dataset, {item.name: item for item in DATASETS}, kind="dataset")
    network = find(architecture, {item.name: item for item in ARCHITECTURES}, kind="architecture")
    if chosen.modality not in network.modalities:
        suited = ", ".join(item.name for item in ARCHITECTURES if chosen.modality in item.modalities)
        raise ValueError(
            f"architecture {architecture!r} does not take {chosen.modality} data, such as {dataset!r}; use {suited}"
        )
    root, budget = data or data_root(), chosen.budget

    def report(trial: Trial) -> None:
        on_trial(" ".join(f"{name}={value}" for name, value in _row(trial).items()))

    if train is not None:
        chosen = subset(chosen, train=train)
    found = work(
        chosen.load(root, Split.TRAIN).to(choose_device(device)),
        build=lambda: build_for(chosen, network, root),
        budget=replace(budget, epochs=epochs or budget.epochs, batch_size=batch_size or budget.batch_size),
        seed=seed,
        grid=GRID,
        tolerance=tolerance,
        augment=chosen.augment,
        on_trial=report,
    )
    kept = found.regular.accuracy - tolerance
    rows = []
    for trial in (found.regular, *found.trials):
        verdict = "best" if trial is found.best else "keeps accuracy" if trial.accuracy >= kept else "loses accuracy"
        rows.append({**_row(trial), "verdict": "regular" if trial is found.regular else verdict})
    return pd.DataFrame(rows)


def _row(trial: Trial) -> dict[str, object]:
    recipe = trial.recipe
    settings = (recipe.radius, recipe.divergence_weight) if isinstance(recipe, SCAAT) else (float("nan"),) * 2
    measured = (trial.accuracy, trial.divergence)
    return dict(zip(("radius", "divergence_weight", "accuracy", "divergence"), (*settings, *measured), strict=True))
