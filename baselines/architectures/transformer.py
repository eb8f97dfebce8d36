"""A Transformer encoder over the steps of a series."""

from math import ceil, sqrt

import torch
from torch import Tensor, nn

from ...datasets.base import Modality
from .attention import StepSoftmax
from .base import Architecture


class SelfAttention(nn.Module):
    """Scaled dot-product attention of several heads, in plain operations that can be differentiated twice anywhere."""

    def __init__(self, width: int, *, heads: int, dropout: float, causal: bool) -> None:
        super().__init__()
        self.heads = heads
        self.queries = nn.Linear(width, width)
        self.keys = nn.Linear(width, width)
        self.values = nn.Linear(width, width)
        self.softmax = StepSoftmax(causal=causal)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width, width)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, T, width) to (N, T, width)."""
        queries, keys, values = (
            layer(inputs).unflatten(2, (self.heads, -1)).transpose(1, 2)  # (N, heads, T, width / heads)
            for layer in (self.queries, self.keys, self.values)
        )
        weights = self.dropout(self.softmax(queries @ keys.transpose(2, 3) / sqrt(queries.shape[-1])))
        outputs: Tensor = self.output((weights @ values).transpose(1, 2).flatten(2))
        return outputs


class EncoderLayer(nn.Module):
    """Attention and a feed-forward network, each on normalized inputs and with a shortcut around it."""

    def __init__(self, width: int, *, heads: int, inner: int, dropout: float, causal: bool) -> None:
        super().__init__()
        self.attention = nn.Sequential(
            nn.LayerNorm(width),
            SelfAttention(width, heads=heads, dropout=dropout, causal=causal),
            nn.Dropout(dropout),
        )
        self.forward_network = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, inner),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(inner, width),
            nn.Dropout(dropout),
        )

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, T, width) to (N, T, width)."""
        hidden = inputs + self.attention(inputs)
        outputs: Tensor = hidden + self.forward_network(hidden)
        return outputs


def position_code(steps: int, width: int, *, doubled: bool = False) -> Tensor:
    """Sines in even columns and cosines in odd ones, shape (steps, width).

    Args:
        steps: T.
        width: number of columns.
        doubled: the code of ismail2020benchmarking, whose exponent is twice the column, the cosine's odd one
            included; then frequencies fall twice as fast, and no pair of columns shares one.
    """
    columns = torch.arange(width, dtype=torch.float64)
    exponents = 2 * columns if doubled else columns - columns % 2
    angles = torch.arange(steps, dtype=torch.float64)[:, None] / 10_000 ** (exponents / width)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos()).float()


class TransformerClassifier(nn.Module):
    """Inputs times the root of the width plus a position code, encoder layers, the maximum over time, a linear layer.

    Source:
        vaswani2017attention with the settings of ismail2020benchmarking: 6 layers, 5 heads, 400 inner units, dropout
        0.1, normalization before each part, a causal mask, features used as they are. Departures: logits instead of
        probabilities; float32; `nn.LayerNorm`, whose standard deviation is the biased one, a constant factor that the
        learned scale takes up; where the heads do not divide the features, a linear layer widens them to the next
        multiple.
    """

    position: Tensor

    def __init__(
        self,
        steps: int,
        features: int,
        classes: int,
        *,
        layers: int = 6,
        heads: int = 5,
        inner: int = 400,
        dropout: float = 0.1,
        causal: bool = True,
        doubled: bool = False,
    ) -> None:
        super().__init__()
        width = heads * ceil(features / heads)
        self.widen = nn.Identity() if width == features else nn.Linear(features, width)
        self.register_buffer("position", position_code(steps, width, doubled=doubled), persistent=False)
        self.input_dropout = nn.Dropout(dropout)
        self.layers = nn.Sequential(
            *(EncoderLayer(width, heads=heads, inner=inner, dropout=dropout, causal=causal) for _ in range(layers))
        )
        self.norm = nn.LayerNorm(width)
        self.pool = nn.MaxPool1d(steps)
        self.linear = nn.Linear(width, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, T, D) to logits (N, K)."""
        widened = self.widen(inputs)
        hidden = self.input_dropout(widened * sqrt(widened.shape[2]) + self.position)
        hidden = self.norm(self.layers(hidden))
        logits: Tensor = self.linear(self.pool(hidden.transpose(1, 2)).squeeze(2))
        return logits


def build_transformer(shape: tuple[int, ...], classes: int) -> nn.Module:
    """A `TransformerClassifier` for series of shape (T, D)."""
    steps, features = shape
    return TransformerClassifier(steps, features, classes)


def build_transformer_published(shape: tuple[int, ...], classes: int) -> nn.Module:
    """The same with the position code of ismail2020benchmarking."""
    steps, features = shape
    return TransformerClassifier(steps, features, classes, doubled=True)


def build_transformer_mnist(shape: tuple[int, ...], classes: int) -> nn.Module:
    """The published one for MNIST read column by column: 4 heads, and each step sees all others."""
    steps, features = shape
    return TransformerClassifier(steps, features, classes, heads=4, causal=False, doubled=True)


TRANSFORMER = Architecture(
    name="transformer",
    version=1,
    build=build_transformer,
    modalities=frozenset({Modality.SERIES}),
    description="Transformer encoder: 6 causal layers, 5 heads, 400 inner units, dropout 0.1, maximum over time",
    reference="vaswani2017attention",
)

TRANSFORMER_PUBLISHED = Architecture(
    name="transformer_published",
    version=1,
    build=build_transformer_published,
    modalities=frozenset({Modality.SERIES}),
    description="the same Transformer encoder with the published position code, whose exponents are doubled",
    reference="ismail2020benchmarking",
)

TRANSFORMER_MNIST = Architecture(
    name="transformer_mnist",
    version=1,
    build=build_transformer_mnist,
    modalities=frozenset({Modality.SERIES}),
    description="Transformer encoder: 6 layers, 4 heads, no causal mask, doubled position code; for MNIST as a series",
    reference="ismail2020benchmarking",
)
