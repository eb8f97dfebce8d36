"""Read IDX, the format of the MNIST family: a magic number, the sizes of the axes, then the bytes."""

import gzip
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_UNSIGNED_BYTE = 8


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes.

    Args:
        path: a raw file, or a .gz.

    Returns:
        The array, of as many axes as the file declares; read-only.

    Raises:
        ValueError: another magic number, or fewer or more bytes than the axes ask for.
        OSError: a file, or a .gz, that cannot be read.

    Source:
        lecun1998gradient; the format is described on the page that distributes the files.
    """
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if len(content) < 4 or content[:3] != bytes([0, 0, _UNSIGNED_BYTE]) or content[3] == 0:
        raise ValueError(
            f"{path} must begin with the IDX magic number 00 00 08 and the number of axes, got {content[:4].hex(' ')!r}"
        )
    axes = content[3]
    header = 4 + 4 * axes  # bytes
    if len(content) < header:
        raise ValueError(f"{path} is cut off: {axes} axes need a header of {header} bytes, got {len(content)}")
    shape = tuple(int(size) for size in np.frombuffer(content, dtype=">u4", count=axes, offset=4))
    if len(content) - header != prod(shape):
        raise ValueError(f"{path} must hold {prod(shape)} bytes for the shape {shape}, got {len(content) - header}")
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)
