"""A user's own images, with masks of what must not matter."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .annotations import annotate
from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.user_files import Place, content_digest, some_of
from .formats.images import ImageError

_MODES = {"L": 1, "RGB": 3}  # and how many channels they have
_MASK_MODES = ("1", "L", "P", "I", "I;16", "RGB")
_MASK_FORMATS = ("PNG", "BMP", "TIFF")  # without loss: JPEG blurs the edge of a mask
_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


class _Picture(NamedTuple):
    path: Path
    target: int
    mask: Path | None


def annotated_images(folder: Path | str, *, name: str, budget: Budget | None = None) -> Dataset:
    """Declare a data set of a user's own images and masks.

    The folder holds `train/CLASS/STEM.png` and `test/CLASS/STEM.png`, gray or RGB, all of one size. Beside them lies
    `irrelevant/train/CLASS/STEM.png` and so on, for as many images as are annotated. Where a mask (PNG, BMP or TIFF)
    is not black, nothing must matter. Classes are numbered in the order of their names; pixels are scaled to [0, 1].

    Args:
        folder: on this machine; it is read again whenever the data set is loaded.
        name: of the data set.
        budget: how models are trained on it; None takes 30 epochs with batches of 50.

    Raises:
        ValueError: a class that is missing from a split, a mask without an image or elsewhere than said above, two
            images with one stem, or images of unequal size or an unknown kind. Masks are looked at when the data set is
            loaded, and so are the pixels of images.
        OSError: a file that is no image, or a broken one.
    """
    folder = Path(folder).expanduser().resolve()
    classes = _classes(folder)
    _check_places(folder / "irrelevant", classes)
    pictures = {split: list(_pictures(folder, split, classes)) for split in Split}
    shapes = {_shape(picture.path) for found in pictures.values() for picture in found}
    if len(shapes) > 1:
        raise ValueError(f"all images must have one shape, got {some_of(sorted(shapes))}")
    files = [path for found in pictures.values() for picture in found for path in (picture.path, picture.mask) if path]
    return Dataset(
        name=name,
        version=2,
        modality=Modality.IMAGE,
        shape=shapes.pop(),
        classes=len(classes),
        load=partial(_load, Place(str(folder)), tuple(classes), content_digest(files, folder)),
        fill="black, 0",
        evidence=False,
        budget=budget or Budget(epochs=30),
        description="images of the classes " + ", ".join(classes),
        reference="ross2017right",  # of the annotations; the data are the user's
        counts=Counts(len(pictures[Split.TRAIN]), len(pictures[Split.TEST])),
    )


def _classes(folder: Path) -> list[str]:
    found = {split: sorted(path.name for path in (folder / split).glob("*") if path.is_dir()) for split in Split}
    for split in Split:
        if not found[split]:
            raise ValueError(f"{folder / split} must hold a folder of images for each class, got none")
    if missing := sorted(set(found[Split.TRAIN]) ^ set(found[Split.TEST])):
        raise ValueError(f"every class must be in both splits of {folder}, got these in one alone: {some_of(missing)}")
    return found[Split.TRAIN]


def _check_places(masks: Path, classes: Sequence[str]) -> None:
    """Every file below the folder of masks must be one that is looked for, but for hidden ones."""
    for path in sorted(masks.rglob("*")):
        place = path.relative_to(masks).parts
        if path.is_dir() or any(part.startswith(".") for part in place):
            continue
        if len(place) != 3 or place[0] not in set(Split) or place[1] not in classes:
            raise ValueError(
                f"mask {path} must lie in {masks / '{train,test}' / 'CLASS'} with a class among {some_of(classes)}; "
                "move it there or remove it"
            )
        if path.suffix.lower() not in _SUFFIXES:
            raise ValueError(f"mask {path} must end in {', '.join(_SUFFIXES)}, got {path.suffix!r}; save it as PNG")


def _pictures(folder: Path, split: Split, classes: Sequence[str]) -> Iterator[_Picture]:
    for target, kind in enumerate(classes):
        images, masks = (_stems(place / split / kind) for place in (folder, folder / "irrelevant"))
        if not images:
            raise ValueError(f"class {kind!r} is missing from {folder / split}: its folder holds no image")
        if unknown := sorted(set(masks) - set(images)):
            raise ValueError(f"masks in {folder / 'irrelevant' / split / kind} without an image: {some_of(unknown)}")
        for stem in sorted(images):
            yield _Picture(images[stem], target, masks.get(stem))


def _stems(folder: Path) -> dict[str, Path]:
    stems: dict[str, Path] = {}
    for path in sorted(folder.glob("*")):
        if path.suffix.lower() in _SUFFIXES and not path.name.startswith("."):
            if path.stem in stems:
                raise ValueError(f"two files with the stem {path.stem!r}: {stems[path.stem]} and {path}")
            stems[path.stem] = path
    return stems


def _shape(path: Path) -> tuple[int, ...]:
    with _opened(path) as image:
        mode, height, width = image.mode, image.height, image.width
    if mode not in _MODES:
        raise ValueError(f"{path} must be of mode {' or '.join(_MODES)}, got {mode}")
    return (_MODES[mode], height, width)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image, to be read and not to be checked inside the context."""
    try:
        with Image.open(path) as image:
            yield image
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # what pillow raises
        raise ImageError(f"{path} cannot be read as an image: {error}; put a sound one in its place") from error


