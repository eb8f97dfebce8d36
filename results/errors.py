"""What can go wrong with a store, said so that the reader knows what to do next."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StoreError(OSError):
    """The store as a whole cannot be used; the message names its folder and a way out."""


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
        StoreError: the folder cannot be written, its database is damaged, or another run holds it too long.
    """
    try:
        yield
    except (StoreError, MissingArtifact, DamagedArtifact):
        raise
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{_diagnosis(folder, error)}; use another folder with --store") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"cannot use {folder} as a store: {reason}; choose another folder with --store") from error


def _diagnosis(folder: Path, error: sqlite3.DatabaseError) -> str:
    match getattr(error, "sqlite_errorname", "").split("_")[1:2]:  # SQLITE_BUSY_SNAPSHOT counts as BUSY
        case ["BUSY"] | ["LOCKED"]:
            return f"another run is still writing to the store at {folder}; wait for it to end"
        case ["NOTADB"] | ["CORRUPT"]:
            return f"{folder / 'records.sqlite'} is not a readable database ({error}); move it away"
        case _:
            return f"cannot read or write the store at {folder}: {error}"
