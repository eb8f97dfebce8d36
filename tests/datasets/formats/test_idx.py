"""The IDX format."""

import gzip
from pathlib import Path

import pytest

from salbench.datasets.formats.idx import read_idx

TWO_BY_THREE = bytes([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 11, 12, 13, 14, 255])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def test_a_small_array(path: Path) -> None:
    path.write_bytes(TWO_BY_THREE)
    assert read_idx(path).tolist() == [[10, 11, 12], [13, 14, 255]]


def test_a_gz(tmp_path: Path) -> None:
    (tmp_path / "file.gz").write_bytes(gzip.compress(TWO_BY_THREE))
    assert read_idx(tmp_path / "file.gz").tolist() == [[10, 11, 12], [13, 14, 255]]


@pytest.mark.parametrize("start", [b"", b"\x00\x00", b"\x00\x00\x0d\x02", b"\x00\x00\x08\x00", b"\x1f\x8b\x08\x00"])
def test_another_magic_number(path: Path, start: bytes) -> None:
    path.write_bytes(start + TWO_BY_THREE[4:] if len(start) == 4 else start)
    with pytest.raises(ValueError, match=f"magic number 00 00 08 .* got '{start.hex(' ')}'"):
        read_idx(path)


def test_a_cut_off_header(path: Path) -> None:
    path.write_bytes(TWO_BY_THREE[:9])
    with pytest.raises(ValueError, match="cut off: 2 axes need a header of 12 bytes, got 9"):
        read_idx(path)


@pytest.mark.parametrize("change", [-2, 2])
def test_fewer_or_more_bytes_than_declared(path: Path, change: int) -> None:
    path.write_bytes((TWO_BY_THREE + bytes(2))[: len(TWO_BY_THREE) + change])
    with pytest.raises(ValueError, match=rf"must hold 6 bytes for the shape \(2, 3\), got {6 + change}"):
        read_idx(path)
