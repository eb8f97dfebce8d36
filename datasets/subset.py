"""A part of a data set as a data set of its own, for questions that must be answered in minutes."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from .base import Counts, Dataset, Samples, Split

_Load = Callable[[Path, Split], Samples]


def subset(dataset: Dataset, *, train: int | None = None, test: int | None = None) -> Dataset:
    """Declare a data set of some of the samples of another one.

    The samples are the first of a fixed random order, in the order of their split and with their own ids, so that a
    smaller part lies within a larger one. Files, fill, budget and word vectors are those of the whole.

    Args:
        dataset: the whole. Images that it reads only when they are asked for are read at once.
        train: how many training samples are kept; None keeps all.
        test: likewise for testing.

    Returns:
        A data set named after the whole and the counts, such as mnist_2000 or mnist_2000_test_500.

    Raises:
        ValueError: a count below 1, or nothing to leave out; when it is loaded, a count above that of the whole.
    """
    counts = {Split.TRAIN: train, Split.TEST: test}
    for split, count in counts.items():
        if count is not None and count < 1:
            raise ValueError(f"{split} must be at least 1, got {count}")
    if train is None and test is None:
        raise ValueError(f"a subset of {dataset.name!r} must name a count for train or test, got none")
    suffix = ("" if train is None else f"_{train}") + ("" if test is None else f"_test_{test}")
    told = ", ".join(f"{count} {split} samples" for split, count in counts.items() if count is not None)
    return replace(
        dataset,
        name=dataset.name + suffix,
        load=partial(_load, dataset.load, train, test),
        counts=_counts(dataset, train, test),
        description=f"{dataset.description}; {told} of it",
    )


def _counts(dataset: Dataset, train: int | None, test: int | None) -> Counts | None:
    whole = dataset.counts
    if whole is not None:
        return Counts(train or whole.train, test or whole.test)
    return Counts(train, test) if train and test else None


def _load(load: _Load, train: int | None, test: int | None, root: Path, split: Split) -> Samples:
    samples = load(root, split)
    count = train if split is Split.TRAIN else test
    if count is None:
        return samples
    if count > len(samples):
        raise ValueError(f"{split} must be at most {len(samples)}, the samples there are, got {count}")
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(0))
    return samples[order[:count].sort().values]
