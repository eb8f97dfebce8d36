"""A bidirectional LSTM over word vectors, with attention over its states."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ...datasets.base import Modality
from .base import Architecture
from .words import WordModel


class BiLSTMClassifier(WordModel):
    """Word vectors, one bidirectional LSTM layer, additive attention with a learned query, two linear layers.

    Each text is run to its own end in both directions, so its padding is never read.

    Source:
        ismail2021improving names GloVe and a bidirectional LSTM, and no more; the rest is that of the nearest public
        model, the baseline of deyoung2020eraser: 128 units a direction, attention of 256, 128 units, dropout 0.2.
        Departures: the word vectors are the data set's, and dropout is left out of the LSTM's own weights.
    """

    def __init__(self, classes: int, vectors: Tensor | None = None, *, hidden: int = 128, dropout: float = 0.2) -> None:
        super().__init__(vectors)
        states = 2 * hidden
        self.word_dropout = nn.Dropout(dropout)
        self.lstm = nn.LSTM(self.width, hidden, batch_first=True, bidirectional=True)
        self.attention = nn.Sequential(nn.Linear(states, states), nn.Tanh(), nn.Linear(states, 1, bias=False))
        self.softmax = nn.Softmax(dim=1)
        self.layers = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(states, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, classes)
        )

    def classify(self, embeddings: Tensor, present: Tensor) -> Tensor:
        """Word vectors (N, T, E) to logits (N, K); a text without words is read as one word of zeros."""
        lengths = present.sum(dim=1).clamp(min=1)
        read = torch.arange(embeddings.shape[1], device=lengths.device) < lengths.unsqueeze(1)  # (N, T)
        inputs = self.word_dropout(embeddings * read.unsqueeze(2))
        packed, _ = self.lstm(pack_padded_sequence(inputs, lengths.cpu(), batch_first=True, enforce_sorted=False))
        states, _ = pad_packed_sequence(packed, batch_first=True, total_length=embeddings.shape[1])  # (N, T, 2H)
        scores = self.attention(states).masked_fill(~read.unsqueeze(2), float("-inf"))
        summary = (self.softmax(scores) * states).sum(dim=1)
        logits: Tensor = self.layers(summary)
        return logits


def build_bilstm(shape: tuple[int, ...], classes: int, vectors: Tensor | None = None) -> nn.Module:
    """A `BiLSTMClassifier` for texts of shape (T,), with its table of word vectors (V, E)."""
    return BiLSTMClassifier(classes, vectors)


BILSTM = Architecture(
    name="bilstm",
    version=1,
    build=build_bilstm,
    modalities=frozenset({Modality.TEXT}),
    description="trained word vectors, bidirectional LSTM of 128 units, additive attention, dropout 0.2",
    reference="deyoung2020eraser",
)
