"""A one-layer LSTM that classifies a series from its last hidden state."""

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
        states, _ = self.lstm(self.input_dropout(inputs))
        logits: Tensor = self.linear(self.output_dropout(states[:, -1]))
        return logits


def build_lstm(shape: tuple[int, ...], classes: int) -> nn.Module:
    """An `LSTMClassifier` for series of shape (T, D)."""
    _, features = shape
    return LSTMClassifier(features, classes)


LSTM = Architecture(
    name="lstm",
    version=1,
    build=build_lstm,
    modalities=frozenset({Modality.SERIES}),
    description="one LSTM layer of 50 units, dropout 0.1, last hidden state",
    reference="hochreiter1997long",
)
