import torch

from salbench.metrics import correctness


def test_one_where_the_largest_logit_is_the_targets() -> None:
    logits = torch.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])
    assert correctness(logits, torch.tensor([1, 1, 1])).tolist() == [1.0, 0.0, 1.0]


def test_of_equal_logits_the_first_counts() -> None:
    assert correctness(torch.zeros(2, 3), torch.tensor([0, 2])).tolist() == [1.0, 0.0]


def test_nan_logits_are_wrong_whatever_the_target() -> None:
    logits = torch.tensor([[torch.nan, 1.0], [0.0, torch.nan]])
    assert correctness(logits, torch.tensor([0, 1])).tolist() == [0.0, 0.0]


def test_one_class_is_always_right() -> None:
    assert correctness(torch.zeros(3, 1), torch.zeros(3, dtype=torch.int64)).tolist() == [1.0, 1.0, 1.0]


def test_leading_axes_are_kept() -> None:
    logits = torch.tensor([[[0.0, 1.0]], [[1.0, 0.0]]])  # (2, N=1, K=2)
    assert correctness(logits, torch.tensor([1])).tolist() == [[1.0], [0.0]]
