"""Stores, artifacts and names from somebody else do no harm."""

import hashlib
import json
import pickle
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from salbench.results.artifacts import Artifacts
from salbench.results.errors import DamagedArtifact, StoreError
from salbench.results.record import Record
from salbench.results.store import Store
from salbench.results.untrusted import parsed, visible

MakeRecord = Callable[..., Record]


class Malicious:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (str(self.path), "w")


def test_the_pickle_of_these_tests_would_do_harm(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Malicious(tmp_path / "harm"))).close()
    assert (tmp_path / "harm").exists()


def planted(folder: Path, content: bytes) -> str:
    """An artifact with these bytes, and the right name for them."""
    digest = hashlib.sha256(content).hexdigest()
    path = Artifacts(folder / "artifacts").path(digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return digest


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_pickle_as_an_artifact_is_not_run(tmp_path: Path, protocol: int) -> None:
    digest = planted(tmp_path, pickle.dumps(Malicious(tmp_path / "harm"), protocol=protocol))
    with pytest.raises(DamagedArtifact):
        Artifacts(tmp_path / "artifacts").get(digest)
    assert not (tmp_path / "harm").exists()


def test_a_torch_file_as_an_artifact_is_not_run(tmp_path: Path) -> None:
    torch.save(Malicious(tmp_path / "harm"), tmp_path / "weights.pt")
    digest = planted(tmp_path, (tmp_path / "weights.pt").read_bytes())
    with pytest.raises(DamagedArtifact):
        Artifacts(tmp_path / "artifacts").get(digest)
    assert not (tmp_path / "harm").exists()


def header(description: object, size: int | None = None) -> bytes:
    text = json.dumps(description).encode()
    return struct.pack("<Q", len(text) if size is None else size) + text


@pytest.mark.parametrize(
    "content",
    [
        header({}, 2**63),
        header({}, 2**40),
        header({"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}),
        header({"a": {"dtype": "F32", "shape": [2**62, 4], "data_offsets": [0, 0]}}),
        header({"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}) + bytes(4),
        header({"a": {"dtype": "python", "shape": [1], "data_offsets": [0, 4]}}) + bytes(4),
        struct.pack("<Q", 100_000) + b"[" * 100_000,
    ],
)
def test_an_impossible_header_is_refused(tmp_path: Path, content: bytes) -> None:
    digest = planted(tmp_path, content)
    with pytest.raises(DamagedArtifact):
        Artifacts(tmp_path / "artifacts").get(digest)


def test_a_digest_that_climbs_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.safetensors").write_bytes(b"secret")
    with Store(tmp_path / "store") as store:
        store.commit(outcomes={"task": {"artifacts": {"weights": "../../secret"}}})
        outcome = store.outcome("task")
        assert outcome is not None
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            store.get(outcome["artifacts"]["weights"])


def test_a_pickle_as_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite").write_bytes(pickle.dumps(Malicious(tmp_path / "harm")) * 100)
    for options in ({"read_only": True}, {"create": False}):
        with pytest.raises(StoreError):
            Store(tmp_path, **options)
    assert not (tmp_path / "harm").exists()


def tampered(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "records.sqlite")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM records; END"],
        ["CREATE VIEW v AS SELECT * FROM records"],
        ["CREATE INDEX i ON records (seed)"],
        ["ALTER TABLE records RENAME TO others", "CREATE VIEW records AS SELECT * FROM others"],
        ["ALTER TABLE records ADD COLUMN extra TEXT"],
        ["DROP TABLE outcomes"],
        ["DROP TABLE outcomes", "CREATE TABLE outcomes (key TEXT PRIMARY KEY, json BLOB NOT NULL)"],
    ],
)
def test_a_database_with_other_tables_is_refused(tmp_path: Path, statements: list[str]) -> None:
    Store(tmp_path).close()
    tampered(tmp_path, *statements)
    for options in ({"read_only": True}, {"create": False}, {}):
        with pytest.raises(StoreError, match="are not those that salbench makes"):
            Store(tmp_path, **options)


@pytest.mark.parametrize(
    "assignment",
    [
        "value = 'many'",
        "value = x'00'",
        "seed = 'first'",
        "control = 2.5",
        "status = 'excellent'",
        "curve = '[1]'",
        "curve = '" + "[" * 100_000 + "'",
        "versions = 'not json'",
        "training = x'ff'",
        "training = char(27) || '[31mred'",
        "dataset = 'two' || char(10) || 'lines'",
        "metric = 'a' || char(8238) || 'b'",
    ],
)
def test_a_record_with_a_wrong_column_is_refused(tmp_path: Path, make_record: MakeRecord, assignment: str) -> None:
    with Store(tmp_path) as store:
        store.commit(records=[make_record()])
    tampered(tmp_path, f"UPDATE records SET {assignment}")
    with Store(tmp_path, read_only=True) as store, pytest.raises(StoreError):
        store.records()


@pytest.mark.parametrize("assignment", ["value = 'many'", "seed = 'x'", "training = char(27)", "metric = x'00'"])
def test_a_frame_with_a_wrong_column_is_refused(tmp_path: Path, make_record: MakeRecord, assignment: str) -> None:
    with Store(tmp_path) as store:
        store.commit(records=[make_record(), make_record(seed=1)])
    tampered(tmp_path, f"UPDATE records SET {assignment} WHERE seed = 1")
    with Store(tmp_path, read_only=True) as store, pytest.raises(StoreError):
        store.frame()


def test_a_note_cannot_steer_the_terminal(tmp_path: Path, make_record: MakeRecord) -> None:
    with Store(tmp_path) as store:
        store.commit(records=[make_record(note="out of\nmemory \x1b]0;mine\x07 \x9b2J \u202e")])
        assert store.records()[0].note == "out of\nmemory \\x1b]0;mine\\x07 \\x9b2J \\u202e"
        assert store.frame()["note"].tolist() == ["out of\nmemory \\x1b]0;mine\\x07 \\x9b2J \\u202e"]


def test_names_that_look_like_sql_are_names(tmp_path: Path, make_record: MakeRecord) -> None:
    name = "'; DROP TABLE records; --"
    with Store(tmp_path) as store:
        store.commit(records=[make_record(key=name, training=name)], outcomes={name: {"a": name}})
        assert store.records([name])[0].training == name
        assert store.outcome(name) == {"a": name}
        assert len(store.records()) == 1


@pytest.mark.parametrize("text", ["[1]", "1", "not json", "[" * 100_000, None, 5, b"{}"])
def test_only_objects_are_outcomes(text: object) -> None:
    with pytest.raises(StoreError, match="no JSON object at 'task'"):
        parsed(text, "task")


def test_letters_of_all_languages_are_visible() -> None:
    assert visible("Größe μ 図 a b\n") == "Größe μ 図 a b\n"
