"""A folder that keeps every measurement: what a killed run resumes from, and what all tables are made of."""

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Protocol, Self

import pandas as pd
from filelock import FileLock, Timeout
from torch import Tensor

from .artifacts import Artifacts
from .columns import RECORD_COLUMNS, from_row, to_row
from .database import NAME, connect, connect_read_only
from .errors import StoreError, explained
from .frame import COLUMNS, to_frame
from .record import Record, Status
from .untrusted import parsed

_NAMES = tuple(RECORD_COLUMNS)
_PUT_RECORD = f"REPLACE INTO records VALUES ({', '.join('?' * len(_NAMES))})"  # noqa: S608 - placeholders only
_AT_ONCE = 500  # keys in one statement; SQLite bounds the number of ?


class TaskStore(Protocol):
    """What a task needs of a store; a worker on another machine has one that asks the driver."""

    def put(self, tensors: dict[str, Tensor]) -> str:
        """Keep tensors; see `Artifacts.put`."""

    def get(self, digest: str) -> dict[str, Tensor]:
        """Read tensors and check their digest; see `Artifacts.get`."""

    def commit(
        self, *, outcomes: Mapping[str, Mapping[str, Any]] | None = None, records: Iterable[Record] = ()
    ) -> None:
        """Write all of them or none; see `Store.commit`."""

    def working_on(self, key: str, *, waiting: Callable[[], None] = lambda: None) -> AbstractContextManager[None]:
        """Let others wait; see `Store.working_on`."""

    def outcome(self, key: str) -> dict[str, Any] | None:
        """The outcome of one finished task, or None."""

    def records(self, keys: Iterable[str] | None = None) -> list[Record]:
        """Read records; see `Store.records`."""

    def checkpoints(self, key: str) -> Path | None:
        """The folder of one training's checkpoint, or None where there is no place for it."""

    def drop_checkpoints(self, key: str) -> None:
        """Remove what a finished training has left there."""


