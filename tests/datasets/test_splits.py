"""The fixed stratified split."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from salbench.datasets import Split
from salbench.datasets.splits import stratified_split


def test_each_class_gives_its_share() -> None:
    targets = torch.tensor([0] * 8 + [1] * 4)
    ids = stratified_split(targets, Split.TEST, test_fraction=0.25, seed=0)
    assert targets[ids].tolist() == [0, 0, 1]


@settings(deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.floats(0.01, 0.99), st.integers(0, 9))
def test_the_parts_cover_everything_once(labels: list[int], test_fraction: float, seed: int) -> None:
    targets = torch.tensor(labels)
    parts = [stratified_split(targets, part, test_fraction=test_fraction, seed=seed) for part in Split]
    assert torch.cat(parts).sort().values.tolist() == list(range(len(labels)))


def test_another_seed_gives_another_split() -> None:
    targets = torch.zeros(100, dtype=torch.int64)
    first, second = (stratified_split(targets, Split.TEST, test_fraction=0.5, seed=seed) for seed in (0, 1))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("test_fraction", [0.0, 1.0, -0.1])
def test_the_fraction_must_leave_both_parts(test_fraction: float) -> None:
    with pytest.raises(ValueError, match=rf"\(0, 1\), got {test_fraction}"):
        stratified_split(torch.zeros(4), Split.TEST, test_fraction=test_fraction, seed=0)
