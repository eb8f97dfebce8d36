"""Named files are read out of archives, and nothing else is."""

import gzip
import io
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from salbench.datasets import OriginalFile
from salbench.datasets.files.archives import LARGEST_HEADER, members
from salbench.datasets.files.source import UnavailableError
from salbench.datasets.files.verify import WrongContentError


def tar(path: Path, contents: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    path.parent.mkdir(exist_ok=True)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return path


def test_raw_and_gz_members_are_found(
    tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]
) -> None:
    names = list(release)
    contents = {f"./usr/data/{name}": release[name] for name in names[:2]}
    contents |= {f"./usr/data/{name}.gz": gzip.compress(release[name]) for name in names[2:]}
    archive = tar(tmp_path / "a.tgz", {"other": b"x", **contents})
    assert {file.name: content for file, content in members(archive, "usr/data", files)} == release


def test_a_zip_file_is_read_too(tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as archive:
        for name, content in release.items():
            archive.writestr(f"tiny/{name}", content)
    assert {file.name: content for file, content in members(tmp_path / "a.whl", "tiny", files)} == release


def test_missing_members_are_named(tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]) -> None:
    archive = tar(tmp_path / "a.tgz", {"data/train-images": release["train-images"]})
    with pytest.raises(UnavailableError, match="has no test-images or train-labels in data"):
        list(members(archive, "data", [files[0], files[1], files[2]]))


def test_a_member_elsewhere_does_not_count(
    tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]
) -> None:
    archive = tar(tmp_path / "a.tgz", {"../data/train-images": release["train-images"]})
    with pytest.raises(UnavailableError, match="has no train-images"):
        list(members(archive, "data", files[:1]))


def test_links_are_not_followed(tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]) -> None:
    archive = tar(tmp_path / "a.tgz", {"x": release["train-images"]}, links={"data/train-images": "../x"})
    with pytest.raises(UnavailableError, match="has no train-images"):
        list(members(archive, "data", files[:1]))


def test_a_member_larger_than_declared_is_refused(tmp_path: Path, files: tuple[OriginalFile, ...]) -> None:
    archive = tar(tmp_path / "a.tgz", {"data/train-images": bytes(10_000)})
    with pytest.raises(WrongContentError, match="found more bytes"):
        list(members(archive, "data", files[:1]))


def test_a_cut_off_archive_is_refused(
    tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]
) -> None:
    archive = tar(tmp_path / "a.tgz", {"data/train-images": release["train-images"]})
    archive.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(UnavailableError, match=r"a\.tgz cannot be read"):
        list(members(archive, "data", files))


def peak_bytes(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_zip_bomb_costs_no_memory(tmp_path: Path, files: tuple[OriginalFile, ...]) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("tiny/train-images", "tiny/other"):
            with archive.open(name, "w") as member:
                for _ in range(50):
                    member.write(bytes(1 << 20))

    def read() -> None:
        with pytest.raises(WrongContentError, match="found more bytes"):
            list(members(tmp_path / "a.whl", "tiny", files[:1]))

    assert peak_bytes(read) < 2 << 20


def test_a_gz_bomb_in_a_tar_file_costs_no_memory(tmp_path: Path, files: tuple[OriginalFile, ...]) -> None:
    archive = tar(tmp_path / "a.tgz", {"data/train-images.gz": gzip.compress(bytes(50 << 20), compresslevel=1)})

    def read() -> None:
        with pytest.raises(WrongContentError, match="found more bytes"):
            list(members(archive, "data", files[:1]))

    assert peak_bytes(read) < 4 << 20


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_header_without_end_is_refused(tmp_path: Path, files: tuple[OriginalFile, ...], kind: bytes) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, LARGEST_HEADER + 1
    (tmp_path / "a.tgz").write_bytes(gzip.compress(header.tobuf(format=tarfile.GNU_FORMAT) + bytes(10_000)))
    with pytest.raises(UnavailableError, match=r"a\.tgz cannot be read: a header of 67109376 bytes"):
        list(members(tmp_path / "a.tgz", "data", files[:1]))


def test_content_without_end_is_refused_before_it_is_unpacked(tmp_path: Path, files: tuple[OriginalFile, ...]) -> None:
    member = tarfile.TarInfo("other")
    member.size = 1 << 40
    (tmp_path / "a.tgz").write_bytes(gzip.compress(member.tobuf(format=tarfile.GNU_FORMAT) + bytes(10_000)))
    with pytest.raises(UnavailableError, match=r"a\.tgz cannot be read: more than \d+ bytes of content"):
        list(members(tmp_path / "a.tgz", "data", files[:1]))


@pytest.mark.parametrize("name", ["data/../../train-images", "/data/train-images", "data/./../train-images"])
def test_a_path_that_climbs_out_names_nothing(
    tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes], name: str
) -> None:
    archive = tar(tmp_path / "inside" / "a.tgz", {name: release["train-images"]})
    with pytest.raises(UnavailableError, match="has no train-images"):
        list(members(archive, "data", files[:1]))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["a.tgz"]
