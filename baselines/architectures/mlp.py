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


def build_rrr_mlp(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Hidden layers of 50 and 30 units; weights and biases start from N(0, 0.1²).

    Source:
        ross2017right, the network of all experiments; it ends in logits, not in log-softmax.
    """
    model = build_mlp(shape, classes, widths=(50, 30))
    for parameter in model.parameters():
        nn.init.normal_(parameter, 0.0, 0.1)
    return model


RRR_MLP = Architecture(
    name="rrr_mlp",
    version=1,
    build=build_rrr_mlp,
    modalities=frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR}),
    description="two hidden layers of 50 and 30 units, ReLU, weights and biases from N(0, 0.1²)",
    reference="ross2017right",
)
