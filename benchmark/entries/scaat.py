"""SCAAT, with the proportion of perturbed features adapted to each sample or fixed, by PGD-4 or FGSM.

The publication names no settings. Images and series are given a radius of a tenth of their range, with which a model
of digits comes within half a point of regular training; the table is given 8/255, since a tenth costs it more. Where
a model's map is exactly zero in many cells, as with a maximum over time, features are chosen by their count. With a
budget of one epoch the adaptive proportion has not moved when training ends, so there the fixed one is left out.
"""

from dataclasses import replace

from ...baselines.architectures import LSTM, MLP, SGT_CNN, TCN, Architecture
from ...baselines.training import SCAAT
from ...datasets import BREAST_CANCER, DIGITS, FASHION_MNIST, MIDDLE, MNIST, RARE_FEATURE, Dataset
from ..entry import Entry, entries

IMAGES = SCAAT(radius=0.1)
TABLES = SCAAT()
SERIES = SCAAT(radius=0.1, selection="count")


def variants(recipe: SCAAT, datasets: list[Dataset], architectures: list[Architecture]) -> list[Entry]:
    """Entries of the method and of its two ablations."""
    recipes = {"scaat": recipe, "scaat_fgsm": replace(recipe, steps=1)}
    if all(dataset.budget.epochs > recipe.warm_up_epochs + 1 for dataset in datasets):
        recipes["scaat_fixed"] = replace(recipe, proportion_step=0.0)
    return [
        entry
        for training, variant in recipes.items()
        for entry in entries(training=training, recipe=variant, datasets=datasets, architectures=architectures)
    ]


ENTRIES = [
    *variants(IMAGES, [DIGITS], [MLP, SGT_CNN]),
    *variants(IMAGES, [MNIST, FASHION_MNIST], [MLP, SGT_CNN]),
    *variants(TABLES, [BREAST_CANCER], [MLP]),
    *variants(SERIES, [MIDDLE, RARE_FEATURE], [LSTM, TCN]),
]
