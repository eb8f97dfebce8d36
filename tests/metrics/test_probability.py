import torch
from scipy.special import softmax

from salbench.metrics.probability import class_probability, probability_drop


def test_probability_by_hand() -> None:
    logits = torch.tensor([[0.0, 0.0], [0.0, torch.log(torch.tensor(3.0))]])
    torch.testing.assert_close(class_probability(logits, torch.tensor([0, 1])), torch.tensor([0.5, 0.75]).double())


def test_equals_scipy_on_every_step() -> None:
    logits = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    classes = torch.tensor([4, 0, 2])
    expected = softmax(logits.numpy(), axis=-1)[:, [0, 1, 2], [4, 0, 2]]
    torch.testing.assert_close(class_probability(logits, classes), torch.from_numpy(expected))


def test_large_logits_do_not_overflow() -> None:
    assert class_probability(torch.tensor([[1e4, -1e4]]), torch.tensor([0])).tolist() == [1.0]


def test_a_likelier_class_has_a_negative_drop() -> None:
    drop = probability_drop(torch.zeros(1, 2), torch.tensor([[[0.0, 9.0]], [[0.0, 0.0]]]), torch.tensor([1]))
    assert drop[0].item() < -0.49
    assert drop[1].item() == 0.0


def test_one_class_never_drops() -> None:
    assert probability_drop(torch.zeros(2, 1), torch.ones(3, 2, 1), torch.zeros(2, dtype=torch.int64)).sum() == 0
