"""Annotations for some samples, and their bad input."""

from pathlib import Path

import pytest
import torch

from salbench.datasets import DIGITS, Samples, Split
from salbench.datasets.annotations import annotate, annotated
from salbench.datasets.iris_cancer import IRIS_CANCER


def some_samples() -> Samples:
    inputs = torch.zeros(3, 2)
    return Samples(inputs=inputs, targets=torch.zeros(3).long(), ids=torch.tensor([30, 10, 20]), fill=inputs)


class TestAnnotate:
    def test_masks_go_to_their_ids(self) -> None:
        masks = torch.tensor([[True, False], [True, True]])
        samples = annotate(some_samples(), masks, torch.tensor([20, 30]))
        assert samples.irrelevant is not None
        assert samples.irrelevant.tolist() == [[True, True], [False, False], [True, False]]

    def test_numbers_are_no_masks(self) -> None:
        with pytest.raises(TypeError, match=r"dtype torch\.bool, got torch\.float32"):
            annotate(some_samples(), torch.ones(1, 2), torch.tensor([10]))

    def test_another_shape_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"irrelevant must have shape \(1, 2\), got \(1, 3\)"):
            annotate(some_samples(), torch.ones(1, 3, dtype=torch.bool), torch.tensor([10]))

    def test_ids_that_are_not_there_are_named(self) -> None:
        with pytest.raises(ValueError, match="ids that no sample has: 0, 40"):
            annotate(some_samples(), torch.ones(3, 2, dtype=torch.bool), torch.tensor([0, 10, 40]))

    def test_an_id_given_twice_is_refused(self) -> None:
        with pytest.raises(ValueError, match="an id may be annotated once, got 1 more"):
            annotate(some_samples(), torch.ones(2, 2, dtype=torch.bool), torch.tensor([10, 10]))


class TestAnnotated:
    @staticmethod
    def kept(count: int, seed: int = 0) -> set[int]:
        train = annotated(IRIS_CANCER, count, seed=seed).load(Path(), Split.TRAIN)
        assert train.irrelevant is not None
        rows = train.irrelevant.any(dim=1)
        assert torch.equal(train.irrelevant[rows].sum(dim=1), torch.full((count,), 4))
        return set(train.ids[rows].tolist())

    def test_so_many_samples_keep_theirs(self) -> None:
        assert [len(self.kept(count)) for count in (0, 1, 10, 67)] == [0, 1, 10, 67]

    def test_more_hold_those_of_fewer(self) -> None:
        assert self.kept(5) < self.kept(20)

    def test_another_seed_chooses_others(self) -> None:
        assert self.kept(20, seed=1) != self.kept(20)

    def test_the_test_split_keeps_all(self) -> None:
        test = annotated(IRIS_CANCER, 3).load(Path(), Split.TEST)
        assert test.irrelevant is not None
        assert test.irrelevant[:, :4].all()

    def test_the_name_says_how_many(self) -> None:
        assert annotated(IRIS_CANCER, 12).name == "iris_cancer_0_annotated_12"
        assert annotated(IRIS_CANCER, 12, seed=3).name == "iris_cancer_0_annotated_12_seed_3"

    def test_more_than_there_are_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"count must be at most 67, .*'iris_cancer_0', got 68"):
            annotated(IRIS_CANCER, 68).load(Path(), Split.TRAIN)

    def test_a_set_without_annotation_is_refused(self) -> None:
        with pytest.raises(ValueError, match="'digits' has no annotation"):
            annotated(DIGITS, 1).load(Path(), Split.TRAIN)

    def test_negative_numbers_are_refused(self) -> None:
        with pytest.raises(ValueError, match="must not be negative, got -1 and 0"):
            annotated(IRIS_CANCER, -1)
