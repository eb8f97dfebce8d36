"""The check that a model returns logits, and the declaration itself."""

import pickle

import pytest
import torch

from salbench.baselines.architectures import ARCHITECTURES, Architecture, check_logits

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 3.0, -2.0]])


def test_logits_come_back_as_they_are() -> None:
    assert check_logits(LOGITS, 2, 3) is LOGITS


def test_positive_logits_are_no_probabilities() -> None:
    assert check_logits(LOGITS.abs(), 2, 3).equal(LOGITS.abs())


def test_negative_logits_are_no_log_probabilities() -> None:
    assert check_logits(-LOGITS.abs(), 2, 3).equal(-LOGITS.abs())


def test_probabilities_are_refused() -> None:
    with pytest.raises(ValueError, match=r"returned probabilities; .* leave the softmax out"):
        check_logits(LOGITS.softmax(dim=1), 2, 3)


def test_log_probabilities_are_refused() -> None:
    with pytest.raises(ValueError, match=r"returned log-probabilities; .* leave the log-softmax out"):
        check_logits(LOGITS.log_softmax(dim=1), 2, 3)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_samples_without_finite_logits_are_counted(value: float) -> None:
    with pytest.raises(ValueError, match="NaN or infinite logits for 1 of 2 samples"):
        check_logits(LOGITS.masked_fill(LOGITS == 3.0, value), 2, 3)


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (2, 3, 1), (6,)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"logits of shape \(2, 3\), got \(" + ", ".join(map(str, shape))):
        check_logits(torch.randn(shape), 2, 3)


def test_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="must return a tensor of logits, got tuple"):
        check_logits((LOGITS, LOGITS), 2, 3)


def test_names_are_given_once() -> None:
    assert len({architecture.name for architecture in ARCHITECTURES}) == len(ARCHITECTURES)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda architecture: architecture.name)
def test_a_declaration_can_be_sent_to_a_worker(architecture: Architecture) -> None:
    assert pickle.loads(pickle.dumps(architecture)) == architecture
