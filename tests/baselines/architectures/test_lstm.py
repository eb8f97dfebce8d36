"""The LSTM classifies from its last step."""

import pytest
import torch

from salbench.baselines.architectures import LSTM, Architecture
from salbench.baselines.architectures.lstm import LSTM_MNIST, LSTM_PUBLISHED, LSTMClassifier


def test_it_reads_the_last_step() -> None:
    torch.manual_seed(0)
    model = LSTMClassifier(4, 3).eval()
    inputs = torch.randn(2, 9, 4)
    states, (last, _) = model.lstm(inputs)
    assert torch.equal(model(inputs), model.linear(states[:, 8]))
    torch.testing.assert_close(model(inputs), model.linear(last[0]))


@pytest.mark.parametrize(
    ("architecture", "shape", "hidden", "classes"),
    [(LSTM, (50, 50), 50, 2), (LSTM_PUBLISHED, (50, 50), 5, 2), (LSTM_MNIST, (28, 28), 25, 10)],
    ids=lambda value: getattr(value, "name", None),
)
def test_one_layer_of_the_stated_width(
    architecture: Architecture, shape: tuple[int, ...], hidden: int, classes: int
) -> None:
    model = architecture.build(shape, classes)
    size = sum(parameter.numel() for parameter in model.parameters())
    assert size == 4 * hidden * (shape[1] + hidden + 2) + (hidden + 1) * classes


@pytest.mark.parametrize("asked", [True, False])
def test_cudnn_is_left_out_when_inputs_ask_for_a_gradient(asked: bool) -> None:
    """It cannot differentiate its LSTM twice; here only the switch can be seen."""
    model = LSTMClassifier(4, 3)
    enabled = []
    model.lstm.register_forward_pre_hook(lambda _lstm, _inputs: enabled.append(torch.backends.cudnn.enabled))
    model(torch.randn(2, 9, 4, requires_grad=asked))
    assert enabled == [torch.backends.cudnn.enabled and not asked]
