"""Iris-Cancer."""

from pathlib import Path

import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_iris

from salbench.datasets import Samples, Split
from salbench.datasets.iris_cancer import IRIS_CANCER, iris_cancer, without_iris


@pytest.fixture(scope="module")
def whole() -> Samples:
    """All 100 rows in the order of their ids."""
    train, test = (IRIS_CANCER.load(Path(), split) for split in Split)
    order = torch.cat([train.ids, test.ids]).argsort()
    assert train.irrelevant is not None
    assert test.irrelevant is not None
    return Samples(
        inputs=torch.cat([train.inputs, test.inputs])[order],
        targets=torch.cat([train.targets, test.targets])[order],
        ids=torch.cat([train.ids, test.ids])[order],
        fill=torch.cat([train.fill, test.fill])[order],
        irrelevant=torch.cat([train.irrelevant, test.irrelevant])[order],
    )


def test_it_has_100_rows_of_34_columns_and_50_of_each_class(whole: Samples) -> None:
    assert whole.inputs.shape == (100, 34)
    assert whole.ids.tolist() == list(range(100))
    assert whole.targets.tolist() == [0] * 50 + [1] * 50


def test_the_first_columns_are_the_second_and_third_species(whole: Samples) -> None:
    assert torch.equal(whole.inputs[:, :4], torch.from_numpy(load_iris().data[50:]).float())


def test_the_others_are_the_first_50_malignant_and_50_benign_rows(whole: Samples) -> None:
    table = load_breast_cancer()
    malignant, benign = (torch.from_numpy(table.data[table.target == kind][:50]) for kind in (0, 1))
    assert torch.equal(whole.inputs[:, 4:], torch.cat([malignant, benign]).float())


def test_iris_columns_are_annotated_in_every_row(whole: Samples) -> None:
    assert whole.irrelevant is not None
    assert whole.irrelevant[:, :4].all()
    assert not whole.irrelevant[:, 4:].any()


def test_a_third_is_for_testing_in_each_of_the_splits() -> None:
    splits = [iris_cancer(seed).load(Path(), Split.TEST) for seed in range(3)]
    assert [len(test) for test in splits] == [33, 33, 33]
    assert len({tuple(test.ids.tolist()) for test in splits}) == 3


def test_removed_columns_are_zero_in_the_test_alone() -> None:
    removed = iris_cancer(4, remove_iris=True)
    kept = iris_cancer(4).load(Path(), Split.TEST)
    test = removed.load(Path(), Split.TEST)
    assert test.inputs[:, :4].eq(0).all()
    assert torch.equal(test.inputs[:, 4:], kept.inputs[:, 4:])
    assert torch.equal(without_iris(kept).inputs, test.inputs)
    assert torch.equal(removed.load(Path(), Split.TRAIN).inputs, iris_cancer(4).load(Path(), Split.TRAIN).inputs)
    assert removed.name == "iris_cancer_4_iris_removed"


def test_the_fill_is_the_mean_of_the_training_rows() -> None:
    train, test = (IRIS_CANCER.load(Path(), split) for split in Split)
    torch.testing.assert_close(test.fill[5], train.inputs.mean(dim=0))


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="split_seed must not be negative, got -1"):
        iris_cancer(-1)
