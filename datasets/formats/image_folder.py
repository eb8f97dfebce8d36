"""A folder of class folders: which images there are and to which class each belongs."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .images import FolderImages

SUFFIXES = (".jpeg", ".jpg", ".png")  # in small letters


class LabelledImages(NamedTuple):
    """Images in the order of their paths, with one class index each."""

    images: FolderImages
    targets: NDArray[np.int64]  # (N,)


def class_names(folder: Path) -> list[str]:
    """The names of the class folders in alphabetical order; a class index is a place in this list.

    Raises:
        FileNotFoundError: no such folder.
    """
    with os.scandir(folder) as found:
        return sorted(entry.name for entry in found if entry.is_dir() and not entry.name.startswith("."))


def labelled_images(folder: Path, classes: Iterable[str]) -> LabelledImages:
    """All images below the class folders.

    Args:
        folder: which has one folder a class.
        classes: in the order of their indices; another folder must not be there.

    Returns:
        Images sorted by class and name.

    Raises:
        ValueError: a class folder that is missing, empty or not among the classes.
    """
    expected = list(classes)
    found = class_names(folder)
    missing, foreign = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    if missing or foreign:
        raise ValueError(
            f"{folder} must have one folder for each of {len(expected)} classes; "
            f"missing: {_some(missing)}; not among the classes: {_some(foreign)}"
        )
    names, targets = [], []
    for index, name in enumerate(expected):
        files = image_names(folder / name)
        if not files:
            raise ValueError(f"the class folder {folder / name} has no image ({', '.join(SUFFIXES)})")
        names += [f"{name}/{file}" for file in files]
        targets += [index] * len(files)
    return LabelledImages(FolderImages(folder=folder, names=names), np.array(targets, dtype=np.int64))


def image_names(folder: Path) -> list[str]:
    """The names of the images in a folder, in alphabetical order, without hidden files such as macOS's `._1.jpg`."""
    with os.scandir(folder) as found:
        return sorted(entry.name for entry in found if _is_image(entry))


def _is_image(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower().endswith(SUFFIXES) and not entry.name.startswith(".") and entry.is_file()


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown or "none"
