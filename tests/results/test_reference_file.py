"""What is written as text comes back as it was, but for what is said to be rounded or left out."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from salbench.results.errors import StoreError
from salbench.results.record import Record, Status
from salbench.results.reference_file import EPOCHS, read_header, read_measurements, write_measurements

HEADER = {"command": "salbench run quick", "date": "2026-01-01", "device": "cpu"}


def outcome(epochs: int) -> dict[str, object]:
    rows = [[number, 1.0 / number, 0.5, 0.9, 100 if number == 1 else None] for number in range(1, epochs + 1)]
    return {"task": "train", "seconds": 12.34567, "artifacts": {"weights": "a" * 64}, "epochs": rows}


def written(path: Path, records: list[Record], epochs: int = 3) -> Path:
    write_measurements(path, header=HEADER, outcomes={"k" * 64: outcome(epochs)}, records=records)
    return path


def test_values_come_back_to_the_last_digit(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    records = [
        make_record(key="1", metric="gini", value=0.1 + 0.2, count=7, versions={"torch": "2.0"}, scores="s"),
        make_record(key="2", metric="aup", value=None, status=Status.SKIPPED, note="no evidence"),
        make_record(key="3", metric="gini", seed=1, value=-1e-300, device="cuda", higher_is_better=False),
    ]
    found = read_measurements(written(tmp_path / "a.jsonl", records))
    assert sorted(found.records, key=lambda record: record.key) == [replace(record, scores="") for record in records]
    assert found.header.items() >= HEADER.items()
    assert read_header(tmp_path / "a.jsonl") == found.header


def test_points_of_curves_keep_four_digits(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    record = make_record(curve={"percent": [10.0, 20.0], "accuracy": [0.123456, 1.0]}, seconds=1.23456)
    (found,) = read_measurements(written(tmp_path / "a.jsonl", [record])).records
    assert found.curve == {"percent": [10.0, 20.0], "accuracy": [0.1235, 1.0]}
    assert found.seconds == 1.235


def test_failures_are_not_measurements(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    records = [make_record(key="1"), make_record(key="2", seed=1, status=Status.FAILED, value=None)]
    assert [record.key for record in read_measurements(written(tmp_path / "a.jsonl", records)).records] == ["1"]


def test_order_of_work_does_not_change_the_bytes(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    records = [make_record(key=str(seed), seed=seed) for seed in range(5)]
    one, other = written(tmp_path / "a.jsonl", records), written(tmp_path / "b.jsonl", records[::-1])
    assert one.read_bytes() == other.read_bytes()
    lines = one.read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(lines, key=lambda line: ("outcome" not in json.loads(line), line))


@pytest.mark.parametrize("epochs", [1, 3, 10, 37])
def test_of_a_training_ten_rows_and_all_its_seconds_stay(
    tmp_path: Path, make_record: Callable[..., Record], epochs: int
) -> None:
    found = read_measurements(written(tmp_path / "a.jsonl", [make_record()], epochs))
    rows = found.outcomes["k" * 64]["epochs"]
    assert len(rows) == min(epochs, EPOCHS)
    assert sum(row[2] for row in rows) == pytest.approx(0.5 * epochs)
    assert rows[0][4] == 100  # the memory of the first step
    assert rows[-1][:2] == [epochs, pytest.approx(1 / epochs, rel=1e-3)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("{", "line 1"),
        ('{"format":2}\n', "format 2"),
        ('{"format":1,"metrics":{},"common":{}}\n{"values":{}}\n', "line 2"),
        ('{"format":1,"metrics":{},"common":{}}\n[1]\n', "line 2"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=message):
        read_measurements(path)


def test_a_name_that_steers_a_terminal_is_refused(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    path = written(tmp_path / "a.jsonl", [make_record(training="\x1b[31mred")])
    with pytest.raises(StoreError, match="printable"):
        read_measurements(path)


def test_unknown_fields_are_refused(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    path = written(tmp_path / "a.jsonl", [make_record(value=1.0)])
    path.write_text(path.read_text(encoding="utf-8").replace('"value"', '"values_"'), encoding="utf-8")
    with pytest.raises(StoreError, match="line 3"):
        read_measurements(path)


def test_only_the_models_that_are_asked_for_are_read(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    records = [make_record(key=name, dataset="digits@1", training=name) for name in ("regular", "guided")]
    path = written(tmp_path / "a.jsonl", records)
    found = read_measurements(path, models={f"digits/{records[0].architecture}/guided", "other/mlp/regular"})
    assert [record.training for record in found.records] == ["guided"]
    assert read_measurements(path, models=()).records == []


def test_a_full_disk_keeps_the_old_file(
    tmp_path: Path, make_record: Callable[..., Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.jsonl", [make_record()])
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="full"):
        written(path, [make_record(value=0.25)])
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [b"{", b'{"format":1}\n', b'{"format":1,"metrics":{},"common":{}}\n\xff\n'])
def test_a_damaged_file_is_named_with_a_way_out_and_no_store_is_blamed(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        read_measurements(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line ")
    assert message.endswith("; put a sound copy in its place, or remove it")
    assert "store" not in message.replace(str(tmp_path), "")
