"""Sets a damaged database aside and takes over what is proven sound in it."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from .artifacts import Artifacts
from .database import NAME
from .errors import StoreError, explained
from .store import Store
from .untrusted import parsed


class Recovery(NamedTuple):
    """What became of a damaged database."""

    aside: Path | None  # where it lies now; None if it was found sound, or another run had set it aside
    kept: int  # finished tasks that need not be done again


def set_aside(folder: Path) -> Recovery:
    """Rename a damaged database, and start a new one with those finished tasks whose artifacts are sound.

    SQLite notices a page that cannot be followed but not a number that was changed within one, so nothing is taken
    over on trust: a task counts if the files that its digests name are there with the right bytes. Numbers are
    measured again from them, which needs no training and no explaining.

    Args:
        folder: the store's folder, which no other run should be writing to.

    Raises:
        StoreError: the folder cannot be written.
    """
    path = folder / NAME
    with explained(folder), FileLock(folder / "recovery.lock"):
        if _is_sound(path):
            return Recovery(None, 0)
        aside = _free_name(folder)
        for suffix in ("-wal", "-shm", ""):  # the log goes with its database, which would be wrong without it
            part = path.with_name(NAME + suffix)
            if part.exists():
                part.replace(aside.with_name(aside.name + suffix))
        artifacts = Artifacts(folder / "artifacts")
        kept = {
            key: outcome
            for key, outcome in _outcomes(aside)
            if all(artifacts.sound(digest) for digest in outcome["artifacts"].values())
        }
        with Store(folder) as store:
            store.commit(outcomes=kept)
        return Recovery(aside, len(kept))


def _is_sound(path: Path) -> bool:
    try:
        connection = sqlite3.connect(path, timeout=30.0)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False


def _free_name(folder: Path) -> Path:
    name = f"{NAME}.damaged-{time.strftime('%Y-%m-%d')}"
    taken = {path.name for path in folder.iterdir()}
    number = next(number for number in range(1, len(taken) + 2) if f"{name}-{number}" not in taken)
    return folder / f"{name}-{number}"


def _outcomes(path: Path) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """The finished tasks that can still be read, whatever is damaged around them."""
    try:
        connection = sqlite3.connect(path)
    except sqlite3.DatabaseError:
        return
    try:
        for key, text in _rows(connection):
            try:
                outcome = parsed(text, str(key))
            except StoreError:
                continue
            digests = outcome.get("artifacts")
            if isinstance(key, str) and isinstance(digests, dict) and all(isinstance(d, str) for d in digests.values()):
                yield key, outcome
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[object, object]]:
    """Every readable row: from the front until the damage, then from the back; what lies between by halves."""
    try:
        (last,) = connection.execute("SELECT max(rowid) FROM outcomes").fetchone()
    except sqlite3.DatabaseError:
        last = _LARGEST
    spans = [(1, last or 0)]
    attempts = 0
    while spans and attempts < _ATTEMPTS:
        first, last = spans.pop()
        attempts += 1
        try:
            found = connection.execute(
                "SELECT key, json FROM outcomes WHERE rowid BETWEEN ? AND ?", (first, last)
            ).fetchall()
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            if first < last:
                middle = (first + last) // 2
                spans += [(middle + 1, last), (first, middle)]
            continue
        yield from found


_LARGEST = 1 << 24  # rows looked for where the damage hides their number
_ATTEMPTS = 20_000
