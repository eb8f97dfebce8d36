"""Degraded samples for retraining: which units go, and what takes their place."""

from dataclasses import replace

import pytest
import torch

from salbench.datasets import Modality, Samples
from salbench.metrics.retraining import (
    KEEP,
    ROAR_ENTRIES,
    ROAR_MEAN,
    ROAR_SHARED,
    XCL_ROAR,
    Retraining,
    mean_of_channels,
)


@pytest.fixture
def row() -> Samples:
    inputs = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    return Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.full_like(inputs, 9.0))


@pytest.fixture
def image() -> Samples:
    inputs = torch.arange(12.0).view(1, 3, 2, 2)
    return Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.zeros_like(inputs) - 1)


def test_the_most_relevant_half_is_replaced_or_kept(row: Samples) -> None:
    maps = torch.tensor([[0.1, -5.0, 0.2, 3.0]])
    removed = ROAR_SHARED.degraded(row, maps, Modality.TABULAR, percent=50)
    assert removed.inputs.tolist() == [[1.0, 9.0, 3.0, 9.0]]
    kept = KEEP.degraded(row, maps, Modality.TABULAR, percent=50)
    assert kept.inputs.tolist() == [[9.0, 2.0, 9.0, 4.0]]


def test_a_pixel_goes_with_all_its_channels(image: Samples) -> None:
    maps = torch.zeros_like(image.inputs)
    maps[0, 1, 0, 1] = 1.0
    removed = ROAR_SHARED.degraded(image, maps, Modality.IMAGE, percent=25).inputs
    assert (removed[0, :, 0, 1] == -1).all()
    assert (removed == -1).sum() == 3


def test_an_entry_goes_alone_and_takes_the_mean_of_its_channel(image: Samples) -> None:
    maps = torch.zeros_like(image.inputs)
    maps[0, 1, 0, 1] = 1.0
    mean = mean_of_channels(image, Modality.IMAGE)
    assert mean.flatten().tolist() == [1.5, 5.5, 9.5]
    removed = ROAR_ENTRIES.degraded(image, maps, Modality.IMAGE, percent=5, channel_mean=mean).inputs
    expected = image.inputs.clone()
    expected[0, 1, 0, 1] = 5.5
    assert torch.equal(removed, expected)


def test_the_mean_of_the_sample_takes_the_place(row: Samples) -> None:
    removed = ROAR_MEAN.degraded(row, torch.tensor([[0.0, 0.0, 0.0, 1.0]]), Modality.TABULAR, percent=10)
    assert removed.inputs.tolist() == [[1.0, 2.0, 3.0, 2.5]]


def test_shares_of_what_is_not_zero_leave_zeros_alone() -> None:
    """Of four units with relevance 1, 2, 3, 4, half is above their median of 2.5; the zeros do not count."""
    inputs = torch.full((1, 1, 2, 4), 5.0)
    image = Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.zeros_like(inputs))
    maps = torch.tensor([1.0, 0.0, 2.0, 0.0, -3.0, 0.0, 4.0, 0.0]).view(1, 1, 2, 4)
    removed = XCL_ROAR.degraded(image, maps, Modality.IMAGE, percent=50).inputs.flatten()
    assert removed.tolist() == [5.0, 5.0, 5.0, 5.0, 0.0, 5.0, 0.0, 5.0]


def test_a_map_of_zeros_removes_nothing_by_that_rule() -> None:
    inputs = torch.ones(1, 1, 2, 2)
    image = Samples(inputs=inputs, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.zeros_like(inputs))
    assert torch.equal(XCL_ROAR.degraded(image, 0 * inputs, Modality.IMAGE, percent=90).inputs, inputs)


@pytest.mark.parametrize("percent", [0, 100])
def test_all_or_nothing_is_refused(row: Samples, percent: int) -> None:
    with pytest.raises(ValueError, match="percent must lie in 1 to 99"):
        ROAR_SHARED.degraded(row, row.inputs, Modality.TABULAR, percent=percent)


def test_shapes_must_agree(row: Samples) -> None:
    with pytest.raises(ValueError, match=r"\(1, 3\) and inputs \(1, 4\)"):
        ROAR_SHARED.degraded(row, row.inputs[:, :3], Modality.TABULAR, percent=50)


def test_the_mean_of_the_channels_must_be_given(image: Samples) -> None:
    with pytest.raises(ValueError, match="needs the mean of the training samples"):
        ROAR_ENTRIES.degraded(image, image.inputs, Modality.IMAGE, percent=50)


@pytest.mark.parametrize("retraining", [ROAR_SHARED, KEEP, XCL_ROAR], ids=lambda retraining: retraining.name)
def test_samples_that_may_not_lose_every_feature_are_refused(retraining: Retraining, row: Samples) -> None:
    some = replace(row, removable=torch.tensor([[True, True, True, False]]))
    with pytest.raises(ValueError, match="all features must be removable"):
        retraining.degraded(some, row.inputs, Modality.TABULAR, percent=50)
    every = replace(row, removable=torch.ones_like(row.inputs, dtype=torch.bool))
    found, expected = (
        retraining.degraded(samples, row.inputs, Modality.TABULAR, percent=50).inputs for samples in (every, row)
    )
    assert torch.equal(found, expected)
