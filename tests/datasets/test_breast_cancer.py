"""Breast cancer."""

from pathlib import Path

import pytest
import torch
from sklearn.datasets import load_breast_cancer

from salbench.datasets import BREAST_CANCER, Samples, Split


@pytest.fixture(scope="module")
def train() -> Samples:
    return BREAST_CANCER.load(Path(), Split.TRAIN)


@pytest.fixture(scope="module")
def test() -> Samples:
    return BREAST_CANCER.load(Path(), Split.TEST)


def test_every_sample_is_in_one_split(train: Samples, test: Samples) -> None:
    assert torch.cat([train.ids, test.ids]).sort().values.tolist() == list(range(569))


def test_a_quarter_of_each_class_is_for_testing(test: Samples) -> None:
    assert test.targets.bincount().tolist() == [53, 89]  # of 212 malignant and 357 benign


def test_the_training_samples_alone_set_the_scale(train: Samples, test: Samples) -> None:
    torch.testing.assert_close(train.inputs.mean(dim=0), torch.zeros(30), atol=1e-6, rtol=0)
    torch.testing.assert_close(train.inputs.std(dim=0, correction=0), torch.ones(30))
    assert test.inputs.mean(dim=0).abs().max() > 0.01


def test_test_samples_are_scaled_alike(train: Samples, test: Samples) -> None:
    table = torch.from_numpy(load_breast_cancer().data)
    kept = table[train.ids]
    expected = (table[test.ids] - kept.mean(dim=0)) / kept.std(dim=0, correction=0)
    torch.testing.assert_close(test.inputs, expected.float())


def test_the_fill_is_the_training_mean(train: Samples) -> None:
    assert train.fill.eq(0).all()
