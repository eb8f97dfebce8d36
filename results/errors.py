"""What can go wrong with a store, said so that the reader knows what to do next."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StoreError(OSError):
    """The store as a whole cannot be used; the message names its folder and a way out."""


class DamagedRecords(StoreError):  # noqa: N818 - says what is wrong
    """The store's database cannot be read; `recovery.set_aside` saves what is sound in it."""


class MissingArtifact(OSError):  # noqa: N818 - says what is wrong
    """No artifact of this digest is in the store; running its task again makes it."""


class DamagedArtifact(OSError):  # noqa: N818
    """An artifact's bytes do not match its digest; it was set aside, and running its task again makes it anew."""


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system into a `StoreError` that names the folder.

    Errors of this module pass unchanged, as do all others.

    Args:
        folder: the store's folder.

    Raises:
        DamagedRecords: its database cannot be read.
        StoreError: the folder cannot be written, the disk is full, or another run holds it too long.
    """
    try:
        yield
    except (StoreError, MissingArtifact, DamagedArtifact):
        raise
    except sqlite3.Error as error:
        if _kind(error) in _DAMAGED:
            raise DamagedRecords(
                f"{folder / 'records.sqlite'} is not a readable database ({error}); `salbench run` sets it aside and "
                "keeps what is sound in it, or use another folder with --store"
            ) from error
        raise StoreError(_diagnosis(folder, error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        way_out = f"{_MAKE_ROOM}, or " if error.errno in _FULL else ""
        raise StoreError(
            f"cannot use {folder} as a store: {reason}; {way_out}choose another folder with --store"
        ) from error


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MAKE_ROOM = "make room and give the same command again, which goes on from what is stored"
_DAMAGED = {"NOTADB", "CORRUPT"}


def _kind(error: sqlite3.Error) -> str:
    """BUSY of SQLITE_BUSY and of SQLITE_BUSY_SNAPSHOT."""
    name: str = getattr(error, "sqlite_errorname", "")
    return (*name.split("_"), "")[1]


def _diagnosis(folder: Path, error: sqlite3.Error) -> str:
    match _kind(error):
        case "BUSY" | "LOCKED":
            return (
                f"another run is still writing to the store at {folder}; wait for it to end, or use another folder "
                "with --store"
            )
        case "FULL":
            return f"the disk of the store at {folder} is full; {_MAKE_ROOM}, or use another folder with --store"
        case "READONLY":
            return f"the store at {folder} can only be read; use another folder with --store"
        case _:
            return f"cannot read or write the store at {folder}: {error}; use another folder with --store"
