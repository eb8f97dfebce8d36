"""How a record lies in a row of the database."""

import json
from typing import Any

from .errors import StoreError
from .record import Record, Status
from .untrusted import checked_name, parsed, visible

# What a leaderboard reads comes first: SQLite then never touches the overflow pages that hold long curves.
RECORD_COLUMNS = {
    "key": "TEXT PRIMARY KEY",
    "dataset": "TEXT NOT NULL",
    "architecture": "TEXT NOT NULL",
    "training": "TEXT NOT NULL",
    "saliency": "TEXT NOT NULL",
    "control": "INTEGER NOT NULL",
    "metric": "TEXT NOT NULL",
    "metric_version": "INTEGER NOT NULL",
    "family": "TEXT NOT NULL",
    "higher_is_better": "INTEGER NOT NULL",
    "across_models": "INTEGER NOT NULL",
    "seed": "INTEGER NOT NULL",
    "status": "TEXT NOT NULL",
    "value": "REAL",
    "note": "TEXT NOT NULL",
    "count": "INTEGER NOT NULL",
    "degenerate": "INTEGER NOT NULL",
    "incomplete": "INTEGER NOT NULL",
    "recipe": "TEXT NOT NULL",
    "weights": "TEXT NOT NULL",
    "attributions": "TEXT NOT NULL",
    "scores": "TEXT NOT NULL",
    "seconds": "REAL NOT NULL",
    "device": "TEXT NOT NULL",
    "versions": "TEXT NOT NULL",  # JSON
    "curve": "TEXT NOT NULL",  # JSON
}

_NAMES = tuple(RECORD_COLUMNS)


def to_row(record: Record) -> tuple[Any, ...]:
    """The record's fields in the order of `RECORD_COLUMNS`.

    Raises:
        ValueError: its curve holds a number that JSON lacks, such as NaN.
    """
    try:
        curve = json.dumps(record.curve, allow_nan=False)
    except ValueError as error:
        raise ValueError(
            f"the curve of {record.metric} for {record.entry} must be finite, got {record.curve}"
        ) from error
    texts = {"versions": json.dumps(record.versions, sort_keys=True), "curve": curve}
    return tuple(texts[name] if name in texts else getattr(record, name) for name in _NAMES)


def from_row(row: tuple[Any, ...]) -> Record:
    """The record that `to_row` took apart.

    Raises:
        StoreError: a column of another type than `to_row` writes, as a damaged store or somebody else's may have.
    """
    columns = dict(zip(_NAMES, row, strict=True))
    key = checked_name(columns["key"], "key")
    for name, value in columns.items():
        kinds = _KINDS[RECORD_COLUMNS[name].split()[0]]
        if not isinstance(value, kinds) and not (name == "value" and value is None):
            raise StoreError(f"record {key} of the store has {value!r:.80} as its {name}; use another store")
    try:
        status = Status(columns["status"])
    except ValueError as error:
        raise StoreError(f"record {key} of the store has the status {columns['status']!r:.80}") from error
    names = {name: checked_name(columns[name], name) for name in SHOWN_NAMES}
    flags = {name: bool(columns[name]) for name in ("control", "higher_is_better", "across_models")}
    texts = {name: parsed(columns[name], f"{name} of {key}") for name in ("versions", "curve")}
    return Record(**{**columns, **names, **flags, **texts, "note": visible(columns["note"]), "status": status})


SHOWN_NAMES = ("dataset", "architecture", "training", "saliency", "metric", "family")
_KINDS: dict[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (float, int)}
