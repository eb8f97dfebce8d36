"""Series of the archives: scaling and split on fabricated files, and the real ones through pip."""

import hashlib
import shutil
from pathlib import Path

import pytest
import torch

from salbench.datasets import Dataset, OriginalFile, Source, Split
from salbench.datasets.archive_series import ARCHIVE_SERIES, load_series

HEADER = "@problemName Tiny\n@timeStamps false\n@classLabel true a b\n@data\n"
TRAIN = HEADER + "1,3:5,5:a\n5,7:5,5:b\n"
TEST = HEADER + "4,4:6,5:b\n"


def release(root: Path, train: str, test: str) -> Source:
    folder = root / "tiny"
    folder.mkdir(exist_ok=True)
    files = []
    for part, text in (("TRAIN", train), ("TEST", test)):
        content = text.encode()
        (folder / f"Tiny_{part}.ts").write_bytes(content)
        md5 = hashlib.md5(content).hexdigest()
        files.append(OriginalFile(name=f"Tiny_{part}.ts", size=len(content), md5=md5, gz_md5=""))
    return Source(folder="tiny", files=tuple(files))


def test_channels_are_standardized_by_the_training_samples(tmp_path: Path) -> None:
    """The first channel has mean 4 and variance (9 + 1 + 1 + 9) / 4 = 5; the second one does not change."""
    source = release(tmp_path, TRAIN, TEST)
    train, test = (load_series(source, tmp_path, split) for split in Split)
    root = 5**0.5
    assert train.inputs[..., 0].tolist() == [pytest.approx([-3 / root, -1 / root]), pytest.approx([1 / root, 3 / root])]
    assert train.inputs[..., 1].eq(0).all()
    assert test.inputs.tolist() == [[[0.0, 1.0], [0.0, 0.0]]]


def test_the_fill_is_the_training_mean(tmp_path: Path) -> None:
    samples = load_series(release(tmp_path, TRAIN, TEST), tmp_path, Split.TEST)
    assert samples.fill.eq(0).all()
    assert samples.fill.shape == samples.inputs.shape == (1, 2, 2)


def test_the_split_of_the_archive_is_kept(tmp_path: Path) -> None:
    source = release(tmp_path, TRAIN, TEST)
    train, test = (load_series(source, tmp_path, split) for split in Split)
    assert (train.ids.tolist(), test.ids.tolist()) == ([0, 1], [2])
    assert (train.targets.tolist(), test.targets.tolist()) == ([0, 1], [1])


@pytest.mark.parametrize(
    "test", [TEST.replace("a b", "b a"), HEADER + "4,4:b\n", HEADER + "4,4,4:6,5,5:b\n"], ids=["class", "D", "T"]
)
def test_both_files_must_agree(tmp_path: Path, test: str) -> None:
    with pytest.raises(ValueError, match=r"must have the same classes, steps and channels, got \('a', 'b'\), \(2, 2\)"):
        load_series(release(tmp_path, TRAIN, test), tmp_path, Split.TRAIN)


def test_every_set_is_one_wheel_of_which_nothing_is_imported() -> None:
    for dataset in ARCHIVE_SERIES:
        assert isinstance(dataset.source, Source)
        (package,) = dataset.source.packages
        assert (package.client, package.name, package.version) == ("pip", "aeon", "1.6.0")
        assert len(dataset.source.files) == 2


COUNTS = {
    "basic_motions": ([10] * 4, [10] * 4),
    "japanese_vowels": ([30] * 9, [31, 35, 88, 44, 29, 24, 40, 50, 29]),
    "gun_point": ([24, 26], [76, 74]),
    "italy_power_demand": ([34, 33], [513, 516]),
    "arrow_head": ([12] * 3, [69, 53, 53]),
}


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize("dataset", ARCHIVE_SERIES, ids=lambda dataset: dataset.name)
def test_the_real_files(tmp_path: Path, dataset: Dataset) -> None:
    if shutil.which("pip") is None:
        pytest.skip("pip is not installed")
    train, test = (dataset.load(tmp_path, split) for split in Split)
    assert (train.targets.bincount().tolist(), test.targets.bincount().tolist()) == COUNTS[dataset.name]
    assert train.inputs.shape == (len(train), *dataset.shape)
    assert test.inputs.shape[1:] == dataset.shape
    assert dataset.counts == (len(train), len(test))
    moments = torch.std_mean(train.inputs, dim=(0, 1), correction=0)
    assert moments[0].tolist() == pytest.approx([1.0] * dataset.shape[1], abs=1e-4)
    assert moments[1].tolist() == pytest.approx([0.0] * dataset.shape[1], abs=1e-4)
    assert test.inputs.isfinite().all()
