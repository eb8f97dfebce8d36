"""CIFAR-10: 32×32 colour images in ten classes, from the original archives or the folders that they unpack to."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch

from .augmentation import flip_and_crop
from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.archives import members
from .files.brought import bring
from .files.source import BroughtSource, Form, OriginalFile
from .files.verify import verified
from .formats.cifar_batches import CLASSES, PIXELS, read_binary_batch, read_python_batch
from .pixels import IMAGENET_PIXELS

SHAPE = (3, 32, 32)
_FIRST_TEST_ID = 50_000  # the training samples come before
PYTHON, BINARY = "cifar-10-batches-py", "cifar-10-batches-bin"  # the folders in the archives


def load_cifar10(source: BroughtSource, root: Path, split: Split) -> Samples:
    """Read one split of CIFAR-10; each batch is verified when it is read.

    Args:
        source: made by `cifar10_source`.
        root: the folder that holds all data.
        split: which part to read.

    Returns:
        Inputs of shape (N, 3, 32, 32); ids from 0 for training and from 50,000 for testing, in the order of the
        batches; the fill is a black pixel.

    Raises:
        FetchError: the files are not there, or are not the original ones.
        ValueError: a file that is not a batch of CIFAR-10.

    Source:
        krizhevsky2009learning; normalized as in the published code of ismail2021improving, by the mean and deviation
        of ImageNet.
    """
    (form,) = bring(source, root)
    folder = root / source.folder
    inner = form.inside or next(known.inside for known in source.parts[0] if known.inside and _packs(form, known))
    wanted = [file for known in source.parts[0] if known.inside == inner for file in known.files]
    wanted = [file for file in wanted if file.name.startswith("test") == (split is Split.TEST)]
    read = read_python_batch if inner == PYTHON else read_binary_batch
    contents = dict(_contents(form, folder, inner, wanted))
    batches = [read(contents[file.name], file.name) for file in wanted]
    pixels, targets = (np.concatenate(arrays) for arrays in zip(*batches, strict=True))
    inputs = IMAGENET_PIXELS(torch.from_numpy(pixels).view(-1, *SHAPE))
    return Samples(
        inputs=inputs,
        targets=torch.from_numpy(targets),
        ids=torch.arange(len(inputs)) + (0 if split is Split.TRAIN else _FIRST_TEST_ID),
        fill=IMAGENET_PIXELS.black.expand_as(inputs),
    )


def _packs(archive: Form, unpacked: Form) -> bool:
    """Does the archive hold the unpacked form? Their names say so."""
    return unpacked.name == f"{archive.name}, unpacked"


def _contents(form: Form, folder: Path, inner: str, files: list[OriginalFile]) -> Iterator[tuple[str, bytes]]:
    if not form.inside:
        yield from ((file.name, content) for file, content in members(folder / form.files[0].name, inner, files))
        return
    for file in files:
        with (folder / inner / file.name).open("rb") as stream:
            yield file.name, verified(file, stream, compressed=False)


def cifar10_source(
    folder: str,
    *,
    python: OriginalFile,
    python_batches: tuple[OriginalFile, ...],
    binary: OriginalFile,
    binary_batches: tuple[OriginalFile, ...],
) -> BroughtSource:
    """The four forms of the release: two archives, and the folders in them."""
    return BroughtSource(
        folder=folder,
        parts=(
            (
                Form(name="the python version, unpacked", inside=PYTHON, files=python_batches),
                Form(name="the binary version, unpacked", inside=BINARY, files=binary_batches),
                Form(name="the python version", files=(python,)),
                Form(name="the binary version", files=(binary,)),
            ),
        ),
        page="www.cs.toronto.edu/~kriz/cifar.html (the page asks to cite its report)",
    )


_BATCHES = {
    "data_batch_1": (31_035_704, "c99cafc152244af753f735de768cd75f"),
    "data_batch_2": (31_035_320, "d4bba439e000b95fd0a9bffe97cbabec"),
    "data_batch_3": (31_035_999, "54ebc095f3ab1f0389bbae665268c751"),
    "data_batch_4": (31_035_696, "634d18415352ddfa80567beed471001a"),
    "data_batch_5": (31_035_623, "482c414d41f54cd18b22e5b47cb7c3cb"),
    "test_batch": (31_035_526, "40351d587109b95175f43aff81a1287e"),
}

CIFAR10_FILES = cifar10_source(
    "cifar10",
    python=OriginalFile(
        name="cifar-10-python.tar.gz", size=170_498_071, md5="c58f30108f718f92721af3b95e74349a", gz_md5=""
    ),
    python_batches=tuple(
        OriginalFile(name=name, size=size, md5=md5, gz_md5="") for name, (size, md5) in _BATCHES.items()
    ),
    binary=OriginalFile(
        name="cifar-10-binary.tar.gz", size=170_052_171, md5="c32a1d4ab5d03f1284b67883e8d87530", gz_md5=""
    ),
    binary_batches=tuple(  # nobody publishes their checksums, only that of the archive
        OriginalFile(name=f"{name}.bin", size=10_000 * (PIXELS + 1), md5="", gz_md5="") for name in _BATCHES
    ),
)

CIFAR10 = Dataset(
    name="cifar10",
    version=1,
    modality=Modality.IMAGE,
    shape=SHAPE,
    classes=CLASSES,
    load=partial(load_cifar10, CIFAR10_FILES),
    fill="a black pixel, which is also the border of the random crop",
    evidence=False,
    budget=Budget(
        epochs=200,
        batch_size=512,
        optimizer="sgd",
        learning_rate=0.1,
        momentum=0.9,
        weight_decay=1e-4,
        decay_at=(100, 150),
        decay=0.1,
    ),
    description="tiny photographs, normalized by ImageNet's mean and deviation; flipped and shifted in training",
    reference="krizhevsky2009learning",
    counts=Counts(50_000, 10_000),
    source=CIFAR10_FILES,
    augment=partial(flip_and_crop, padding=4, border=tuple(IMAGENET_PIXELS.black.flatten().tolist())),
)
