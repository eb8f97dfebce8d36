"""The small convolutional network of saliency guided training on MNIST."""

from torch import nn

from ...datasets.base import Modality
from .base import Architecture


def build_sgt_cnn(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Two 3×3 convolutions, one pooling, two linear layers, dropout.

    Args:
        shape: (C, H, W) with H and W at least 6.
        classes: K.

    Returns:
        A module that maps (N, C, H, W) to logits (N, K).

    Raises:
        ValueError: images smaller than 6×6.

    Source:
        ismail2021improving, MNIST model. Departures: it ends in logits, not in log-softmax; ReLU and pooling are
        modules, not functional calls; the width of the first linear layer follows the image size (9216 for 28×28).
    """
    channels, height, width = shape
    if min(height, width) < 6:
        raise ValueError(f"sgt_cnn needs images of at least 6x6, got {height}x{width}")
    pooled = 64 * ((height - 4) // 2) * ((width - 4) // 2)
    return nn.Sequential(
        nn.Conv2d(channels, 32, kernel_size=3),
        nn.ReLU(),
        nn.Conv2d(32, 64, kernel_size=3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),
        nn.Linear(pooled, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, classes),
    )


SGT_CNN = Architecture(
    name="sgt_cnn",
    version=1,
    build=build_sgt_cnn,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="two 3x3 convolutions, max-pooling, 128 units, dropout 0.25 and 0.5",
    reference="ismail2021improving",
)
