"""BIRD from a folder of class folders."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from salbench.datasets import FetchError, Split
from salbench.datasets.bird import BIRD, BIRD_FILES, load_birds
from salbench.datasets.formats.images import ImageError

from .pictures import picture, put

SOURCE = replace(BIRD_FILES, folder="tiny")
TRAIN = {"train/ROBIN/001.jpg": picture(255), "train/ROBIN/002.jpg": picture(51), "train/ALBATROSS/001.jpg": picture(0)}
VALID = {"valid/ALBATROSS/1.jpg": picture(102), "valid/ROBIN/1.jpg": picture(204, width=16, height=4)}
TEST = {"test/ALBATROSS/1.jpg": picture(1), "test/ROBIN/1.jpg": picture(2)}


def test_pixels_lie_between_0_and_1(tmp_path: Path) -> None:
    put(tmp_path / "tiny", TRAIN | VALID | TEST)
    samples = load_birds(SOURCE, 2, 8, tmp_path, Split.TRAIN)
    assert samples.inputs.shape == (3, 3, 8, 8)
    assert samples[:].inputs.mean(dim=(1, 2, 3)).tolist() == pytest.approx([0, 1, 0.2])
    assert samples.targets.tolist() == [0, 1, 1]
    assert torch.equal(samples[1:].fill, torch.zeros(2, 3, 8, 8))


def test_the_test_split_is_the_folder_valid_and_images_are_brought_to_one_size(tmp_path: Path) -> None:
    put(tmp_path / "tiny", TRAIN | VALID | TEST)
    samples = load_birds(SOURCE, 2, 8, tmp_path, Split.TEST)
    assert samples[:].inputs.shape == (2, 3, 8, 8)
    assert samples[:].inputs.mean(dim=(1, 2, 3)).tolist() == pytest.approx([0.4, 0.8])
    assert not set(samples.ids.tolist()) & set(load_birds(SOURCE, 2, 8, tmp_path, Split.TRAIN).ids.tolist())


def test_the_number_of_classes_must_be_the_published_one(tmp_path: Path) -> None:
    put(tmp_path / "bird", TRAIN | VALID)
    with pytest.raises(ValueError, match=r"must have 260 class folders .*, got 2; the release grows"):
        BIRD.load(tmp_path, Split.TRAIN)


def test_a_class_folder_that_one_split_lacks_is_named(tmp_path: Path) -> None:
    put(tmp_path / "tiny", TRAIN | {"valid/ROBIN/1.jpg": picture(0)})
    with pytest.raises(ValueError, match=r"valid must have .* missing: ALBATROSS"):
        load_birds(SOURCE, 2, 8, tmp_path, Split.TEST)


def test_a_corrupt_image_is_named_when_it_is_read(tmp_path: Path) -> None:
    put(tmp_path / "tiny", TRAIN | VALID | {"train/ROBIN/002.jpg": picture(51)[:200]})
    samples = load_birds(SOURCE, 2, 8, tmp_path, Split.TRAIN)
    samples[:2]
    with pytest.raises(ImageError, match=r"train/ROBIN/002\.jpg cannot be read"):
        samples[2:]


def test_missing_folders_are_asked_for(tmp_path: Path) -> None:
    put(tmp_path / "bird", TRAIN)
    with pytest.raises(FetchError, match=r"Kaggle, data set gpiosenka/100-bird-species") as raised:
        BIRD.load(tmp_path, Split.TRAIN)
    assert f"put this into {tmp_path / 'bird'}:\n  - the unpacked release: train/, valid/" in str(raised.value)
