"""Digits: handwritten digits of 8×8 gray pixels, small enough for a model to be trained in seconds."""

from pathlib import Path

import torch

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .splits import stratified_split

_BRIGHTEST = 16  # the images hold 0 to 16


def _load(_root: Path, split: Split) -> Samples:
    from sklearn.datasets import load_digits  # slow to import

    images, labels = load_digits(return_X_y=True)
    targets = torch.from_numpy(labels).long()
    ids = stratified_split(targets, split, test_fraction=0.2, seed=0)
    inputs = torch.from_numpy(images).float().div_(_BRIGHTEST).view(-1, 1, 8, 8)[ids]
    return Samples(inputs=inputs, targets=targets[ids], ids=ids, fill=torch.zeros(1).expand_as(inputs))


DIGITS = Dataset(
    name="digits",
    version=1,
    modality=Modality.IMAGE,
    shape=(1, 8, 8),
    classes=10,
    load=_load,
    fill="the background, 0",
    evidence=False,
    budget=Budget(epochs=30, batch_size=50),
    description="1,797 handwritten digits from scikit-learn, scaled to [0, 1]; a fixed fifth is for testing",
    reference="alpaydin1998optical",
    counts=Counts(1438, 359),
)
