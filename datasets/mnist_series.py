"""MNIST as a multivariate time series: an image is read from left to right, one column of 28 pixels a step."""

from dataclasses import replace
from pathlib import Path

from torch import Tensor

from .base import Budget, Modality, Samples, Split
from .mnist import MNIST


def columns_as_steps(images: Tensor) -> Tensor:
    """Turn images into series.

    Args:
        images: shape (N, 1, height, width).

    Returns:
        A view of shape (N, width, height): a step is an image column, a feature is an image row.
    """
    return images[:, 0].transpose(1, 2)


def _load(root: Path, split: Split) -> Samples:
    samples = MNIST.load(root, split)
    return replace(
        samples,
        inputs=columns_as_steps(samples.inputs).contiguous(),
        fill=columns_as_steps(samples.fill),
    )


MNIST_SERIES = replace(
    MNIST,
    name="mnist_series",
    modality=Modality.SERIES,
    shape=(28, 28),
    load=_load,
    budget=Budget(epochs=5, batch_size=50),
    description="handwritten digits of MNIST, with image columns as steps and image rows as features",
)
