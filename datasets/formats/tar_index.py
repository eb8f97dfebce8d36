"""Where the members of a tar file lie, also of the tar files inside it, so that they are read without unpacking."""

import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from ..files.source import FetchError


class TarIndex(NamedTuple):
    """The files in a tar file, sorted by name; those of an inner tar file GROUP.tar are called GROUP/NAME."""

    names: list[str]
    offsets: NDArray[np.int64]  # bytes from the start of the outer file to the content
    sizes: NDArray[np.int64]  # bytes


def tar_index(archive: Path) -> TarIndex:
    """The index of an uncompressed tar file; only headers are read.

    A large file has a million of them, so the index is kept in a hidden file beside it, as long as the archive's size
    and time of change stay the same. Where that cannot be written, it is made every time.

    Raises:
        FetchError: a damaged archive.
    """
    known = archive.stat()
    state = np.array([known.st_size, known.st_mtime_ns])
    memory = archive.with_name(f".{archive.name}.npz")
    with (
        suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile),
        memory.open("rb") as stream,
        np.load(stream, allow_pickle=False) as kept,
    ):
        if np.array_equal(kept["state"], state):
            return TarIndex(kept["names"].tolist(), kept["offsets"], kept["sizes"])
    try:
        found = sorted(_members(archive))
    except (tarfile.TarError, EOFError) as error:
        raise FetchError(f"{archive} cannot be read: {error}") from error
    index = TarIndex(
        names=[name for name, _, _ in found],
        offsets=np.array([offset for _, offset, _ in found], dtype=np.int64),
        sizes=np.array([size for _, _, size in found], dtype=np.int64),
    )
    part = memory.with_name(f".{archive.name}.{uuid4().hex}.part.npz")
    with suppress(OSError):
        np.savez(part, state=state, names=np.array(index.names), offsets=index.offsets, sizes=index.sizes)
        part.replace(memory)
    part.unlink(missing_ok=True)
    return index


def _members(archive: Path) -> Iterator[tuple[str, int, int]]:
    """Name, offset and size of every file, those of inner tar files in their place."""
    with tarfile.open(archive, "r:") as outer:
        for member in outer:
            if not member.isreg():  # links are not followed
                continue
            if not member.name.endswith(".tar"):
                yield member.name, member.offset_data, member.size
                continue
            group = Path(member.name).stem
            with tarfile.open(fileobj=outer.extractfile(member), mode="r:") as inner:
                for item in inner:
                    if item.isreg():
                        yield f"{group}/{item.name}", member.offset_data + item.offset_data, item.size
