"""Tell the original files from missing, cut-off and foreign ones by size and checksum."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from .checksums import remembered_md5
from .source import BroughtSource, Form, OriginalFile, Source, UnavailableError


class WrongContentError(UnavailableError):
    """Bytes that are not those of the original file; the message says what was expected and what was found."""


class State(StrEnum):
    """What is known about a file in the user's folder."""

    PRESENT = "present"  # and its checksum is right
    MISSING = "missing"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    """One original file and what the user's folder has in its place."""

    file: OriginalFile
    state: State
    path: Path  # of what was found, raw or .gz; where the raw file belongs if nothing was
    note: str = ""  # what is wrong


def status(source: Source, root: Path) -> list[FileStatus]:
    """Check every file of a source in the user's folder; nothing is fetched, and no file of it is changed.

    Args:
        source: the files to look for.
        root: the folder that holds all data.

    Returns:
        One status a file, in the order of the source; of files that the user brings, in the form that was found.
    """
    if isinstance(source, BroughtSource):
        folder = root / source.folder
        return [found for part in source.parts for found in look_at_form(found_form(part, folder) or part[0], folder)]
    return [look(file, root / source.folder) for file in source.files]


def look(file: OriginalFile, folder: Path) -> FileStatus:
    """Check one file in a folder; the first of its names that exists counts."""
    path = locate(file, folder)
    if not path.is_file():
        return FileStatus(file=file, state=State.MISSING, path=path)
    try:
        with path.open("rb") as stream:
            verified(file, stream, compressed=path.suffix == ".gz")
    except WrongContentError as error:
        return FileStatus(file=file, state=State.WRONG, path=path, note=str(error))
    return FileStatus(file=file, state=State.PRESENT, path=path)


def found_form(part: tuple[Form, ...], folder: Path) -> Form | None:
    """The first form of which everything is there, right or wrong, or None."""
    for form in part:
        inside = folder / form.inside
        if all((inside / file.name).is_file() for file in form.files) and all(
            (inside / name).is_dir() for name in form.folders
        ):
            return form
    return None


def look_at_form(form: Form, folder: Path) -> list[FileStatus]:
    """Check everything that belongs to a form; of a folder, no more than that it is there.

    The checksum of a file is computed once and remembered for as long as its size and time of change stay the same.
    """
    inside = folder / form.inside
    return [_look_as_it_is(file, inside / file.name) for file in form.files] + [
        FileStatus(
            file=OriginalFile(name=name, size=0, md5="", gz_md5=""),
            state=State.PRESENT if (inside / name).is_dir() else State.MISSING,
            path=inside / name,
            note="a folder, checked when it is read" if (inside / name).is_dir() else "",
        )
        for name in form.folders
    ]


def _look_as_it_is(file: OriginalFile, path: Path) -> FileStatus:
    if not path.is_file():
        return FileStatus(file=file, state=State.MISSING, path=path)
    size = path.stat().st_size
    if file.size and size != file.size:
        return FileStatus(file=file, state=State.WRONG, path=path, note=f"{_expected(file)}, found {size} bytes")
    if file.md5 and (found := remembered_md5(path)) != file.md5:
        note = f"{_expected(file)}, found {size} bytes with md5 {found}"
        return FileStatus(file=file, state=State.WRONG, path=path, note=note)
    return FileStatus(file=file, state=State.PRESENT, path=path)


def locate(file: OriginalFile, folder: Path) -> Path:
    """The path under which a file lies in a folder, raw or .gz; if it does not, the path where it belongs."""
    return next((folder / name for name in file.names if (folder / name).is_file()), folder / file.name)


def verified(file: OriginalFile, stream: IO[bytes], *, compressed: bool) -> bytes:
    """Read a file and make sure that it is the original one.

    Args:
        file: what is expected.
        stream: the bytes to read; no more than the expected size is ever unpacked.
        compressed: whether the stream is gzipped.

    Returns:
        The uncompressed bytes.

    Raises:
        WrongContentError: another size or checksum than expected, or a .gz that cannot be read to its end.
    """
    if compressed:
        try:
            with gzip.GzipFile(fileobj=stream) as unpacked:
                content = unpacked.read(file.size + 1)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise WrongContentError(f"{_expected(file)}, found a .gz that cannot be unpacked: {error}") from error
    else:
        content = stream.read(file.size + 1)
    if len(content) > file.size:
        raise WrongContentError(f"{_expected(file)}, found more bytes")
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != (file.md5 or found) or len(content) < file.size:
        raise WrongContentError(f"{_expected(file)}, found {len(content)} bytes with md5 {found}")
    return content


def _expected(file: OriginalFile) -> str:
    known = [f"{file.size} bytes"] * bool(file.size) + [f"md5 {file.md5}"] * bool(file.md5)
    return f"{file.name}: expected {' with '.join(known)}"
