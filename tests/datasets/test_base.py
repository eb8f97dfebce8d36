"""Samples, budgets, and what holds for every data set."""

import pickle
from pathlib import Path

import pytest
import torch

from salbench.datasets import DATASETS, Budget, Dataset, Samples, Split

LOCAL = [dataset for dataset in DATASETS if dataset.source is None]


@pytest.fixture
def samples() -> Samples:
    inputs = torch.arange(12.0).view(3, 4)
    return Samples(
        inputs=inputs,
        targets=torch.tensor([0, 1, 0]),
        ids=torch.tensor([7, 8, 9]),
        fill=torch.zeros(1).expand_as(inputs),
        masks=inputs > 5,
    )


def test_a_subset_stays_aligned(samples: Samples) -> None:
    subset = samples[torch.tensor([2, 0])]
    assert len(subset) == 2
    assert subset.ids.tolist() == [9, 7]
    assert subset.inputs[:, 0].tolist() == [8.0, 0.0]
    assert subset.masks is not None
    assert subset.masks.sum(dim=1).tolist() == [4, 0]
    assert subset.irrelevant is None


def test_samples_move_to_a_device(samples: Samples) -> None:
    moved = samples.to("meta")
    assert {tensor.device.type for tensor in (moved.inputs, moved.targets, moved.ids, moved.fill)} == {"meta"}


@pytest.mark.parametrize("name", ["targets", "ids", "fill", "masks", "irrelevant", "removable"])
def test_fields_must_be_aligned(name: str) -> None:
    fields = {
        "inputs": torch.zeros(3, 4),
        "targets": torch.zeros(3, dtype=torch.int64),
        "ids": torch.arange(3),
        "fill": torch.zeros(3, 4),
    }
    with pytest.raises(ValueError, match=rf"{name} must have shape \(3.*\), got \(2, 2\)"):
        Samples(**fields | {name: torch.zeros(2, 2)})


@pytest.mark.parametrize("change", [{"epochs": 0}, {"batch_size": 0}, {"learning_rate": 0.0}])
def test_a_budget_must_train(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"got 0|and 0"):
        Budget(**{"epochs": 1} | change)  # type: ignore[arg-type]


def test_names_are_given_once() -> None:
    assert len({dataset.name for dataset in DATASETS}) == len(DATASETS)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_a_declaration_can_be_sent_to_a_worker(dataset: Dataset) -> None:
    assert pickle.loads(pickle.dumps(dataset)).name == dataset.name


@pytest.mark.parametrize("split", Split)
@pytest.mark.parametrize("dataset", LOCAL, ids=lambda dataset: dataset.name)
def test_samples_are_as_declared(dataset: Dataset, split: Split) -> None:
    samples = dataset.load(Path(), split)
    assert samples.inputs.shape == (len(samples), *dataset.shape)
    assert (samples.inputs.dtype, samples.targets.dtype) == (torch.float32, torch.int64)
    assert samples.targets.unique().tolist() == list(range(dataset.classes))
    assert samples.ids.unique().shape == samples.ids.shape
    assert (samples.masks is not None) == dataset.evidence
    assert torch.equal(samples.inputs, dataset.load(Path(), split).inputs)
