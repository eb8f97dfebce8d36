"""Scores of samples, as a store keeps them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from salbench.results.record import Record
from salbench.results.scores import scores_in, stacked
from salbench.results.store import Store


def test_scores_of_a_record_are_read(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    with Store(tmp_path) as store:
        digest = store.put({"aopc": torch.tensor([0.5, float("nan")]), "gini": torch.zeros(2)})
        found = scores_in(store)(make_record(scores=digest))
    assert found is not None
    assert np.array_equal(found, [0.5, np.nan], equal_nan=True)


def test_no_scores_are_none(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    with Store(tmp_path) as store:
        digest = store.put({"gini": torch.zeros(2)})
        read = scores_in(store)
        assert read(make_record()) is None
        assert read(make_record(scores="0" * 64)) is None
        assert read(make_record(scores=digest)) is None


def test_only_scores_of_the_same_samples_are_stacked() -> None:
    stack = stacked([np.zeros(3), np.ones(3)])
    assert stack is not None
    assert stack.shape == (2, 3)
    assert stacked([np.zeros(3), np.ones(2)]) is None
    assert stacked([np.zeros(3), None]) is None
    assert stacked([np.zeros(1), np.ones(1)]) is None
    assert stacked([]) is None