class Store:
    """Records and outcomes in one SQLite file, and the tensors behind them in files named by their content.

    One process writes at a time; others wait. Use a local disk: SQLite's write-ahead log is not safe on network
    file systems.
    """

    def __init__(self, folder: Path, *, create: bool = True, read_only: bool = False, timeout: float = 30.0) -> None:
        """Open the store, and make it if there is none.

        Args:
            folder: where it lies.
            create: whether it may be made; otherwise it must be there, and is only read where it cannot be written.
            read_only: change nothing in the folder, which must be there.
            timeout: seconds to wait while another run writes.

        Raises:
            DamagedRecords: the database cannot be read.
            StoreError: the folder cannot be used; the message says why and what to do.
        """
        self.folder = folder
        self._closing = ExitStack()
        self.read_only = read_only or (not create and not _can_be_written(folder))
        try:
            if self.read_only:
                spare = Path(self._closing.enter_context(TemporaryDirectory(prefix="salbench-")))
                self._connection = connect_read_only(folder, spare, timeout=timeout)
            else:
                self._connection = connect(folder, create=create, timeout=timeout)
        except BaseException:
            self._closing.close()
            raise
        self._closing.callback(self._connection.close)
        self._artifacts = Artifacts(folder / "artifacts")

    def put(self, tensors: dict[str, Tensor]) -> str:
        """Keep tensors; see `Artifacts.put`."""
        return self._artifacts.put(tensors)

    def get(self, digest: str) -> dict[str, Tensor]:
        """Read tensors and check their digest; see `Artifacts.get`."""
        return self._artifacts.get(digest)

    def put_bytes(self, content: bytes) -> str:
        """Keep tensors that are bytes already; see `Artifacts.put_bytes`."""
        return self._artifacts.put_bytes(content)

    def get_bytes(self, digest: str) -> bytes:
        """Read the bytes of tensors and check their digest; see `Artifacts.get_bytes`."""
        return self._artifacts.get_bytes(digest)

    def has(self, digest: str) -> bool:
        """Are tensors of this digest kept here?"""
        return self._artifacts.has(digest)

    def commit(
        self, *, outcomes: Mapping[str, Mapping[str, Any]] | None = None, records: Iterable[Record] = ()
    ) -> None:
        """Write outcomes and records in one transaction: all of them or, whatever happens, none.

        Args:
            outcomes: what JSON can hold, by the key of the finished task; replaces an older outcome.
            records: each replaces an older one of its key; a value that is NaN is kept as None.

        Raises:
            StoreError: the store cannot be written, or another run held it for too long.
            ValueError: an outcome or a curve holds a number that JSON lacks, such as NaN.
        """
        pairs = [(key, json.dumps(outcome, allow_nan=False)) for key, outcome in (outcomes or {}).items()]
        rows = [to_row(record) for record in records]
        with self._transaction() as connection:
            connection.executemany("REPLACE INTO outcomes VALUES (?, ?)", pairs)
            connection.executemany(_PUT_RECORD, rows)

    @contextmanager
    def working_on(self, key: str, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Let others who would do the same task wait until it is done; a process that dies lets go.

        Whoever waited looks for the outcome again before doing the work. The lock's file is removed in the end, so
        in the rare case that the work failed while two others waited both may try it: twice the work, nothing worse.

        Args:
            key: of the task.
            waiting: called once if somebody else has it.
        """
        release = self.claim(key)
        if release is None:
            waiting()
            release = self.claim(key, wait=True)
            assert release is not None
        try:
            yield
        finally:
            release()

    def claim(self, key: str, *, wait: bool = False) -> Callable[[], None] | None:
        """Take a task for oneself; see `working_on`.

        Returns:
            What gives it back, or None if somebody else has it and is not waited for.
        """
        path = self.folder / "locks" / key
        with explained(self.folder):
            path.parent.mkdir(exist_ok=True)
            lock = FileLock(path)
            try:
                lock.acquire(timeout=-1 if wait else 0)
            except Timeout:
                return None

        def release() -> None:
            path.unlink(missing_ok=True)
            lock.release()

        return release

    def checkpoints(self, key: str) -> Path:
        """The folder of one training's checkpoint; it need not be there."""
        return self.folder / "checkpoints" / key

    def drop_checkpoints(self, key: str) -> None:
        """Remove what a finished training has left there."""
        shutil.rmtree(self.checkpoints(key), ignore_errors=True)

    def outcome(self, key: str) -> dict[str, Any] | None:
        """The outcome of one finished task, or None."""
        with explained(self.folder):
            row = self._connection.execute("SELECT json FROM outcomes WHERE key = ?", (key,)).fetchone()
        return parsed(row[0], key) if row else None

    def outcomes(self, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The outcomes of those of the tasks that are finished, in the order of the keys."""
        return {key: parsed(text, key) for key, text in self._select(("key", "json"), "outcomes", keys)}

    def finished(self, keys: Iterable[str]) -> set[str]:
        """Those of the tasks that are finished; faster than to read their outcomes."""
        return self._known("outcomes", keys)

    def measured(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys that have a record; faster than to read the records."""
        return self._known("records", keys)

    def latest_outcomes(self, count: int = -1) -> list[dict[str, Any]]:
        """The outcomes of the tasks that were finished last, at most so many or all, the latest first."""
        with explained(self.folder):
            rows = self._connection.execute("SELECT key, json FROM outcomes ORDER BY rowid DESC LIMIT ?", (count,))
            return [parsed(text, key) for key, text in rows]

    def latest_records(self, count: int) -> list[Record]:
        """The records that were written last, at most so many, the latest first."""
        with explained(self.folder):
            names = ", ".join(_NAMES)
            order = f"SELECT {names} FROM records ORDER BY rowid DESC LIMIT ?"  # noqa: S608 - names of columns only
            return [from_row(row) for row in self._connection.execute(order, (count,))]

    def records(self, keys: Iterable[str] | None = None) -> list[Record]:
        """Read records.

        Args:
            keys: which ones, in this order, each once; those that are not there are left out. None: all, by key.
        """
        return [from_row(row) for row in self._select(_NAMES, "records", keys)]

    def frame(self, keys: Iterable[str] | None = None) -> pd.DataFrame:
        """The columns of the records that a leaderboard needs; a million rows in seconds, unlike `records`.

        Args:
            keys: as for `records`, but None gives all in the order of writing.

        Returns:
            One row a record, with the columns of `frame.COLUMNS`.
        """
        return to_frame(self._select(tuple(COLUMNS), "records", keys, order="rowid"))

    def digest(self) -> str:
        """SHA-256 of all that was measured, the same for any engine, machine and order of work that give equal numbers.

        Left out are failures, and what tells how a number came about rather than what it is: seconds, device, versions.
        """
        whole = hashlib.sha256()
        for record in self.records():
            if record.status is not Status.FAILED:
                fields = json.loads(record.to_json())
                kept = {name: value for name, value in fields.items() if name not in {"seconds", "device", "versions"}}
                whole.update(json.dumps(kept, sort_keys=True).encode() + b"\n")
        return whole.hexdigest()

    def close(self) -> None:
        """Close the database; a closed store cannot be used again."""
        self._closing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _select(
        self, columns: tuple[str, ...], table: str, keys: Iterable[str] | None, *, order: str = "key"
    ) -> Iterator[tuple[Any, ...]]:
        names = ", ".join(f"{table}.{column}" for column in columns)
        with explained(self.folder):
            if keys is None:
                yield from self._connection.execute(f"SELECT {names} FROM {table} ORDER BY {order}")  # noqa: S608
                return
            wanted = [(key,) for key in dict.fromkeys(keys)]
            # A table of their own: SQLite bounds the number of ? in a statement, and this keeps the given order.
            self._connection.execute("DROP TABLE IF EXISTS temp.wanted")
            self._connection.execute("CREATE TEMP TABLE wanted (place INTEGER PRIMARY KEY, key TEXT NOT NULL)")
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO wanted (key) VALUES (?)", wanted)
            self._connection.commit()
            join = f"wanted CROSS JOIN {table} ON {table}.key = wanted.key ORDER BY wanted.place"
            yield from self._connection.execute(f"SELECT {names} FROM {join}")  # noqa: S608

    def _known(self, table: str, keys: Iterable[str]) -> set[str]:
        """Those of the keys that the table has; looked up in their order, so that a page of the index is read once."""
        wanted, known = iter(sorted(set(keys))), set[str]()
        with explained(self.folder):
            while part := list(islice(wanted, _AT_ONCE)):
                marks = ", ".join("?" * len(part))
                found = self._connection.execute(f"SELECT key FROM {table} WHERE key IN ({marks})", part)  # noqa: S608
                known.update(key for (key,) in found)
        return known

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        if self.read_only:
            raise StoreError(f"the store at {self.folder} can only be read; use another folder with --store")
        with explained(self.folder):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.commit()
            except BaseException:
                if self._connection.in_transaction:  # SQLite ends one by itself when the disk is full
                    self._connection.rollback()
                raise


def _can_be_written(folder: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    paths = (folder, folder / NAME)
    return all(os.access(path, os.W_OK, effective_ids=effective) for path in paths if path.exists())
