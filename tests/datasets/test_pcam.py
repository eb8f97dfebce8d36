"""PatchCamelyon from HDF5 files, packed or not."""

import gzip
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from salbench.datasets import FetchError, OriginalFile, Split
from salbench.datasets.files.source import BroughtSource
from salbench.datasets.pcam import PCAM, PCAM_FILES, load_pcam
from salbench.datasets.pcam import pcam_source as make_source

from .pictures import declared, put

SIDE = 4
COUNTS = {"train": 6, "test": 3}
RNG = np.random.default_rng(0)
PATCHES = {split: RNG.integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8) for split, count in COUNTS.items()}
LABELS = {"train": [0, 1, 1, 0, 1, 0], "test": [1, 0, 1]}


def name(split: str, content: str) -> str:
    return f"camelyonpatch_level_2_split_{split}_{content}.h5"


@pytest.fixture
def unpacked(tmp_path: Path) -> dict[str, bytes]:
    h5py: Any = pytest.importorskip("h5py")
    made = tmp_path / "made"
    made.mkdir()
    for split, patches in PATCHES.items():
        labels = np.array(LABELS[split], dtype=np.uint8).reshape(-1, 1, 1, 1)
        for key, array in (("x", patches), ("y", labels)):
            with h5py.File(made / name(split, key), "w") as file:
                file.create_dataset(key, data=array)
    return {path.name: path.read_bytes() for path in made.iterdir()}


@pytest.fixture
def packed(unpacked: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(content) for name, content in unpacked.items()}


@pytest.fixture
def source(packed: dict[str, bytes]) -> BroughtSource:
    return make_source("tiny", tuple(declared(name, content) for name, content in packed.items()))


@pytest.mark.parametrize("form", ["unpacked", "packed"])
def test_every_form_gives_the_same_samples(
    tmp_path: Path, source: BroughtSource, form: str, request: pytest.FixtureRequest
) -> None:
    put(tmp_path / "tiny", request.getfixturevalue(form))
    train, test = (load_pcam(source, COUNTS, SIDE, tmp_path, split) for split in Split)
    assert (train.targets.tolist(), test.targets.tolist()) == (LABELS["train"], LABELS["test"])
    assert (train.ids.tolist(), test.ids.tolist()) == ([0, 1, 2, 3, 4, 5], [262_144, 262_145, 262_146])
    expected = torch.from_numpy(PATCHES["train"]).permute(0, 3, 1, 2) / 255
    assert torch.allclose(train[:].inputs, expected)
    assert torch.allclose(train[2:5].inputs, expected[2:5])
    order = torch.tensor([5, 0, 0, 3])
    assert torch.allclose(train[order].inputs, expected[order])
    assert torch.equal(test[:].fill, torch.zeros(3, 3, SIDE, SIDE))


def test_packed_files_are_unpacked_once(tmp_path: Path, source: BroughtSource, packed: dict[str, bytes]) -> None:
    put(tmp_path / "tiny", packed)
    load_pcam(source, COUNTS, SIDE, tmp_path, Split.TRAIN)
    first = tmp_path / "tiny" / name("train", "x")
    before = first.stat().st_mtime_ns
    (tmp_path / "tiny" / f"{first.name}.gz").unlink()
    load_pcam(source, COUNTS, SIDE, tmp_path, Split.TEST)
    assert first.stat().st_mtime_ns == before
    assert not list((tmp_path / "tiny").glob("*.part"))


def test_a_wrong_packed_file_is_not_unpacked(tmp_path: Path, source: BroughtSource, packed: dict[str, bytes]) -> None:
    wrong = f"{name('test', 'x')}.gz"
    swapped = packed | {wrong: packed[wrong][:-1] + b"!"}
    put(tmp_path / "tiny", swapped)
    with pytest.raises(FetchError, match=rf"{wrong}: expected \d+ bytes with md5 .*, found"):
        load_pcam(source, COUNTS, SIDE, tmp_path, Split.TRAIN)
    assert sorted(path.name for path in (tmp_path / "tiny").glob("came*")) == sorted(swapped)


def test_a_cut_off_unpacked_file_is_refused(tmp_path: Path, source: BroughtSource, unpacked: dict[str, bytes]) -> None:
    first = name("train", "x")
    put(tmp_path / "tiny", unpacked | {first: unpacked[first][:-40]})
    with pytest.raises(FetchError, match=rf"{first} is not a complete HDF5 file: .*truncated"):
        load_pcam(source, COUNTS, SIDE, tmp_path, Split.TRAIN)


def test_shape_and_key_of_an_unpacked_file_are_checked(
    tmp_path: Path, source: BroughtSource, unpacked: dict[str, bytes]
) -> None:
    put(tmp_path / "tiny", unpacked | {name("train", "x"): unpacked[name("test", "x")]})
    with pytest.raises(FetchError, match=r"uint8 of shape \(6, 4, 4, 3\), got uint8 of shape \(3, 4, 4, 3\)"):
        load_pcam(source, COUNTS, SIDE, tmp_path, Split.TRAIN)
    put(tmp_path / "tiny", {name("train", "x"): unpacked[name("train", "y")]})
    with pytest.raises(FetchError, match=r"must hold the key 'x'"):
        load_pcam(source, COUNTS, SIDE, tmp_path, Split.TRAIN)


def test_without_h5py_the_command_that_installs_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    files = tuple(
        OriginalFile(name=f"{name(split, key)}.gz", size=0, md5="", gz_md5="") for split in COUNTS for key in "xy"
    )
    put(tmp_path / "tiny", {name(split, key): b"" for split in COUNTS for key in "xy"})
    with pytest.raises(ModuleNotFoundError, match=r'pip install "salbench\[pcam\]"'):
        load_pcam(make_source("tiny", files), COUNTS, SIDE, tmp_path, Split.TRAIN)


def test_missing_files_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"pcam must be brought by hand, from github\.com/basveeling/pcam") as raised:
        PCAM.load(tmp_path, Split.TRAIN)
    message = str(raised.value)
    for part in PCAM_FILES.parts:
        assert all(file.name in message and file.md5 in message for form in part for file in form.files)
