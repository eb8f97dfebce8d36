"""ImageNet 2012 (1,000 classes): photographs in the original tar files or in folders, decoded when asked for."""

import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.brought import bring
from .files.source import BroughtSource, FetchError, Form, OriginalFile
from .formats.image_folder import class_names, image_names, labelled_images
from .formats.imagenet_devkit import ARCHIVE as DEVKIT
from .formats.imagenet_devkit import validation_targets
from .formats.images import FolderImages, StoredImages, center_cropped, reader, tar_images
from .formats.tar_index import tar_index
from .lazy import lazy_samples
from .pixels import IMAGENET_PIXELS

TRAIN_TAR, VALIDATION_TAR = "ILSVRC2012_img_train.tar", "ILSVRC2012_img_val.tar"


class Sizes(NamedTuple):
    """What a release must hold, and the square that is cut out of an image."""

    classes: int
    training: int
    validation: int
    shorter: int  # the edge to which an image is resized
    side: int  # of the square


class _Labelled(NamedTuple):
    images: StoredImages
    targets: NDArray[np.int64]
    order: NDArray[np.int64]  # the place of each sample's image


def load_imagenet(source: BroughtSource, sizes: Sizes, root: Path, split: Split) -> Samples:
    """Open one split of ImageNet; images are decoded when they are asked for.

    Args:
        source: training and validation images, each as a folder or in the original tar file.
        sizes: of the release and of the images.
        root: the folder that holds all data.
        split: which part to open; the validation images are the test split.

    Returns:
        Inputs of shape (N, 3, side, side): the shorter edge resized, the middle square cut out, normalized by the mean
        and deviation of ImageNet; the fill is black. Classes are WordNet ids in alphabetical order. Samples and ids
        are the same for every form: training images by class and name from 0, then validation images by their number.

    Raises:
        FetchError: the files are not there, are not the original ones, or are not complete.
        ValueError: class folders that are missing.

    Source:
        russakovsky2015imagenet; the preprocessing is that of torchvision's pretrained models, in training too.
    """
    training, validation = bring(source, root)
    folder = root / source.folder
    archive = folder / TRAIN_TAR
    if training.folders:
        classes = class_names(folder / "train")
    else:
        classes = sorted({name.partition("/")[0] for name in tar_index(archive).names})
    if len(classes) != sizes.classes:
        where = folder / "train" if training.folders else archive
        raise FetchError(f"{where} must have {sizes.classes} classes, got {len(classes)}")
    if split is Split.TEST:
        found, count, first = _validation(validation, folder, classes), sizes.validation, sizes.training
    else:
        found, count, first = _training(training, folder, classes), sizes.training, 0
    if len(found.targets) != count:
        raise FetchError(f"{folder} must have {count} {split} images, got {len(found.targets)}")
    fit = partial(center_cropped, shorter=sizes.shorter, side=sizes.side)
    return lazy_samples(
        reader(found.images, found.order, fit),
        IMAGENET_PIXELS,
        (3, sizes.side, sizes.side),
        targets=torch.from_numpy(found.targets),
        ids=torch.arange(count) + first,
        fill=IMAGENET_PIXELS.black,
    )


def _training(form: Form, folder: Path, classes: list[str]) -> _Labelled:
    if form.folders:
        images, targets = labelled_images(folder / "train", classes)
        return _Labelled(images, targets, np.arange(len(targets)))
    packed = tar_images(folder / TRAIN_TAR)
    places = {name: place for place, name in enumerate(classes)}
    targets = np.array([places[name.partition("/")[0]] for name in packed.names], dtype=np.int64)
    return _Labelled(packed, targets, np.arange(len(targets)))


def _validation(form: Form, folder: Path, classes: list[str]) -> _Labelled:
    """The images in the order of their numbers, whatever folders they lie in."""
    images: StoredImages
    if not form.folders:
        images = tar_images(folder / VALIDATION_TAR)
    elif class_names(folder / "val"):
        images, targets = labelled_images(folder / "val", classes)
        order = np.argsort([_number(name) for name in images.names])
        return _Labelled(images, targets[order], order)
    else:
        images = FolderImages(folder=folder / "val", names=image_names(folder / "val"))
    targets = validation_targets(folder, classes)
    if len(targets) != len(images.names):
        raise FetchError(f"{DEVKIT} tells {len(targets)} classes, but there are {len(images.names)} validation images")
    return _Labelled(images, targets, np.argsort([_number(name) for name in images.names]))


def _number(name: str) -> int:
    found = re.search(r"_(\d+)\.\w+$", name)
    if found is None:
        raise FetchError(f"a validation image must be called ILSVRC2012_val_NUMBER.JPEG, got {name!r}")
    return int(found[1])


def imagenet_source(folder: str, *, training: OriginalFile, validation: OriginalFile) -> BroughtSource:
    """Training and validation images, each in a folder or in the original tar file."""
    return BroughtSource(
        folder=folder,
        parts=(
            (
                Form(name="training images, a folder for each WordNet id", folders=("train",)),
                Form(name="training images, a tar file of tar files", files=(training,)),
            ),
            (
                Form(name=f"validation images, in such folders or, with {DEVKIT}, without", folders=("val",)),
                Form(name=f"validation images, with {DEVKIT} beside them", files=(validation,)),
            ),
        ),
        page="image-net.org/download (ILSVRC 2012; with an account, for non-commercial research on the terms there)",
    )


IMAGENET_FILES = imagenet_source(
    "imagenet",
    training=OriginalFile(name=TRAIN_TAR, size=147_897_477_120, md5="1d675b47d978889d74fa0da5fadfb00e", gz_md5=""),
    validation=OriginalFile(name=VALIDATION_TAR, size=6_744_924_160, md5="29b22e2961454d5413ddabcf34fc5622", gz_md5=""),
)

_COUNTS = Counts(1_281_167, 50_000)
IMAGENET = Dataset(
    name="imagenet",
    version=1,
    modality=Modality.IMAGE,
    shape=(3, 224, 224),
    classes=1000,
    load=partial(
        load_imagenet,
        IMAGENET_FILES,
        Sizes(classes=1000, training=_COUNTS.train, validation=_COUNTS.test, shorter=256, side=224),
    ),
    fill="a black pixel",
    evidence=False,
    budget=Budget(
        epochs=90,
        batch_size=256,
        optimizer="sgd",
        learning_rate=0.1,
        momentum=0.9,
        weight_decay=1e-4,
        decay_at=(30, 60),
        decay=0.1,
    ),
    description="photographs of 1,000 classes, the middle 224×224, normalized; tested on the validation images",
    reference="russakovsky2015imagenet",
    counts=_COUNTS,
    source=IMAGENET_FILES,
)
