"""Records as sorted lines of JSON, so that two exports of the same numbers are the same file and a diff reads well."""

from collections.abc import Iterable
from pathlib import Path

from .record import Record


def export(records: Iterable[Record], path: Path) -> None:
    """Write one line a record, sorted by entry, metric, seed and key.

    Args:
        records: in any order.
        path: an older file of this name is replaced as a whole.

    Raises:
        ValueError: a record holds a number that JSON lacks, such as NaN.
    """
    ordered = sorted(records, key=lambda record: (record.entry, record.metric, record.seed, record.key))
    content = "".join(f"{record.to_json()}\n" for record in ordered)
    part = path.with_name(path.name + ".part")
    part.write_text(content, encoding="utf-8", newline="\n")
    part.replace(path)


def read(path: Path) -> list[Record]:
    """Read what `export` wrote; empty lines are passed over.

    Raises:
        ValueError: a line is not a record; the message names the file and the line.
    """
    records = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                if line.strip():
                    records.append(Record.from_json(line))
            except ValueError as error:
                raise ValueError(f"{path}, line {number}: {error}") from error
    return records
