"""The store's SQLite file: how it is laid out, opened, and told from other files."""

import shutil
import sqlite3
from importlib.metadata import version
from pathlib import Path

from .columns import RECORD_COLUMNS
from .errors import StoreError, explained

_VERSION = version("salbench")  # read once: later this process may no longer be allowed to
FORMAT = 2  # raised whenever an older salbench could misread the store
NAME = "records.sqlite"

_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, json TEXT NOT NULL)",
    f"CREATE TABLE IF NOT EXISTS records ({', '.join(f'{name} {kind}' for name, kind in RECORD_COLUMNS.items())})",
)
_TABLE_NAMES = ("meta", "outcomes", "records")


def connect(folder: Path, *, create: bool, timeout: float) -> sqlite3.Connection:
    """Open the database of a store, in autocommit mode: transactions are begun by hand.

    Args:
        folder: the store's folder.
        create: make folder and database if they are not there.
        timeout: seconds to wait for another process that is writing.

    Raises:
        StoreError: there is no store, or it is another format's, or it cannot be opened for writing.
    """
    path = folder / NAME
    with explained(folder):
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        else:
            _refuse_missing(folder)
        connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
        try:
            _check_format(connection, folder)
            connection.execute("PRAGMA journal_mode = WAL")  # readers and the one writer do not wait for each other
            # A killed process loses nothing in WAL mode. A power cut may lose the last transactions, never a part
            # of one; their tasks are then run again, which costs less than a disk flush after every task.
            connection.execute("PRAGMA synchronous = NORMAL")
            _lay_out(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def connect_read_only(folder: Path, spare: Path, *, timeout: float) -> sqlite3.Connection:
    """Open the database of a store so that nothing in its folder is changed, as on a medium that cannot be written.

    Args:
        folder: the store's folder.
        spare: an empty folder that can be written. Transactions that still lie in the write-ahead log can only be read
            with an index beside it; where none can be made, both files are copied there.
        timeout: seconds to wait for a process that is writing.

    Raises:
        StoreError: there is no store, or it is another format's or was tampered with, or it cannot be read.
    """
    with explained(folder):
        _refuse_missing(folder)
        path, log = folder / NAME, folder / f"{NAME}-wal"
        try:
            return _opened(path, "mode=ro", folder, timeout)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.split("_")[1] not in {"CANTOPEN", "READONLY"}:
                raise
        if log.exists() and log.stat().st_size:
            for file in (path, log):
                shutil.copyfile(file, spare / file.name)
            return _opened(spare / NAME, "mode=rw", folder, timeout)
        return _opened(path, "immutable=1", folder, timeout)


def _opened(path: Path, mode: str, folder: Path, timeout: float) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=timeout, isolation_level=None)
    try:
        if not _check_format(connection, folder):
            raise StoreError(f"the store at {folder} is empty; run a suite first")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_missing(folder: Path) -> None:
    if not (folder / NAME).exists():
        raise StoreError(f"there is no store at {folder}; run a suite first, or name another folder with --store")


def _check_format(connection: sqlite3.Connection, folder: Path) -> bool:
    """Is the database laid out already? Whatever it holds may come from somebody else, so nothing else is run in it.

    Raises:
        StoreError: it is not a store, another format's, or its tables are not those that salbench makes.
    """
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")  # a damaged page is noticed before it is followed
    there = connection.execute("SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    if not there:
        return False
    if ("table", "meta") not in there:
        raise StoreError(f"the database in {folder} was not made by salbench; use another folder with --store")
    if set(there) != {("table", name) for name in _TABLE_NAMES} or _columns(connection) != _expected_columns():
        raise StoreError(
            f"the tables of the store at {folder} are not those that salbench makes; use another folder with --store"
        )
    (found,) = connection.execute("SELECT value FROM meta WHERE name = 'format'").fetchone() or ("unknown",)
    if found != str(FORMAT):
        reads = f"this salbench {_VERSION} reads format {FORMAT}"
        raise StoreError(f"the store at {folder} has format {found!s:.20}, {reads}; use another folder with --store")
    return True


def _columns(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    """Name, type and constraints of every column, a list a table."""
    return [connection.execute(f"PRAGMA table_info({name})").fetchall() for name in _TABLE_NAMES]


def _expected_columns() -> list[list[tuple[object, ...]]]:
    connection = sqlite3.connect(":memory:")
    try:
        for table in _TABLES:
            connection.execute(table)
        return _columns(connection)
    finally:
        connection.close()


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")  # two runs that start together lay out one after the other
    try:
        for table in _TABLES:
            connection.execute(table)
        rows = {"format": str(FORMAT), "salbench": _VERSION}
        connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", rows.items())
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
