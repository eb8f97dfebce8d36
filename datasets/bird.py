"""BIRD: photographs of bird species, 224×224, in a folder of class folders, as saliency guided training used them."""

from functools import partial
from pathlib import Path

import numpy as np
import torch

from .base import Budget, Dataset, Modality, Samples, Split
from .files.fetch import fetch
from .files.source import BroughtSource, Form
from .formats.image_folder import class_names, labelled_images
from .formats.images import reader, resized
from .lazy import lazy_samples
from .pixels import UNIT_PIXELS

CLASSES = 260  # outputs of the published classifier
SIDE = 224  # pixels
_FIRST_TEST_ID = 1_000_000  # more than there are training images in any version
_FOLDERS = {Split.TRAIN: "train", Split.TEST: "valid"}


def load_birds(source: BroughtSource, classes: int, side: int, root: Path, split: Split) -> Samples:
    """Read one split of a folder of class folders; images are decoded when they are asked for.

    Args:
        source: of the folders train, valid and test.
        classes: how many class folders there must be.
        side: of the square to which an image of another size is brought.
        root: the folder that holds all data.
        split: which part to read; the folder `valid` is the test split.

    Returns:
        Inputs of shape (N, 3, side, side) in [0, 1]; the fill is black. Ids follow the alphabetical order of class and
        file, from 0 for training and from 1,000,000 for testing, so they hold within one version of the release.

    Raises:
        FetchError: the folders are not there.
        ValueError: another number of classes, or class folders that differ between the splits.

    Source:
        ismail2021improving, section 5.1 and the published code: the accuracy called test is that on `valid`. The paper
        counts 260 classes, 38,518 training and 1,350 test images, which is 270 × 5: no version has these numbers.
    """
    folder = fetch(source, root)
    names = class_names(folder / _FOLDERS[Split.TRAIN])
    if len(names) != classes:
        raise ValueError(
            f"{folder / _FOLDERS[Split.TRAIN]} must have {classes} class folders as the published classifier, "
            f"got {len(names)}; the release grows with its versions"
        )
    images, targets = labelled_images(folder / _FOLDERS[split], names)
    return lazy_samples(
        reader(images, np.arange(len(targets)), partial(resized, height=side, width=side)),
        UNIT_PIXELS,
        (3, side, side),
        targets=torch.from_numpy(targets),
        ids=torch.arange(len(targets)) + (0 if split is Split.TRAIN else _FIRST_TEST_ID),
        fill=UNIT_PIXELS.black,
    )


BIRD_FILES = BroughtSource(
    folder="bird",
    parts=((Form(name="the unpacked release", folders=("train", "valid")),),),
    page="Kaggle, data set gpiosenka/100-bird-species (with an account, on the terms named there)",
)

BIRD = Dataset(
    name="bird",
    version=1,
    modality=Modality.IMAGE,
    shape=(3, SIDE, SIDE),
    classes=CLASSES,
    load=partial(load_birds, BIRD_FILES, CLASSES, SIDE),
    fill="a black pixel",
    evidence=False,
    budget=Budget(
        epochs=40, batch_size=48, optimizer="adam", learning_rate=1e-4, decay_at=tuple(range(5, 40, 5)), decay=0.75
    ),
    description="photographs of 260 bird species, 224×224, RGB in [0, 1]; the test split is the release's valid",
    reference="piosenka2023birds",
    source=BIRD_FILES,
)
