"""Checksums of large files are computed once."""

import hashlib
import os
from pathlib import Path

from salbench.datasets.files.checksums import remembered_md5


def test_the_md5_is_that_of_the_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    assert remembered_md5(tmp_path / "a") == hashlib.md5(b"content").hexdigest()


def test_an_unchanged_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    before = remembered_md5(path)
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(b"CONTENT")  # which nobody does with the old time of change
    os.utime(path, ns=times)
    assert remembered_md5(path) == before


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    before = remembered_md5(path)
    path.write_bytes(b"CONTENT")
    os.utime(path, ns=(0, 0))
    assert remembered_md5(path) != before


def test_a_damaged_memory_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"content")
    right = remembered_md5(path)
    (memory,) = tmp_path.glob(".a*")
    for damaged in (b"", memory.read_bytes()[:-1], b"\xff\xfe"):
        memory.write_bytes(damaged)
        assert remembered_md5(path) == right
