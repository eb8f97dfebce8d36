import numpy as np
import pytest
import torch
from sklearn.calibration import calibration_curve
from torch import Tensor

from salbench.metrics.calibration import calibration_error


def predictions(count: int = 500, classes: int = 4) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = 2 * torch.randn(count, classes, generator=generator, dtype=torch.float64)
    return logits, torch.randint(classes, (count,), generator=generator)


def test_gaps_by_hand() -> None:
    logits = torch.tensor([[0.8, 0.2], [0.85, 0.15], [0.4, 0.6]]).double().log()
    targets = torch.tensor([0, 1, 1])
    scores = calibration_error(logits, targets, bins=2)  # all in (0.5, 1]
    assert scores.tolist() == pytest.approx([abs(2 / 3 - 0.75)] * 3)
    scores = calibration_error(logits, targets, bins=4)  # (0.75, 1] and (0.5, 0.75]
    assert scores.tolist() == pytest.approx([0.825 - 0.5] * 2 + [0.4])


def test_certain_and_right_is_zero_and_certain_and_wrong_is_one() -> None:
    logits = torch.tensor([[1e4, 0.0], [0.0, 1e4]])
    assert calibration_error(logits, torch.tensor([0, 1])).tolist() == [0.0, 0.0]
    assert calibration_error(logits, torch.tensor([1, 0])).tolist() == [1.0, 1.0]
    assert calibration_error(torch.zeros(2, 1), torch.tensor([0, 0])).tolist() == [0.0, 0.0]


def test_nan_logits_are_nan_and_in_no_bin() -> None:
    logits, targets = predictions()
    faulty = torch.cat([torch.full((1, 4), torch.nan).double(), logits])
    scores = calibration_error(faulty, torch.cat([torch.tensor([0]), targets]))
    assert scores[0].isnan()
    torch.testing.assert_close(scores[1:], calibration_error(logits, targets))
    assert calibration_error(faulty[:1], targets[:1]).isnan().all()


@pytest.mark.parametrize("bins", [1, 2, 15, 100])
def test_mean_equals_the_sum_over_the_bins_of_scikit_learn(bins: int) -> None:
    logits, targets = predictions()
    confidence, predicted = torch.softmax(logits, dim=1).max(dim=1)
    right = (predicted == targets).numpy()
    accuracy, mean_confidence = calibration_curve(right, confidence.numpy(), n_bins=bins)
    counts, _ = np.histogram(confidence.numpy(), bins=bins, range=(0, 1))
    expected = (counts[counts > 0] * np.abs(accuracy - mean_confidence)).sum() / len(targets)
    assert calibration_error(logits, targets, bins=bins).mean().item() == pytest.approx(expected, abs=1e-12)


def test_scores_stay_in_bounds_and_follow_their_samples() -> None:
    logits, targets = predictions()
    scores = calibration_error(logits, targets)
    assert ((scores >= 0) & (scores <= 1)).all()
    order = torch.randperm(len(targets), generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(calibration_error(logits[order], targets[order]), scores[order], rtol=0, atol=1e-12)


def test_there_is_at_least_one_bin() -> None:
    with pytest.raises(ValueError, match="at least 1, got 0"):
        calibration_error(*predictions(), bins=0)


def test_bins_are_closed_above() -> None:
    logits = torch.tensor([[0.0, 0.0], [0.1, 0.0]])  # 0.5 lies in (0, 0.5], 0.525 in (0.5, 1]
    scores = calibration_error(logits, torch.tensor([0, 0]), bins=2)
    assert scores[0] == 0.5
    assert scores[1].item() == pytest.approx(1 - torch.sigmoid(torch.tensor(0.1)).item())
