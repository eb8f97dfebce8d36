"""A multilayer perceptron over the flattened input, for any modality."""

from math import prod

from torch import nn

from ...datasets.base import Modality
from .base import Architecture


def build_mlp(shape: tuple[int, ...], classes: int, *, widths: tuple[int, ...] = (128, 64)) -> nn.Module:
    """Linear layers with ReLU between them.

    Args:
        shape: F, the shape of one sample.
        classes: K.
        widths: units of each hidden layer.

    Returns:
        A module that maps (N, *F) to logits (N, K).
    """
    layers: list[nn.Module] = [nn.Flatten()]
    inputs = prod(shape)
    for width in widths:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


MLP = Architecture(
    name="mlp",
    version=1,
    build=build_mlp,
    modalities=frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR}),
    description="two hidden layers of 128 and 64 units, ReLU, no dropout",
    reference="rumelhart1986learning",
)
