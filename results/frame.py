"""Records as a data frame: the columns a leaderboard needs, with repeated text stored once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd

from .columns import SHOWN_NAMES
from .errors import StoreError
from .record import Record
from .untrusted import checked_name, visible

# The fields of a record that a leaderboard reads, in order, with the type of their column.
COLUMNS: dict[str, str] = {
    "dataset": "category",
    "architecture": "category",
    "training": "category",
    "saliency": "category",
    "control": "bool",
    "metric": "category",
    "metric_version": "int64",
    "family": "category",
    "higher_is_better": "bool",
    "across_models": "bool",
    "seed": "int64",
    "status": "category",
    "value": "float64",
    "note": "category",
    "count": "int64",
    "degenerate": "int64",
    "incomplete": "int64",
}
_CHUNK = 1_000  # rows; few enough to stay in the processor's cache while they are turned into columns


class _Codes(dict[str, int]):
    """Numbers texts in the order in which they are first looked up."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


def to_frame(records: Iterable[Record | tuple[Any, ...]]) -> pd.DataFrame:
    """Put records into columns.

    Args:
        records: records, or tuples of their fields in the order of `COLUMNS`.

    Returns:
        One row a record. Categories are in the order of first appearance; a value that is None is NaN.

    Raises:
        StoreError: a column of the wrong type, or a name that cannot be shown.
    """
    codes = {name: _Codes() for name, kind in COLUMNS.items() if kind == "category"}
    try:
        chunks = [_columns(chunk, codes) for chunk in _chunks(records)] or [_columns([], codes)]
    except (TypeError, ValueError, OverflowError) as error:
        raise StoreError(f"a record of the store has a column of the wrong type: {error}") from error
    for name in SHOWN_NAMES:
        for text in codes[name]:
            checked_name(text, name)
    arrays = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in COLUMNS}
    return pd.DataFrame(
        {name: _categorical(array, list(codes[name])) if name in codes else array for name, array in arrays.items()}
    )


def _categorical(codes: np.ndarray[Any, Any], texts: list[str]) -> Any:
    shown = [visible(str(text)) for text in texts]
    if len(set(shown)) < len(texts):  # two notes that differ in nothing that can be seen
        shown = [f"{text} ({place})" for place, text in enumerate(shown)]
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(shown))


def _chunks(records: Iterable[Record | tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    fields = attrgetter(*COLUMNS)
    rows = (fields(record) if isinstance(record, Record) else record for record in records)
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _columns(rows: list[tuple[Any, ...]], codes: dict[str, _Codes]) -> dict[str, np.ndarray[Any, Any]]:
    columns = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    return {
        name: np.fromiter(map(codes[name].__getitem__, column), np.int32, len(rows))
        if name in codes
        else np.array(column, dtype=COLUMNS[name])
        for name, column in zip(COLUMNS, columns, strict=True)
    }
