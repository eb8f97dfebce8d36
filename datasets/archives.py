"""Read named files out of a package file (tar or zip) without unpacking it to disk."""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from .source import OriginalFile, UnavailableError
from .verify import verified


def members(archive: Path, folder: str, files: Iterable[OriginalFile]) -> Iterator[tuple[OriginalFile, bytes]]:
    """Find the named files in an archive and verify them; no other member is read, none is written to disk.

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
        for name, stream in _contents(archive):
            file = wanted.get(name)
            if file in left:
                yield file, verified(file, stream, compressed=name.suffix == ".gz")
                left.remove(file)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError) as error:
        raise UnavailableError(f"{archive.name} cannot be read: {error}") from error
    if left:
        raise UnavailableError(f"{archive.name} has no {' or '.join(sorted(file.name for file in left))} in {folder}")


def _contents(archive: Path) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            for name in zipped.namelist():
                with zipped.open(name) as stream:
                    yield PurePosixPath(name), stream
        return
    with tarfile.open(archive) as tarred:
        for member in tarred:
            stream_or_none = tarred.extractfile(member) if member.isreg() else None  # links are not followed
            if stream_or_none is not None:
                yield PurePosixPath(member.name), stream_or_none
