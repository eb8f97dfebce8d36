"""The two formats of a CIFAR-10 batch: a pickle of Python 2, and records of one byte of label and 3,072 of pixels."""

import numpy as np
from numpy.typing import NDArray

from .pickled_batch import read_pickled

CLASSES = 10
PIXELS = 3 * 32 * 32

Batch = tuple[NDArray[np.uint8], NDArray[np.int64]]  # (n, 3072), red, green, blue, each row by row; and (n,)


def read_python_batch(content: bytes, name: str) -> Batch:
    """Pixels and labels of a batch of the python version.

    Raises:
        ValueError: not such a batch; nothing in it is executed.
    """
    try:
        batch = read_pickled(content)
    except ValueError as error:
        raise ValueError(f"{name} is not a batch of CIFAR-10: {error}") from error
    pixels, labels = batch.get("data"), batch.get("labels")
    if not isinstance(pixels, np.ndarray) or not isinstance(labels, list):
        raise ValueError(f"{name} must hold the array data and the list labels, got {sorted(batch)}")
    return _checked(pixels, np.array(labels), name)


def read_binary_batch(content: bytes, name: str) -> Batch:
    """Pixels and labels of a batch of the binary version: one byte of label before each image.

    Raises:
        ValueError: not such a batch.
    """
    if len(content) % (PIXELS + 1):
        raise ValueError(f"{name} must hold a multiple of {PIXELS + 1} bytes, got {len(content)}")
    rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, PIXELS + 1)
    return _checked(rows[:, 1:], rows[:, 0], name)


def _checked(pixels: NDArray[np.uint8], labels: NDArray[np.integer], name: str) -> Batch:
    if pixels.shape != (len(labels), PIXELS) or labels.dtype.kind not in "iu" or not len(labels):
        raise ValueError(f"{name} must hold {PIXELS} pixels an image, got {pixels.shape} for {len(labels)} labels")
    if not 0 <= labels.min() <= labels.max() < CLASSES:
        raise ValueError(f"{name} must hold labels from 0 to 9, got {labels.min()} to {labels.max()}")
    return pixels, labels.astype(np.int64)
