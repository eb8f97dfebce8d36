"""An LSTM whose cell sees, at each step, an attention-weighted mean of all inputs so far."""

from torch import Tensor, nn

from ...datasets.base import Modality
from .attention import StepSoftmax
from .base import Architecture
from .lstm import run


class InputCellAttention(nn.Module):
    """At step t the mean of x_1 … x_t, once for each hop, weighted by softmax over s ≤ t of W2 tanh(W1 x_s + b1).

    The score of an input does not depend on the step that looks at it. So scores are computed once, and one causal
    softmax gives the weights of all steps and hops, each of them at most one however large the scores grow. (Running
    sums over time would need as much memory where T ≤ D, and underflow after a step of small score.)

    Source:
        ismail2019input, equations 4 to 6, which keeps all hops; ismail2020benchmarking averages over them.
        Departure: the bias b2 is left out, because the softmax cancels it.
    """

    def __init__(self, features: int, *, width: int, hops: int, average: bool) -> None:
        super().__init__()
        self.scores = nn.Sequential(nn.Linear(features, width), nn.Tanh(), nn.Linear(width, hops, bias=False))
        self.softmax = StepSoftmax(causal=True)
        self.average = average

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, T, D) to (N, T, D) if averaged, else to (N, T, hops D)."""
        steps = inputs.shape[1]
        scores = self.scores(inputs).transpose(1, 2)  # (N, hops, T)
        weights: Tensor = self.softmax(scores[:, :, None, :].expand(-1, -1, steps, -1))  # (N, hops, T, T)
        if self.average:
            return weights.mean(dim=1) @ inputs
        return (weights @ inputs[:, None]).transpose(1, 2).flatten(2)


class InputCellAttentionClassifier(nn.Module):
    """Dropout, input-cell attention, LSTM, dropout, and a linear layer on the last step.

    What the attention gives depends on the inputs alone, not on the LSTM's state. So it is computed for all steps
    first, and the recurrence is a plain `nn.LSTM`.

    Source:
        ismail2019input, ismail2020benchmarking: matrices start Xavier-uniform, vectors at zero. Departures: logits
        instead of probabilities, float32, two bias vectors a gate as in `nn.LSTM` instead of one.
    """

    def __init__(
        self,
        features: int,
        classes: int,
        *,
        hidden: int = 50,
        width: int = 50,  # d_a
        hops: int = 10,  # r
        average: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.input_dropout = nn.Dropout(dropout)
        self.attention = InputCellAttention(features, width=width, hops=hops, average=average)
        self.lstm = nn.LSTM(features if average else hops * features, hidden, batch_first=True)
        self.output_dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(hidden, classes)
        for parameter in (*self.attention.parameters(), *self.lstm.parameters()):
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)
            else:
                nn.init.zeros_(parameter)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, T, D) to logits (N, K)."""
        seen = self.attention(self.input_dropout(inputs))
        states = run(self.lstm, seen, differentiable_twice=inputs.requires_grad)
        logits: Tensor = self.linear(self.output_dropout(states[:, -1]))
        return logits


def build_lstm_ica(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Averaged over 10 hops, 50 hidden units, for series of shape (T, D)."""
    return InputCellAttentionClassifier(shape[1], classes)


def build_lstm_ica_published(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Averaged over 10 hops, 5 hidden units as in ismail2020benchmarking."""
    return InputCellAttentionClassifier(shape[1], classes, hidden=5)


def build_lstm_ica_mnist(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Averaged over 28 hops, 25 hidden units as in ismail2020benchmarking for MNIST read column by column."""
    return InputCellAttentionClassifier(shape[1], classes, hidden=25, width=30, hops=28)


def build_lstm_ica_flat(shape: tuple[int, ...], classes: int) -> nn.Module:
    """All 20 hops side by side, 50 hidden units."""
    return InputCellAttentionClassifier(shape[1], classes, hops=20, average=False)


def build_lstm_ica_flat_published(shape: tuple[int, ...], classes: int) -> nn.Module:
    """All 20 hops side by side, 5 hidden units as in ismail2019input."""
    return InputCellAttentionClassifier(shape[1], classes, hidden=5, hops=20, average=False)


LSTM_ICA = Architecture(
    name="lstm_ica",
    version=1,
    build=build_lstm_ica,
    modalities=frozenset({Modality.SERIES}),
    description="LSTM of 50 units with input-cell attention averaged over 10 hops, dropout 0.1",
    reference="ismail2019input",
)

LSTM_ICA_PUBLISHED = Architecture(
    name="lstm_ica_published",
    version=1,
    build=build_lstm_ica_published,
    modalities=frozenset({Modality.SERIES}),
    description="LSTM of 5 units as published with input-cell attention averaged over 10 hops, dropout 0.1",
    reference="ismail2020benchmarking",
)

LSTM_ICA_MNIST = Architecture(
    name="lstm_ica_mnist",
    version=1,
    build=build_lstm_ica_mnist,
    modalities=frozenset({Modality.SERIES}),
    description="LSTM of 25 units with input-cell attention averaged over 28 hops; for MNIST as a series",
    reference="ismail2020benchmarking",
)

LSTM_ICA_FLAT = Architecture(
    name="lstm_ica_flat",
    version=1,
    build=build_lstm_ica_flat,
    modalities=frozenset({Modality.SERIES}),
    description="LSTM of 50 units with input-cell attention, 20 hops side by side, dropout 0.1",
    reference="ismail2019input",
)

LSTM_ICA_FLAT_PUBLISHED = Architecture(
    name="lstm_ica_flat_published",
    version=1,
    build=build_lstm_ica_flat_published,
    modalities=frozenset({Modality.SERIES}),
    description="LSTM of 5 units as published with input-cell attention, 20 hops side by side, dropout 0.1",
    reference="ismail2019input",
)