def _load(place: Place, classes: Sequence[str], digest: str, _root: Path, split: Split) -> Samples:
    folder = Path(place.path)
    pictures = {part: list(_pictures(folder, part, classes)) for part in Split}
    files = [path for found in pictures.values() for picture in found for path in (picture.path, picture.mask) if path]
    if content_digest(files, folder) != digest:
        raise ValueError(f"{folder} was changed after the data set was declared; declare it again")
    inputs = torch.stack([_pixels(picture.path) for picture in pictures[split]])
    masks = [(row, picture.mask) for row, picture in enumerate(pictures[split]) if picture.mask is not None]
    ids = torch.arange(len(inputs)) + (0 if split is Split.TRAIN else len(pictures[Split.TRAIN]))
    samples = Samples(
        inputs=inputs,
        targets=torch.tensor([picture.target for picture in pictures[split]]),
        ids=ids,
        fill=torch.zeros(1).expand_as(inputs),
    )
    shape = inputs.shape[1:]
    stacked = [_mask(path, tuple(shape)) for _, path in masks]
    irrelevant = torch.stack(stacked) if stacked else torch.zeros(0, *shape, dtype=torch.bool)
    return annotate(samples, irrelevant, ids[[row for row, _ in masks]])


def _pixels(path: Path) -> Tensor:
    with _opened(path) as image:
        values = np.array(image, dtype=np.float32) / 255
    return torch.from_numpy(values if values.ndim == 3 else values[..., np.newaxis]).permute(2, 0, 1).contiguous()


def _mask(path: Path, shape: tuple[int, ...]) -> Tensor:
    with _opened(path) as image:
        form, mode = image.format, image.mode
        values = np.array(image.convert("RGB") if mode == "P" else image) != 0
    if form not in _MASK_FORMATS:
        raise ValueError(f"mask {path} must be {', '.join(_MASK_FORMATS)}, got {form}; draw it anew as PNG")
    if mode not in _MASK_MODES:
        raise ValueError(f"mask {path} must be of mode {', '.join(_MASK_MODES)}, got {mode}; save it as RGB")
    pixels = torch.from_numpy(values if values.ndim == 2 else values.any(axis=2))
    if pixels.shape != shape[1:]:
        raise ValueError(f"mask {path} must have {shape[1]}×{shape[2]} pixels, got {pixels.shape[0]}×{pixels.shape[1]}")
    return pixels.expand(shape)
