"""The two convolutional networks on which the six saliency regularizers were tried."""

from torch import nn

from ...datasets.base import Modality
from .base import Architecture


def build_cnn3b(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Two 5×5 convolutions of 8 and 16 channels, each with ReLU and pooling, and one linear layer.

    Args:
        shape: (C, H, W) with H and W at least 4.
        classes: K.

    Returns:
        A module that maps (N, C, H, W) to logits (N, K).

    Raises:
        ValueError: images smaller than 4×4.

    Source:
        xaiconstrained, the MNIST network; the linear layer follows the image size (784 for 28×28).
    """
    channels, height, width = shape
    if min(height, width) < 4:
        raise ValueError(f"cnn3b needs images of at least 4x4, got {height}x{width}")
    return nn.Sequential(
        nn.Conv2d(channels, 8, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * (height // 4) * (width // 4), classes),
    )


def build_cnn4b(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Two 3×3 convolutions of 32 and 64 channels with batch norm, pooling, dropout, and two linear layers.

    Args:
        shape: (C, H, W), of any size.
        classes: K.

    Returns:
        A module that maps (N, C, H, W) to logits (N, K).

    Source:
        xaiconstrained, the Fashion-MNIST network. As published, 3×3 convolutions are padded by two, so each adds two
        pixels (16384 features for 28×28), and nothing but dropout stands between the two linear layers.
    """
    channels, height, width = shape
    return nn.Sequential(
        nn.Conv2d(channels, 32, kernel_size=3, padding=2),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Conv2d(32, 64, kernel_size=3, padding=2),
        nn.BatchNorm2d(64),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.15),
        nn.Linear(64 * ((height + 4) // 2) * ((width + 4) // 2), 32),
        nn.Dropout(0.25),
        nn.Linear(32, classes),
    )


CNN3B = Architecture(
    name="cnn3b",
    version=1,
    build=build_cnn3b,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="two 5x5 convolutions of 8 and 16 channels with max-pooling, one linear layer",
    reference="xaiconstrained",
)

CNN4B = Architecture(
    name="cnn4b",
    version=1,
    build=build_cnn4b,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="two 3x3 convolutions of 32 and 64 channels with batch norm, max-pooling, 32 units, dropout",
    reference="xaiconstrained",
)
