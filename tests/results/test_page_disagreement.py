import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from salbench.results.page.disagreement import most_disputed, rank_agreement


def test_worked_example() -> None:
    maps = {
        "a": torch.tensor([[1.0, 2.0, 3.0]]),
        "b": torch.tensor([[-1.0, -2.0, -3.0]]),
        "c": torch.tensor([[3.0, 2.0, 1.0]]),
    }
    pairs, agreement = rank_agreement(maps)
    assert pairs == [("a", "b"), ("a", "c"), ("b", "c")]
    assert agreement.ravel().tolist() == pytest.approx([1.0, -1.0, -1.0])


def test_agrees_with_scipy_with_ties() -> None:
    generator = torch.Generator().manual_seed(0)
    one, other = (torch.randint(-3, 4, (5, 20), generator=generator).float() for _ in range(2))
    _, agreement = rank_agreement({"one": one, "other": other})
    expected = [spearmanr(one[row].abs(), other[row].abs()).statistic for row in range(5)]
    assert agreement[0].tolist() == pytest.approx(expected)


def test_constant_map_has_no_rank() -> None:
    _, agreement = rank_agreement({"a": torch.ones(1, 3), "b": torch.rand(1, 3)})
    assert np.isnan(agreement).all()


def test_most_disputed_come_first_and_undefined_never() -> None:
    agreement = np.array([[0.9, -0.5, np.nan, 0.1], [0.7, np.nan, np.nan, 0.3]])
    chosen, means = most_disputed(agreement, 3)
    assert chosen == [1, 3, 0]
    assert means[[0, 1, 3]].tolist() == pytest.approx([0.8, -0.5, 0.2])
    assert most_disputed(agreement, 9)[0] == [1, 3, 0]


def test_no_methods_dispute_nothing() -> None:
    pairs, agreement = rank_agreement({})
    assert (pairs, most_disputed(agreement, 3)[0]) == ([], [])
