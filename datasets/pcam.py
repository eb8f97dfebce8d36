"""PatchCamelyon (PCAM): 96×96 tissue patches in HDF5, with or without a metastasis in the middle; read lazily."""

import gzip
import importlib
import os
import shutil
import zlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import numpy as np
import torch
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.fetch import fetch
from .files.source import BroughtSource, FetchError, Form, OriginalFile
from .lazy import lazy_samples
from .pixels import UNIT_PIXELS

SIDE = 96  # pixels
COUNTS = {Split.TRAIN: 262_144, Split.TEST: 32_768}
_FIRST_TEST_ID = 262_144
_NAME = "camelyonpatch_level_2_split_{split}_{content}.h5"


def load_pcam(source: BroughtSource, counts: dict[str, int], side: int, root: Path, split: Split) -> Samples:
    """Open one split of PCAM; patches are read when they are asked for.

    Packed files are verified by their checksums and unpacked once. No checksum of the unpacked files is published, so
    these are verified by what they must be: complete HDF5 (the library knows where a file has to end), with the right
    keys, number of patches, size and type.

    Args:
        source: of the files, as .h5 or .h5.gz.
        counts: patches in each split, by its name.
        side: of a patch.
        root: the folder that holds all data.
        split: which part to open; the release's validation split is not used.

    Returns:
        Inputs of shape (N, 3, side, side) in [0, 1]; ids from 0 for training and from 262,144 for testing; the fill is
        black.

    Raises:
        ModuleNotFoundError: h5py is not installed.
        FetchError: the files are not there, or are not the original ones.

    Source:
        veeling2018rotation; no preprocessing, as none is given by those who use it.
    """
    folder = fetch(source, root)
    count = counts[split]
    patches = _opened(folder / _NAME.format(split=split, content="x"), "x", (count, side, side, 3))
    labels = _opened(folder / _NAME.format(split=split, content="y"), "y", (count, 1, 1, 1))
    targets = torch.from_numpy(labels[:].reshape(count).astype(np.int64))
    if not set(targets.unique().tolist()) <= {0, 1}:
        raise FetchError(f"the labels of the {split} split must be 0 or 1, got {targets.unique().tolist()}")
    return lazy_samples(
        partial(_rows, patches),
        UNIT_PIXELS,
        (3, side, side),
        targets=targets,
        ids=torch.arange(count) + (0 if split is Split.TRAIN else _FIRST_TEST_ID),
        fill=UNIT_PIXELS.black,
    )


def unpack_all(source_names: tuple[str, ...], folder: Path) -> None:
    """Unpack what is there as .gz alone; whole or not at all, whatever interrupts it."""
    for name in source_names:
        path, packed = folder / name, folder / f"{name}.gz"
        if path.is_file():
            continue
        part = path.with_name(f"{name}.{uuid4().hex}.part")
        try:
            with gzip.open(packed) as stream, part.open("xb") as output:
                shutil.copyfileobj(stream, output, 1 << 22)
                output.flush()
                os.fsync(output.fileno())
            part.replace(path)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise FetchError(f"{packed} cannot be unpacked: {error}") from error
        finally:
            part.unlink(missing_ok=True)


def _opened(path: Path, key: str, shape: tuple[int, ...]) -> Any:
    """A data set in an HDF5 file, which stays open."""
    h5py = _h5py()
    try:
        content = h5py.File(path, "r").get(key)
    except OSError as error:
        raise FetchError(f"{path} is not a complete HDF5 file: {error}") from error
    if content is None:
        raise FetchError(f"{path} must hold the key {key!r}")
    if content.shape != shape or content.dtype != np.uint8:
        raise FetchError(f"{path} must hold uint8 of shape {shape}, got {content.dtype} of shape {content.shape}")
    return content


def _h5py() -> ModuleType:
    try:
        return importlib.import_module("h5py")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'PCAM is read with h5py, which is not installed; `pip install "salbench[pcam]"` adds it', name="h5py"
        ) from error


def _rows(patches: Any, places: Sequence[int]) -> Tensor:
    """Patches as (B, 3, H, W): a run of places at once, others one by one, since HDF5 is slow at lists."""
    first, count = places[0], len(places)
    if list(places) == list(range(first, first + count)):
        rows = patches[first : first + count]
    else:
        rows = np.stack([patches[place] for place in places])
    return torch.from_numpy(rows).permute(0, 3, 1, 2)


def pcam_source(folder: str, files: tuple[OriginalFile, ...]) -> BroughtSource:
    """The release as packed files with their checksums, or unpacked; what was unpacked need not be packed any more."""
    names = tuple(file.name.removesuffix(".gz") for file in files)
    return BroughtSource(
        folder=folder,
        parts=tuple(
            (
                Form(name="the unpacked file", files=(OriginalFile(name=name, size=0, md5="", gz_md5=""),)),
                Form(name="the packed file", files=(file,)),
            )
            for name, file in zip(names, files, strict=True)
        ),
        page="github.com/basveeling/pcam (CC0; the checksums there tell the test files from the validation files)",
        prepare=partial(unpack_all, names),
    )


PCAM_FILES = pcam_source(
    "pcam",
    tuple(
        OriginalFile(name=f"{_NAME.format(split=split, content=content)}.gz", size=size, md5=md5, gz_md5="")
        for split, content, size, md5 in (
            ("train", "x", 6_421_353_462, "1571f514728f59376b705fc836ff4b63"),
            ("train", "y", 21_378, "35c2d7259d906cfc8143347bb8e05be7"),
            ("test", "x", 0, "d8c2d60d490dbd479f8199bdfa0cf6ec"),
            ("test", "y", 0, "60a7035772fbdb7f34eb86d4420cf66a"),
        )
    ),
)

PCAM = Dataset(
    name="pcam",
    version=1,
    modality=Modality.IMAGE,
    shape=(3, SIDE, SIDE),
    classes=2,
    load=partial(load_pcam, PCAM_FILES, {str(split): count for split, count in COUNTS.items()}, SIDE),
    fill="a black pixel",
    evidence=False,
    budget=Budget(epochs=20, batch_size=256, optimizer="adam", learning_rate=1e-3),
    description="tissue patches of lymph nodes, 96×96, RGB in [0, 1]; is there a metastasis in the middle",
    reference="veeling2018rotation",
    counts=Counts(COUNTS[Split.TRAIN], COUNTS[Split.TEST]),
    source=PCAM_FILES,
)
