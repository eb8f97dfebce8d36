from collections.abc import Callable
from pathlib import Path

import pytest

from salbench.results.lines import export, read
from salbench.results.record import Record


def test_export_is_sorted_and_reads_back(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    records = [make_record(seed=seed, metric=metric, value=0.1) for metric in ("b", "a") for seed in (10, 9)]
    export(records, tmp_path / "one.jsonl")
    export(reversed(records), tmp_path / "other.jsonl")
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "other.jsonl").read_bytes()
    ordered = read(tmp_path / "one.jsonl")
    assert [(record.metric, record.seed) for record in ordered] == [("a", 9), ("a", 10), ("b", 9), ("b", 10)]
    assert set(map(Record.to_json, ordered)) == set(map(Record.to_json, records))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.jsonl", "other.jsonl"]


def test_a_bad_line_is_named(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    path = tmp_path / "reference.jsonl"
    path.write_text(f'{make_record().to_json()}\n\n{{"key": 1}}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"reference\.jsonl, line 3: not a record"):
        read(path)


def test_failed_export_keeps_the_older_file(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    path = tmp_path / "reference.jsonl"
    export([make_record(value=0.5)], path)
    with pytest.raises(ValueError, match="JSON"):
        export([make_record(value=float("nan"))], path)
    assert read(path) == [make_record(value=0.5)]
