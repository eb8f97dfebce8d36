"""Iris-Cancer: tumors beside unrelated flowers of the same class, whose four measures must not matter."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from .base import Budget, Counterfactual, Counts, Dataset, Modality, Samples, Split
from .randomness import uniform

_EACH = 50  # rows of a class
IRIS_COLUMNS = 4
_COLUMNS = IRIS_COLUMNS + 30
_TEST_ROWS = 33


def _table() -> tuple[Tensor, Tensor]:
    """Features (100, 34), float32, and classes (100,): 50 zeros (versicolor, malignant), then 50 ones."""
    from sklearn.datasets import load_breast_cancer, load_iris  # slow to import

    flowers, species = load_iris(return_X_y=True)
    tumors, diagnoses = load_breast_cancer(return_X_y=True)
    iris = torch.cat([torch.from_numpy(flowers[species == kind]) for kind in (1, 2)])
    cancer = torch.cat([torch.from_numpy(tumors[diagnoses == kind][:_EACH]) for kind in (0, 1)])
    return torch.cat([iris, cancer], dim=1).float(), torch.arange(2).repeat_interleave(_EACH)


def _load(split_seed: int, remove_iris: bool, _root: Path, split: Split) -> Samples:
    features, targets = _table()
    draws = uniform(torch.arange(len(targets)), (), seed=split_seed, purpose="iris cancer split")
    order = draws.argsort(stable=True)
    training = order[_TEST_ROWS:].sort().values
    ids = training if split is Split.TRAIN else order[:_TEST_ROWS].sort().values
    iris = (torch.arange(_COLUMNS) < IRIS_COLUMNS).expand(len(ids), _COLUMNS)
    samples = Samples(
        inputs=features[ids],
        targets=targets[ids],
        ids=ids,
        fill=features[training].mean(dim=0).expand(len(ids), _COLUMNS),
        irrelevant=iris,
    )
    return without_iris(samples) if remove_iris and split is Split.TEST else samples


def without_iris(samples: Samples) -> Samples:
    """The same samples with the four Iris columns set to 0, as published; they are not dropped."""
    inputs = samples.inputs.clone()
    inputs[:, :IRIS_COLUMNS] = 0
    return replace(samples, inputs=inputs)


def iris_cancer(split_seed: int = 0, *, remove_iris: bool = False) -> Dataset:
    """Declare the data set with one of its random splits.

    Args:
        split_seed: decides which 33 of the 100 rows are for testing; non-negative.
        remove_iris: set the Iris columns of the test split to 0; the training split stays as it is.

    Raises:
        ValueError: a negative seed.

    Source:
        ross2017right, section 3.2: Iris classes 1 and 2 beside the first 50 malignant and the first 50 benign rows of
        breast cancer, unscaled; 33 rows for testing, not stratified.
    """
    if split_seed < 0:
        raise ValueError(f"split_seed must not be negative, got {split_seed}")
    return Dataset(
        name=f"iris_cancer_{split_seed}" + ("_iris_removed" if remove_iris else ""),
        version=1,
        modality=Modality.TABULAR,
        shape=(_COLUMNS,),
        classes=2,
        load=partial(_load, split_seed, remove_iris),
        fill="the mean of the training samples",
        evidence=False,
        budget=Budget(epochs=200, batch_size=256, shuffle=False),
        description="100 tumors, each beside a flower of the same class; unscaled; random split "
        + f"{split_seed} of 67 and 33 rows"
        + (", Iris columns 0 in the test" if remove_iris else ""),
        reference="ross2017right",
        counts=Counts(2 * _EACH - _TEST_ROWS, _TEST_ROWS),
        counterfactuals=() if remove_iris else (Counterfactual("absent", iris_cancer(split_seed, remove_iris=True)),),
    )


IRIS_CANCER = iris_cancer()
