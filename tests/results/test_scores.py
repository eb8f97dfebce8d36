"""Scores of samples of several maps together."""

import numpy as np

from salbench.results.scores import stacked


def test_only_scores_of_the_same_samples_are_stacked() -> None:
    stack = stacked([np.zeros(3), np.ones(3)])
    assert stack is not None
    assert stack.shape == (2, 3)
    assert stacked([np.zeros(3), np.ones(2)]) is None
    assert stacked([np.zeros(3), None]) is None
    assert stacked([np.zeros(1), np.ones(1)]) is None
    assert stacked([]) is None
