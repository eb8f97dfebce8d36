"""The LSTM classifies from its last step."""

import torch

from salbench.baselines.architectures import LSTM
from salbench.baselines.architectures.lstm import LSTMClassifier


def test_it_reads_the_last_step() -> None:
    torch.manual_seed(0)
    model = LSTMClassifier(4, 3).eval()
    inputs = torch.randn(2, 9, 4)
    states, (last, _) = model.lstm(inputs)
    assert torch.equal(model(inputs), model.linear(states[:, 8]))
    torch.testing.assert_close(model(inputs), model.linear(last[0]))


def test_one_layer_of_fifty_units() -> None:
    model = LSTM.build((50, 50), 2)
    assert sum(parameter.numel() for parameter in model.parameters()) == 4 * 50 * (50 + 50 + 2) + 50 * 2 + 2
