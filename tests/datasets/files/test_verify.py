"""Original files are told from all others."""

import gzip
import io
from pathlib import Path

import pytest

from salbench.datasets import OriginalFile, Source, State, status
from salbench.datasets.files.verify import WrongContentError, verified


@pytest.fixture
def file(files: tuple[OriginalFile, ...]) -> OriginalFile:
    return files[0]


@pytest.fixture
def content(release: dict[str, bytes]) -> bytes:
    return release["train-images"]


def test_original_bytes_are_returned(file: OriginalFile, content: bytes) -> None:
    assert verified(file, io.BytesIO(content), compressed=False) == content


def test_a_file_compressed_anew_is_the_original_one(file: OriginalFile, content: bytes) -> None:
    other_gz = gzip.compress(content, compresslevel=1, mtime=7)
    assert verified(file, io.BytesIO(other_gz), compressed=True) == content


def test_message_names_what_was_expected_and_found(file: OriginalFile, content: bytes) -> None:
    expected = rf"train-images: expected {file.size} bytes with md5 {file.md5}, found 9 bytes with md5 [0-9a-f]{{32}}"
    with pytest.raises(WrongContentError, match=expected):
        verified(file, io.BytesIO(content[:9]), compressed=False)


def test_one_changed_byte_is_refused(file: OriginalFile, content: bytes) -> None:
    with pytest.raises(WrongContentError, match=f"found {file.size} bytes"):
        verified(file, io.BytesIO(content[:-1] + b"\x99"), compressed=False)


def test_a_cut_off_gz_is_refused(file: OriginalFile, content: bytes) -> None:
    with pytest.raises(WrongContentError, match="cannot be unpacked"):
        verified(file, io.BytesIO(gzip.compress(content)[:-10]), compressed=True)


def test_no_gz_at_all_is_refused(file: OriginalFile) -> None:
    with pytest.raises(WrongContentError, match="cannot be unpacked"):
        verified(file, io.BytesIO(b"<html>404</html>"), compressed=True)


def test_a_gz_is_unpacked_to_the_expected_size_only(file: OriginalFile) -> None:
    bomb = io.BytesIO(gzip.compress(bytes(50_000_000)))
    with pytest.raises(WrongContentError, match="found more bytes"):
        verified(file, bomb, compressed=True)
    assert bomb.tell() < len(bomb.getvalue())


def test_status_lists_every_file(tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "train-images").write_bytes(release["train-images"])
    (folder / "train-labels.gz").write_bytes(gzip.compress(release["train-labels"]))
    (folder / "test-images").write_bytes(b"something else")
    found = status(Source(folder="tiny", files=files), tmp_path)
    assert [entry.state for entry in found] == [State.PRESENT, State.PRESENT, State.WRONG, State.MISSING]
    assert [entry.path.name for entry in found] == ["train-images", "train-labels.gz", "test-images", "test-labels"]
    assert "found 14 bytes" in found[2].note
    assert (folder / "test-images").exists()
