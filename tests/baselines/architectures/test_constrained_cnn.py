"""The networks of the six regularizers have the published sizes."""

import pytest
import torch
from torch import nn

from salbench.baselines.architectures.constrained_cnn import CNN3B, CNN4B


def sizes(model: nn.Module) -> list[int]:
    counts = [sum(parameter.numel() for parameter in layer.parameters()) for layer in model.children()]
    return [count for count in counts if count]


def test_cnn3b_on_mnist_by_hand() -> None:
    assert sizes(CNN3B.build((1, 28, 28), 10)) == [8 * 26, 16 * (8 * 25 + 1), 785 * 10]


def test_cnn4b_on_fashion_mnist_by_hand() -> None:
    assert sizes(CNN4B.build((1, 28, 28), 10)) == [320, 64, 64 * 289, 128, 16_385 * 32, 33 * 10]


def test_cnn4b_grows_by_two_pixels_a_convolution() -> None:
    model = CNN4B.build((1, 28, 28), 10).eval()
    assert nn.Sequential(*list(model.children())[:4])(torch.zeros(1, 1, 28, 28)).shape == (1, 64, 32, 32)
    assert [layer.p for layer in model.children() if isinstance(layer, nn.Dropout)] == [0.15, 0.25]


def test_cnn4b_is_linear_behind_its_pooling() -> None:
    layers = [type(layer) for layer in CNN4B.build((1, 28, 28), 10).children()]
    assert layers[layers.index(nn.MaxPool2d) + 1 :] == [nn.Flatten, nn.Dropout, nn.Linear, nn.Dropout, nn.Linear]


def test_images_too_small_for_cnn3b_are_refused() -> None:
    CNN3B.build((1, 4, 4), 2)
    with pytest.raises(ValueError, match="at least 4x4, got 9x3"):
        CNN3B.build((1, 9, 3), 2)
