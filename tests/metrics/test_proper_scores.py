from math import log

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss, mean_squared_error

from salbench.metrics.proper_scores import brier_score, negative_log_likelihood

LOGITS = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]).double().log()
TARGETS = torch.tensor([1, 2])


def test_values_by_hand() -> None:
    assert negative_log_likelihood(LOGITS, TARGETS).tolist() == pytest.approx([-log(0.3), -log(0.8)])
    assert brier_score(LOGITS, TARGETS).tolist() == pytest.approx([0.25 + 0.49 + 0.04, 0.01 + 0.01 + 0.04])


def test_certainty_is_best_where_right_and_worst_where_wrong() -> None:
    logits = torch.tensor([[1e4, 0.0]]).expand(2, -1)
    assert brier_score(logits, torch.tensor([0, 1])).tolist() == [0.0, 2.0]
    assert negative_log_likelihood(logits, torch.tensor([0, 1])).tolist() == [0.0, 1e4]
    assert negative_log_likelihood(torch.tensor([[0.0, -torch.inf]]), torch.tensor([1])).tolist() == [torch.inf]


def test_equal_probabilities_and_one_class() -> None:
    assert negative_log_likelihood(torch.zeros(1, 4), torch.tensor([2])).tolist() == pytest.approx([log(4)])
    assert brier_score(torch.zeros(1, 4), torch.tensor([2])).tolist() == pytest.approx([0.75])
    for score in (negative_log_likelihood, brier_score):
        assert score(torch.ones(1, 1), torch.tensor([0])).tolist() == [0.0]


def test_nan_logits_are_nan() -> None:
    logits = torch.tensor([[torch.nan, 1.0], [0.0, 1.0]])
    for score in (negative_log_likelihood, brier_score):
        assert score(logits, torch.tensor([1, 1])).isnan().tolist() == [True, False]


@pytest.mark.parametrize("classes", [2, 5])
def test_means_equal_scikit_learn(classes: int) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(100, classes, generator=generator, dtype=torch.float64)
    targets = torch.randint(classes, (100,), generator=generator)
    probabilities, truth = torch.softmax(logits, dim=1).numpy(), torch.eye(classes)[targets].numpy()
    likelihood = negative_log_likelihood(logits, targets).mean().item()
    assert likelihood == pytest.approx(log_loss(targets.numpy(), probabilities, labels=list(range(classes))))
    brier = brier_score(logits, targets).mean().item()
    assert brier == pytest.approx(classes * mean_squared_error(truth, probabilities))
    if classes == 2:
        assert brier == pytest.approx(2 * brier_score_loss(targets.numpy(), probabilities[:, 1]))


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(-100, 100))
def test_both_stay_in_bounds_and_a_common_shift_changes_nothing(row: list[float], shift: float) -> None:
    logits, target = torch.tensor([row]).double(), torch.tensor([0])
    for score, highest in ((negative_log_likelihood, torch.inf), (brier_score, 2.0)):
        value = score(logits, target).item()
        assert 0 <= value <= highest
        assert score(logits + shift, target).item() == pytest.approx(value, abs=1e-9)
