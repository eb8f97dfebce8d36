import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor

from salbench.metrics.auroc import auroc


def predictions(classes: int, count: int = 200) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    targets = torch.randint(classes, (count,), generator=generator)
    logits = torch.randn(count, classes, generator=generator, dtype=torch.float64)
    return logits + torch.eye(classes)[targets], targets


def test_shares_by_hand() -> None:
    logits = torch.tensor([[0.0, 2.0], [0.0, -1.0], [0.0, 1.0], [0.0, -1.0]])
    targets = torch.tensor([1, 1, 0, 0])
    # class 1 beats 1 and -1, or ties with -1; class 0 beats 2 of none, or ties and beats
    assert auroc(logits, targets).tolist() == [1.0, 0.25, 0.5, 0.75]
    assert auroc(logits, targets).mean().item() == 2.5 / 4


def test_constant_logits_are_chance() -> None:
    assert auroc(torch.ones(4, 3), torch.tensor([0, 1, 2, 2])).tolist() == [0.5] * 4


def test_without_another_class_it_is_nan() -> None:
    assert auroc(torch.randn(3, 2), torch.tensor([1, 1, 1])).isnan().all()
    assert auroc(torch.randn(3, 1), torch.tensor([0, 0, 0])).isnan().all()


@pytest.mark.parametrize("broken", [torch.nan, torch.inf])
def test_faulty_logits_are_nan_and_no_rivals(broken: float) -> None:
    logits, targets = predictions(3)
    faulty = torch.cat([torch.tensor([[0.0, broken, 0.0]]), logits])
    scores = auroc(faulty, torch.cat([torch.tensor([1]), targets]))
    assert scores[0].isnan()
    torch.testing.assert_close(scores[1:], auroc(logits, targets))


def test_two_classes_equal_scikit_learn() -> None:
    logits, targets = predictions(2)
    logits = (logits * 2).round()  # ties
    probability = torch.softmax(logits, dim=1)[:, 1].numpy().round(12)
    scores = auroc(logits, targets)
    expected = roc_auc_score(targets.numpy(), probability)
    assert scores.mean().item() == pytest.approx(expected, abs=1e-12)
    assert scores[targets == 1].mean().item() == pytest.approx(expected, abs=1e-12)
    assert scores[targets == 0].mean().item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("classes", [3, 7])
def test_more_classes_equal_scikit_learn(classes: int) -> None:
    logits, targets = predictions(classes)
    probabilities = torch.softmax(logits, dim=1).numpy()
    scores = auroc(logits, targets)
    weighted, macro = (
        roc_auc_score(targets.numpy(), probabilities, multi_class="ovr", average=average)
        for average in ("weighted", "macro")
    )
    assert scores.mean().item() == pytest.approx(weighted, abs=1e-12)
    by_class = [scores[targets == label].mean().item() for label in range(classes)]
    assert sum(by_class) / classes == pytest.approx(macro, abs=1e-12)


def test_saturated_probabilities_are_no_ties() -> None:
    logits = torch.tensor([[0.0, 90.0], [0.0, 80.0], [0.0, 100.0]])
    assert auroc(logits, torch.tensor([1, 0, 1])).tolist() == [1.0, 1.0, 1.0]
    logits = torch.tensor([[0.0, 0.0, 90.0], [0.0, 0.0, 80.0], [0.0, 0.0, 100.0]])
    assert auroc(logits, torch.tensor([2, 0, 2])).tolist() == [1.0, 1.0, 1.0]


def test_scores_stay_in_bounds_and_follow_their_samples() -> None:
    logits, targets = predictions(3)
    scores = auroc(logits, targets)
    assert ((scores >= 0) & (scores <= 1)).all()
    order = torch.randperm(len(targets), generator=torch.Generator().manual_seed(1))
    assert torch.equal(auroc(logits[order], targets[order]), scores[order])
    torch.testing.assert_close(auroc(logits + 5, targets), scores)
