"""The index of a tar file of tar files."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from salbench.datasets import FetchError
from salbench.datasets.formats.tar_index import tar_index

from ..pictures import put, tarred

LONG = "x" * 120 + ".JPEG"  # longer than a plain header holds
INNER = {"n02": {"n02_10.JPEG": b"ten", "n02_9.JPEG": b"nine"}, "n01": {LONG: b"long", "empty": b""}}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    put(tmp_path, {"train.tar": tarred({f"{name}.tar": tarred(files) for name, files in INNER.items()})})
    return tmp_path / "train.tar"


def test_offsets_lead_to_the_contents(archive: Path) -> None:
    index = tar_index(archive)
    content = archive.read_bytes()
    found = [content[start : start + size] for start, size in zip(index.offsets, index.sizes, strict=True)]
    assert dict(zip(index.names, found, strict=True)) == {
        f"{group}/{name}": data for group, files in INNER.items() for name, data in files.items()
    }


def test_names_are_sorted(archive: Path) -> None:
    assert tar_index(archive).names == ["n01/empty", f"n01/{LONG}", "n02/n02_10.JPEG", "n02/n02_9.JPEG"]


def test_the_index_is_kept_until_the_archive_changes(archive: Path) -> None:
    first = tar_index(archive)
    times = (archive.stat().st_atime_ns, archive.stat().st_mtime_ns)
    whole = archive.read_bytes()
    archive.write_bytes(b"\xff" * len(whole))  # which nobody does with the old time of change
    os.utime(archive, ns=times)
    kept = tar_index(archive)
    assert kept.names == first.names
    assert kept.offsets.tolist() == first.offsets.tolist()
    put(archive.parent, {"train.tar": tarred({"a.JPEG": b"a"})})
    assert tar_index(archive).names == ["a.JPEG"]


def test_a_damaged_memory_does_not_count(archive: Path) -> None:
    first = tar_index(archive)
    (memory,) = archive.parent.glob(".train*")
    for damaged in (b"", b"nothing", memory.read_bytes()[:200]):
        memory.write_bytes(damaged)
        assert tar_index(archive).names == first.names


def test_links_are_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        link = tarfile.TarInfo("link.JPEG")
        link.type, link.linkname = tarfile.SYMTYPE, "elsewhere"
        archive.addfile(link)
        file = tarfile.TarInfo("file.JPEG")
        archive.addfile(file, io.BytesIO())
    assert tar_index(tmp_path / "a.tar").names == ["file.JPEG"]


def test_what_is_no_tar_file_is_refused(tmp_path: Path) -> None:
    put(tmp_path, {"a.tar": b"nothing" * 200, "b.tar": tarred({"x.tar": b"nothing" * 200})})
    for name in ("a.tar", "b.tar"):
        with pytest.raises(FetchError, match=rf"{name} cannot be read"):
            tar_index(tmp_path / name)
