"""A one-layer LSTM that classifies a series from its last hidden state."""

import torch
from torch import Tensor, nn

from ...datasets.base import Modality
from .base import Architecture


class LSTMClassifier(nn.Module):
    """Dropout, LSTM, dropout, and a linear layer on the last step.

    Source:
        ismail2020benchmarking. Departures: logits instead of probabilities, float32, and 50 hidden units instead
        of 5, because five do not reach the published accuracies on the small and rare layouts.
    """

    def __init__(self, features: int, classes: int, *, hidden: int = 50, dropout: float = 0.1) -> None:
        super().__init__()
        self.input_dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(features, hidden, batch_first=True)
        self.output_dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(hidden, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, T, D) to logits (N, K)."""
        states = run(self.lstm, self.input_dropout(inputs), differentiable_twice=inputs.requires_grad)
        logits: Tensor = self.linear(self.output_dropout(states[:, -1]))
        return logits


def run(lstm: nn.LSTM, inputs: Tensor, *, differentiable_twice: bool) -> Tensor:
    """The hidden states of an LSTM, shape (N, T, hidden).

    cuDNN cannot differentiate its LSTM twice. So a model runs it without cuDNN whenever its own inputs ask for a
    gradient, which regular training never does: then a loss on input gradients works in train mode too.
    """
    if differentiable_twice and torch.backends.cudnn.enabled:
        with torch.backends.cudnn.flags(enabled=False):
            states, _ = lstm(inputs)
    else:
        states, _ = lstm(inputs)
    return states  # type: ignore[no-any-return]


def build_lstm(shape: tuple[int, ...], classes: int) -> nn.Module:
    """An `LSTMClassifier` for series of shape (T, D)."""
    _, features = shape
    return LSTMClassifier(features, classes)


def build_lstm_published(shape: tuple[int, ...], classes: int) -> nn.Module:
    """The same with 5 hidden units, the width of ismail2020benchmarking."""
    _, features = shape
    return LSTMClassifier(features, classes, hidden=5)


def build_lstm_mnist(shape: tuple[int, ...], classes: int) -> nn.Module:
    """The same with 25 hidden units, the width of ismail2020benchmarking for MNIST read column by column."""
    _, features = shape
    return LSTMClassifier(features, classes, hidden=25)


LSTM = Architecture(
    name="lstm",
    version=1,
    build=build_lstm,
    modalities=frozenset({Modality.SERIES}),
    description="one LSTM layer of 50 units, dropout 0.1, last hidden state",
    reference="hochreiter1997long",
)

LSTM_PUBLISHED = Architecture(
    name="lstm_published",
    version=1,
    build=build_lstm_published,
    modalities=frozenset({Modality.SERIES}),
    description="one LSTM layer of 5 units as published, dropout 0.1, last hidden state",
    reference="ismail2020benchmarking",
)

LSTM_MNIST = Architecture(
    name="lstm_mnist",
    version=1,
    build=build_lstm_mnist,
    modalities=frozenset({Modality.SERIES}),
    description="one LSTM layer of 25 units, dropout 0.1, last hidden state; for MNIST as a series",
    reference="ismail2020benchmarking",
)
