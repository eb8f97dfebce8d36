"""The development kit of ImageNet 2012: the classes of the validation images, which their archive does not tell."""

import io
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files.source import FetchError

FOLDER = "ILSVRC2012_devkit_t12"
ARCHIVE = f"{FOLDER}.tar.gz"
_MEANING, _TRUTH = "data/meta.mat", "data/ILSVRC2012_validation_ground_truth.txt"


def validation_targets(folder: Path, classes: list[str]) -> NDArray[np.int64]:
    """Class indices of the validation images in the order of their numbers.

    The kit numbers the classes in an order of its own, so its numbers are translated to WordNet ids, and these to
    their places in alphabetical order, which is what pretrained models use.

    Args:
        folder: that holds the kit, as the original .tar.gz or unpacked.
        classes: WordNet ids in alphabetical order.

    Returns:
        Shape (N,).

    Raises:
        FetchError: the kit is not there, or does not fit the classes.
    """
    from scipy.io import loadmat

    synsets = loadmat(io.BytesIO(_content(folder, _MEANING)), squeeze_me=True)["synsets"]
    places = {name: place for place, name in enumerate(classes)}
    numbers = {
        int(number): places.get(str(name))
        for number, name in zip(synsets["ILSVRC2012_ID"], synsets["WNID"], strict=True)
    }
    truth = [int(line) for line in _content(folder, _TRUTH).split()]
    unknown = sorted({number for number in truth if numbers.get(number) is None})
    if unknown:
        raise FetchError(f"{folder / FOLDER}: the classes numbered {unknown[:5]} are not among the training classes")
    return np.array([numbers[number] for number in truth], dtype=np.int64)


def _content(folder: Path, name: str) -> bytes:
    unpacked, archive = folder / FOLDER / name, folder / ARCHIVE
    if unpacked.is_file():
        return unpacked.read_bytes()
    if not archive.is_file():
        raise FetchError(
            f"the classes of the validation images are in {ARCHIVE} (md5 fa75699e90414af021442c21a62c3abf), from "
            f"image-net.org as the images are; put it, packed or unpacked, into {folder}"
        )
    try:
        with tarfile.open(archive) as packed:
            stream = packed.extractfile(f"{FOLDER}/{name}")
            if stream is not None:
                return stream.read()
    except (KeyError, tarfile.TarError, EOFError, OSError) as error:
        raise FetchError(f"{archive} has no readable {FOLDER}/{name}: {error}") from error
    raise FetchError(f"{archive} has no file {FOLDER}/{name}")
