"""Files of a user's own: known by their contents, and named in messages without end."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Where files of a user's own lie, which is no part of what they hold: an identity leaves it out."""

    path: str


def content_digest(files: Sequence[Path], folder: Path) -> str:
    """SHA-256 of the names and contents of files, so that results are known by the data and not by the place."""
    total = hashlib.sha256()
    for path in files:
        total.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def some_of(items: Sequence[object]) -> str:
    """The first items of a list, for a message."""
    shown = ", ".join(map(str, items[:5]))
    return shown + (f" and {len(items) - 5} more" if len(items) > 5 else "")
