"""Download original files from the official mirrors; an unreachable mirror is given up within seconds."""

import logging
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import shorten

from .source import OriginalFile, UnavailableError
from .verify import verified

CONNECT_SECONDS = 3.0  # an address that does not answer by then counts as dead
SILENCE_SECONDS = 15.0  # longest pause within a download
LONGEST_REASON = 240  # characters


def download(mirror: str, files: Iterable[OriginalFile]) -> Iterator[tuple[OriginalFile, bytes]]:
    """Fetch files one by one; the first failure ends the attempt, so that a dead mirror is asked once.

    Args:
        mirror: the address under which NAME.gz lies.
        files: what to fetch.

    Yields:
        Each file with its uncompressed, verified bytes.

    Raises:
        UnavailableError: no answer, an HTTP error, or bytes with another checksum.
    """
    with tempfile.TemporaryDirectory(prefix="salbench-") as folder:
        for file in files:
            path = _retrieve(f"{mirror.rstrip('/')}/{file.name}.gz", file, folder)
            with path.open("rb") as stream:
                yield file, verified(file, stream, compressed=True)


def _retrieve(address: str, file: OriginalFile, folder: str) -> Path:
    import pooch

    pooch.get_logger().setLevel(logging.WARNING)  # whoever called `fetch` has been told already
    downloader = pooch.HTTPDownloader(
        timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
        chunk_size=1 << 16,
        headers={"Accept-Encoding": "identity"},  # otherwise some servers have the .gz unpacked on the way
    )
    try:
        path = pooch.retrieve(
            address, known_hash=f"md5:{file.gz_md5}", fname=f"{file.name}.gz", path=folder, downloader=downloader
        )
    except (OSError, ValueError) as error:  # the connection, an HTTP error; the checksum
        innermost = str(error).rpartition("Caused by ")[2]  # what urllib3 says at the end of its long line
        raise UnavailableError(shorten(innermost, LONGEST_REASON)) from error
    return Path(path)
