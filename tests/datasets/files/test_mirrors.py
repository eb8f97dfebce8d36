"""Downloads from a local server."""

import gzip
import socket
import time
from pathlib import Path

import pytest

from salbench.datasets import OriginalFile
from salbench.datasets.files import mirrors
from salbench.datasets.files.mirrors import download
from salbench.datasets.files.source import UnavailableError

from ..conftest import Server


def test_files_come_unpacked(server: Server, files: tuple[OriginalFile, ...], release: dict[str, bytes]) -> None:
    assert {file.name: content for file, content in download(server.address, files)} == release


def test_wrong_bytes_are_refused(server: Server, files: tuple[OriginalFile, ...]) -> None:
    (server.folder / "train-images.gz").write_bytes(gzip.compress(b"something else"))
    with pytest.raises(UnavailableError, match=files[0].gz_md5):
        list(download(server.address, files))


def test_a_mirror_without_the_first_file_is_asked_once(server: Server, files: tuple[OriginalFile, ...]) -> None:
    (server.folder / "train-images.gz").unlink()
    with pytest.raises(UnavailableError, match="404"):
        list(download(server.address, files))
    assert server.asked == ["train-images.gz"]


def test_a_closed_port_fails_fast(files: tuple[OriginalFile, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    started = time.monotonic()
    with pytest.raises(UnavailableError, match="Connect"):
        list(download(f"http://127.0.0.1:{port}", files))
    assert time.monotonic() - started < 2


def test_a_server_that_never_answers_is_given_up(
    files: tuple[OriginalFile, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(mirrors, "SILENCE_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UnavailableError, match=r"[Tt]imed? ?out"):
        list(download(f"http://127.0.0.1:{silent.getsockname()[1]}", files))


def test_nothing_is_left_behind(
    server: Server, files: tuple[OriginalFile, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    list(download(server.address, files))
    assert list((tmp_path / "temporary").iterdir()) == []
