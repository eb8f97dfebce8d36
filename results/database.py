"""The store's SQLite file: how it is laid out, opened, and told from other files."""

import sqlite3
from importlib.metadata import version
from pathlib import Path

from .columns import RECORD_COLUMNS
from .errors import StoreError, explained

FORMAT = 2  # raised whenever an older salbench could misread the store

_TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS outcomes (key TEXT PRIMARY KEY, json TEXT NOT NULL)",
    f"CREATE TABLE IF NOT EXISTS records ({', '.join(f'{name} {kind}' for name, kind in RECORD_COLUMNS.items())})",
)


def connect(folder: Path, *, create: bool, timeout: float) -> sqlite3.Connection:
    """Open the database of a store, in autocommit mode: transactions are begun by hand.

    Args:
        folder: the store's folder.
        create: make folder and database if they are not there.
        timeout: seconds to wait for another process that is writing.

    Raises:
        StoreError: there is no store, or it is another format's, or it cannot be opened for writing.
    """
    path = folder / "records.sqlite"
    with explained(folder):
        if create:
            folder.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise StoreError(f"there is no store at {folder}; run a suite first, or name another folder with --store")
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


def _check_format(connection: sqlite3.Connection, folder: Path) -> None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if tables and "meta" not in tables:
        raise StoreError(f"the database in {folder} was not made by salbench; use another folder with --store")
    if tables:
        (found,) = connection.execute("SELECT value FROM meta WHERE name = 'format'").fetchone() or ("unknown",)
        if found != str(FORMAT):
            reads = f"this salbench {version('salbench')} reads format {FORMAT}"
            raise StoreError(f"the store at {folder} has format {found}, {reads}; use another folder with --store")


def _lay_out(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")  # two runs that start together lay out one after the other
    try:
        for table in _TABLES:
            connection.execute(table)
        rows = {"format": str(FORMAT), "salbench": version("salbench")}
        connection.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", rows.items())
    except BaseException:
        connection.rollback()
        raise
    connection.commit()
