"""A tiny release in the original format, and a local server for it."""

import functools
import gzip
import hashlib
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from salbench.datasets import OriginalFile


def idx(array: NDArray[np.uint8]) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">u4").tobytes() + array.tobytes()


@pytest.fixture
def release() -> dict[str, bytes]:
    """Raw IDX files of 6 training and 2 test images of 3×2 pixels; pixel 0 of image i is i."""
    images = np.arange(6, dtype=np.uint8)[:, None, None] + np.zeros((3, 2), dtype=np.uint8)
    labels = np.array([5, 0, 4, 1, 9, 2], dtype=np.uint8)
    arrays = {"train-images": images, "train-labels": labels, "test-images": images[:2], "test-labels": labels[:2]}
    return {name: idx(array) for name, array in arrays.items()}


@pytest.fixture
def files(release: dict[str, bytes]) -> tuple[OriginalFile, ...]:
    return tuple(
        OriginalFile(
            name=name,
            size=len(content),
            md5=hashlib.md5(content).hexdigest(),
            gz_md5=hashlib.md5(gzip.compress(content, mtime=0)).hexdigest(),
        )
        for name, content in release.items()
    )


class Server(ThreadingHTTPServer):
    """Serves a folder on a free local port and remembers what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.asked.append(self.path.removeprefix("/"))
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server(tmp_path: Path, release: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A mirror of the release, as .gz files."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name, content in release.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    with Server(folder) as mirror:
        thread = threading.Thread(target=mirror.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield mirror
        mirror.shutdown()
        thread.join()
