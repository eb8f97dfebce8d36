"""Breast cancer: thirty measured properties of cell nuclei, malignant or benign."""

from pathlib import Path

import torch

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .splits import stratified_split


def _load(_root: Path, split: Split) -> Samples:
    from sklearn.datasets import load_breast_cancer  # slow to import

    table, labels = load_breast_cancer(return_X_y=True)
    features = torch.from_numpy(table)  # (569, 30), float64 until standardized
    targets = torch.from_numpy(labels).long()
    training, ids = (stratified_split(targets, part, test_fraction=0.25, seed=0) for part in (Split.TRAIN, split))
    mean, deviation = features[training].mean(dim=0), features[training].std(dim=0, correction=0)
    inputs = ((features[ids] - mean) / deviation).float()
    return Samples(inputs=inputs, targets=targets[ids], ids=ids, fill=torch.zeros(1).expand_as(inputs))


BREAST_CANCER = Dataset(
    name="breast_cancer",
    version=1,
    modality=Modality.TABULAR,
    shape=(30,),
    classes=2,
    load=_load,
    fill="the mean of the training samples, 0",
    evidence=False,
    budget=Budget(epochs=60, batch_size=50),
    description="569 tumors from scikit-learn, standardized on the training samples; a fixed quarter is for testing",
    reference="street1993nuclear",
    counts=Counts(427, 142),
)
