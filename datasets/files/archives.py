"""Read named files out of a package file (tar or zip) without unpacking it to disk."""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from .source import OriginalFile, UnavailableError
from .verify import verified

LARGEST_HEADER = 1 << 26  # bytes; headers are read into memory as a whole
LARGEST_CONTENT = 1 << 35  # bytes of all members together, unpacked


def members(archive: Path, folder: str, files: Iterable[OriginalFile]) -> Iterator[tuple[OriginalFile, bytes]]:
    """Find the named files in an archive and verify them; no other member is read, none is written to disk.

    An archive that was made to unpack without end costs no more than a bounded time and memory.

    Args:
        archive: a tar file, compressed or not, or a zip file.
        folder: where the files lie in the archive.
        files: what to read; each may be there raw or as .gz.

    Yields:
        Each file with its uncompressed bytes.

    Raises:
        UnavailableError: a damaged archive, or one without a named file.
        WrongContentError: a file that is not the original one.
    """
    wanted = {PurePosixPath(folder, name): file for file in files for name in file.names}
    left = set(wanted.values())
    try:
        for name, stream in _contents(archive, max([LARGEST_HEADER, *(file.size + 1 for file in left)])):
            file = wanted.get(name)
            if file in left:
                yield file, verified(file, stream, compressed=name.suffix == ".gz")
                left.remove(file)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile) as error:
        raise UnavailableError(f"{archive.name} cannot be read: {error}") from error
    if left:
        raise UnavailableError(f"{archive.name} has no {' or '.join(sorted(file.name for file in left))} in {folder}")


def _contents(archive: Path, largest_read: int) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for name in zipped.namelist():
                with zipped.open(name) as stream:
                    yield PurePosixPath(name), stream
        return
    with archive.open("rb") as packed, _unpacked(packed) as content:
        bounded = cast("IO[bytes]", _Bounded(content, largest_read))
        with tarfile.open(fileobj=bounded, mode="r:") as tarred:
            for member in tarred:
                stream_or_none = tarred.extractfile(member) if member.isreg() else None  # links are not followed
                if stream_or_none is not None:
                    yield PurePosixPath(member.name), stream_or_none


def _unpacked(packed: IO[bytes]) -> IO[bytes]:
    """The bytes of a tar file, whatever it is compressed with."""
    start = packed.read(6)
    packed.seek(0)
    for mark, module in ((b"\x1f\x8b", gzip), (b"BZh", bz2), (b"\xfd7zXZ\x00", lzma)):
        if start.startswith(mark):
            return cast("IO[bytes]", module.open(packed, "rb"))
    return packed


class _Bounded:
    """A stream that refuses what only an archive made to do harm asks for."""

    def __init__(self, stream: IO[bytes], largest_read: int) -> None:
        self._stream = stream
        self._largest_read = largest_read

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._largest_read:
            raise tarfile.ReadError(f"a header of {size} bytes; {LARGEST_HEADER} are allowed")
        return self._stream.read(size)

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, place: int, whence: int = 0) -> int:
        if place > LARGEST_CONTENT:
            raise tarfile.ReadError(f"more than {LARGEST_CONTENT} bytes of content")
        return self._stream.seek(place, whence)
