"""An entry: one tuple of data set, architecture, training method and saliency method, and the way to write many."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from ..baselines.architectures.base import Architecture
from ..baselines.saliency import METHODS
from ..baselines.saliency.base import SaliencyMethod
from ..baselines.training.base import Recipe
from ..datasets.base import Budget, Dataset

_NOUNS = {"dataset": "data set", "architecture": "architecture", "saliency": "saliency method"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the leaderboard, before it is measured."""

    dataset: Dataset
    architecture: Architecture
    training: str  # the training method's name
    recipe: Recipe
    budget: Budget
    saliency: SaliencyMethod

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.+-]+", self.training):
            raise ValueError(
                f"a training method's name may hold letters, digits and any of _ . + -, got {self.training!r}"
            )
        for kind in ("dataset", "architecture", "saliency"):
            name = getattr(self, kind).name
            if not name.isprintable() or name.strip() != name or not name or set(name) & set("/@"):
                raise ValueError(
                    f"the name of a {_NOUNS[kind]} must be printable text without /, @ or spaces at its ends, "
                    f"got {name!r}; declare it with another"
                )

    @property
    def name(self) -> str:
        """dataset/architecture/training/saliency."""
        return "/".join((self.dataset.name, self.architecture.name, self.training, self.saliency.name))


def entries(
    *,
    training: str,
    recipe: Recipe,
    datasets: Sequence[Dataset],
    architectures: Sequence[Architecture],
    saliency: Sequence[SaliencyMethod] = METHODS,
    budget: Budget | None = None,
) -> list[Entry]:
    """All entries of one training method that make sense: architectures and saliency methods that fit the data.

    Args:
        training: the training method's name in tables and on the command line.
        recipe: its loss with hyperparameters.
        datasets: on which data.
        architectures: those that do not fit a data set's modality are left out for it.
        saliency: likewise; the controls need not be named, every suite adds its own.
        budget: how each model is trained; None takes the data set's own budget, equal for every method.

    Returns:
        The product of the sequences without what does not fit.

    Raises:
        ValueError: nothing fits together, or a name cannot be used.
        TypeError: the recipe is a class and not an instance of it.
    """
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be an instance of a Recipe, such as Regular(), got {recipe!r}")
    made = [
        Entry(
            dataset=dataset,
            architecture=architecture,
            training=training,
            recipe=recipe,
            budget=budget or dataset.budget,
            saliency=method,
        )
        for dataset, architecture, method in product(datasets, architectures, saliency)
        if dataset.modality in architecture.modalities & method.modalities
        and (architecture.convolutional or not method.needs_convolution)
    ]
    if not made:
        raise ValueError(
            f"no entry of training {training!r} fits together: data sets {[item.name for item in datasets]}, "
            f"architectures {[item.name for item in architectures]}, saliency {[item.name for item in saliency]}"
        )
    return made
