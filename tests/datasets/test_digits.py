"""Digits."""

from pathlib import Path

import pytest
import torch
from sklearn.datasets import load_digits

from salbench.datasets import DIGITS, Samples, Split


@pytest.fixture(scope="module")
def train() -> Samples:
    return DIGITS.load(Path(), Split.TRAIN)


@pytest.fixture(scope="module")
def test() -> Samples:
    return DIGITS.load(Path(), Split.TEST)


def test_every_sample_is_in_one_split(train: Samples, test: Samples) -> None:
    assert torch.cat([train.ids, test.ids]).sort().values.tolist() == list(range(1797))


def test_a_fifth_of_each_class_is_for_testing(train: Samples, test: Samples) -> None:
    kept, shares = train.targets.bincount(), test.targets.bincount() / 1797 * 10
    assert (kept > 4 * 34).all()
    assert shares.sum().item() == pytest.approx(2.0, abs=0.01)


def test_inputs_are_the_images_scaled_to_one(test: Samples) -> None:
    image = load_digits().images[test.ids[7]]
    assert torch.equal(test.inputs[7, 0] * 16, torch.from_numpy(image).float())
    assert (test.inputs.min().item(), test.inputs.max().item()) == (0, 1)


def test_the_fill_is_background(train: Samples) -> None:
    assert train.fill.eq(0).all()
