"""A part of a data set: which samples it keeps, how it is called, and what it refuses."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from salbench.benchmark.identity import identify
from salbench.datasets import DIGITS, Counts, Split
from salbench.datasets.subset import subset


def test_samples_keep_their_ids_order_and_contents(tmp_path: Path) -> None:
    whole = DIGITS.load(tmp_path, Split.TRAIN)
    part = subset(DIGITS, train=100).load(tmp_path, Split.TRAIN)
    assert len(part) == 100
    places = [whole.ids.tolist().index(sample) for sample in part.ids.tolist()]
    assert places == sorted(places)
    assert torch.equal(part.inputs, whole.inputs[places])
    assert torch.equal(part.targets, whole.targets[places])
    assert set(part.targets.tolist()) == set(range(10))


def test_a_smaller_part_lies_within_a_larger_one(tmp_path: Path) -> None:
    small, large = (subset(DIGITS, train=count).load(tmp_path, Split.TRAIN) for count in (50, 200))
    assert set(small.ids.tolist()) < set(large.ids.tolist())


def test_a_split_without_a_count_stays_whole(tmp_path: Path) -> None:
    part = subset(DIGITS, train=100)
    assert torch.equal(part.load(tmp_path, Split.TEST).ids, DIGITS.load(tmp_path, Split.TEST).ids)
    assert len(subset(DIGITS, test=40).load(tmp_path, Split.TEST)) == 40


@pytest.mark.parametrize(
    ("whole", "part", "counts"),
    [
        ((1438, 359), {"train": 100}, (100, 359)),
        ((1438, 359), {"test": 40}, (1438, 40)),
        (None, {"train": 100}, None),
        (None, {"train": 100, "test": 40}, (100, 40)),
    ],
)
def test_counts_are_known_as_far_as_those_of_the_whole_are(
    whole: tuple[int, int] | None, part: dict[str, int], counts: tuple[int, int] | None
) -> None:
    assert subset(replace(DIGITS, counts=whole and Counts(*whole)), **part).counts == counts


def test_name_and_identity_tell_the_counts() -> None:
    assert subset(DIGITS, train=100).name == "digits_100"
    assert subset(DIGITS, test=40).name == "digits_test_40"
    assert subset(DIGITS, train=100, test=40).name == "digits_100_test_40"
    parts = [DIGITS, subset(DIGITS, train=100), subset(DIGITS, train=101), subset(DIGITS, train=100, test=40)]
    assert len({identify(part) for part in parts}) == len(parts)
    assert identify(subset(DIGITS, train=100)) == identify(subset(DIGITS, train=100))


def test_counts_that_cannot_be_met_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="train must be at least 1, got 0"):
        subset(DIGITS, train=0)
    with pytest.raises(ValueError, match="must name a count"):
        subset(DIGITS)
    with pytest.raises(ValueError, match="train must be at most"):
        subset(DIGITS, train=10**6).load(tmp_path, Split.TRAIN)
