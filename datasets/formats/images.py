"""Encoded images (JPEG, PNG) on disk or inside a tar file, decoded to pixels when they are asked for."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ..lazy import Read, read_each
from .tar_index import tar_index


class ImageError(OSError):
    """An image that cannot be decoded; the message says where it lies."""


class StoredImages(Protocol):
    """Encoded images by their places."""

    @property
    def names(self) -> Sequence[str]:
        """One name an image."""

    def content(self, place: int) -> bytes:
        """The bytes of one image."""

    def where(self, place: int) -> str:
        """Where it lies, for people."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FolderImages:
    """Images that are files."""

    folder: Path
    names: Sequence[str]  # under the folder

    def content(self, place: int) -> bytes:
        """The bytes of one image."""
        return (self.folder / self.names[place]).read_bytes()

    def where(self, place: int) -> str:
        """The file's path."""
        return str(self.folder / self.names[place])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TarImages:
    """Images inside an uncompressed tar file, read from where its index says that they begin."""

    archive: Path
    names: Sequence[str]
    offsets: NDArray[np.int64]  # bytes from the start of the archive
    sizes: NDArray[np.int64]

    def content(self, place: int) -> bytes:
        """The bytes of one image."""
        with self.archive.open("rb", buffering=0) as stream:
            stream.seek(int(self.offsets[place]))
            return stream.read(int(self.sizes[place]))

    def where(self, place: int) -> str:
        """The archive's path and the name in it."""
        return f"{self.archive}: {self.names[place]}"


def tar_images(archive: Path) -> TarImages:
    """All files in a tar file, in the order of their names."""
    names, offsets, sizes = tar_index(archive)
    return TarImages(archive=archive, names=names, offsets=offsets, sizes=sizes)


def reader(images: StoredImages, order: NDArray[np.int64], fit: Callable[[Image.Image], Image.Image]) -> Read:
    """A function that decodes images to uint8 rows of shape (B, 3, H, W).

    Args:
        images: where the encoded images are.
        order: the place of each sample's image, shape (N,).
        fit: brings an RGB image to the size of all.
    """
    return partial(_read, partial(_decoded, images, order, fit))


def resized(image: Image.Image, *, height: int, width: int) -> Image.Image:
    """The image at a size, by bilinear interpolation of the area if it differs."""
    return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.BILINEAR)


def center_cropped(image: Image.Image, *, shorter: int, side: int) -> Image.Image:
    """The middle square of an image whose shorter edge was brought to a length, proportions kept.

    The longer edge is rounded down and the offset of the crop to the nearest even pixel, as torchvision does.
    """
    width, height = image.size
    scale = shorter / min(width, height)
    if scale != 1:
        size = (shorter, int(shorter * height / width)) if width <= height else (int(shorter * width / height), shorter)
        image = image.resize(size, Image.Resampling.BILINEAR)
    left, top = round((image.width - side) / 2), round((image.height - side) / 2)
    return image.crop((left, top, left + side, top + side))


def _read(decoded: Callable[[int], NDArray[np.uint8]], samples: Sequence[int]) -> Tensor:
    return torch.from_numpy(read_each(decoded, samples)).permute(0, 3, 1, 2)


def _decoded(
    images: StoredImages, order: NDArray[np.int64], fit: Callable[[Image.Image], Image.Image], sample: int
) -> NDArray[np.uint8]:
    """One image as (height, width, 3)."""
    place = int(order[sample])
    try:
        with Image.open(io.BytesIO(images.content(place))) as image:
            pixels = np.array(fit(image.convert("RGB")))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # what pillow raises
        raise ImageError(f"{images.where(place)} cannot be read as an image: {error}") from error
    return pixels
