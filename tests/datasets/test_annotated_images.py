"""A user's own images and masks."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from salbench.datasets import Modality, Split
from salbench.datasets.annotated_images import annotated_images


def save(path: Path, pixels: list[list[int]] | list[list[list[int]]], mode: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(np.array(pixels, dtype=np.uint8))
    (image if mode is None else image.convert(mode)).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two gray images of 2×3 pixels a class in training and one in the test; two of them have masks."""
    for number, (split, kind, stem) in enumerate(
        [
            ("train", "cat", "a"),
            ("train", "cat", "b"),
            ("train", "dog", "a"),
            ("train", "dog", "c"),
            ("test", "cat", "z"),
            ("test", "dog", "y"),
        ]
    ):
        save(tmp_path / split / kind / f"{stem}.png", [[number, 0, 0], [0, 0, 255]])
    save(tmp_path / "irrelevant" / "train" / "dog" / "a.png", [[0, 1, 0], [0, 0, 255]])
    save(tmp_path / "irrelevant" / "test" / "cat" / "z.png", [[0, 0, 0], [9, 0, 0]])
    return tmp_path


def test_images_classes_and_masks_are_read(folder: Path) -> None:
    dataset = annotated_images(folder, name="pets")
    train, test = (dataset.load(Path(), split) for split in Split)
    assert (dataset.name, dataset.modality, dataset.shape, dataset.classes) == ("pets", Modality.IMAGE, (1, 2, 3), 2)
    assert train.targets.tolist() == [0, 0, 1, 1]
    assert torch.cat([train.ids, test.ids]).tolist() == list(range(6))
    assert torch.equal(train.inputs[2, 0] * 255, torch.tensor([[2.0, 0, 0], [0, 0, 255]]))
    assert train.irrelevant is not None
    assert test.irrelevant is not None
    assert train.irrelevant[2].int().tolist() == [[[0, 1, 0], [0, 0, 1]]]
    assert not train.irrelevant[[0, 1, 3]].any()
    assert test.irrelevant.int().tolist() == [[[[0, 0, 0], [1, 0, 0]]], [[[0, 0, 0], [0, 0, 0]]]]


def test_color_images_share_a_mask_over_channels(folder: Path) -> None:
    for path in [*folder.glob("train/*/*.png"), *folder.glob("test/*/*.png")]:
        save(path, [[[1, 2, 3]] * 3] * 2)
    dataset = annotated_images(folder, name="pets")
    train = dataset.load(Path(), Split.TRAIN)
    assert dataset.shape == (3, 2, 3)
    assert (train.inputs[0, :, 0, 0] * 255).round().tolist() == [1, 2, 3]
    assert train.irrelevant is not None
    assert train.irrelevant[2].int().tolist() == [[[0, 1, 0], [0, 0, 1]]] * 3


@pytest.mark.parametrize("mode", ["1", "P", "RGB"])
def test_masks_may_be_of_several_modes(folder: Path, mode: str) -> None:
    save(folder / "irrelevant" / "train" / "dog" / "a.png", [[0, 255, 0], [0, 0, 255]], mode)
    train = annotated_images(folder, name="pets").load(Path(), Split.TRAIN)
    assert train.irrelevant is not None
    assert train.irrelevant[2].int().tolist() == [[[0, 1, 0], [0, 0, 1]]]


def test_without_masks_nothing_is_annotated(folder: Path) -> None:
    for path in folder.glob("irrelevant/*/*/*.png"):
        path.unlink()
    train = annotated_images(folder, name="pets").load(Path(), Split.TRAIN)
    assert train.irrelevant is not None
    assert not train.irrelevant.any()


def test_a_mask_of_another_size_is_refused(folder: Path) -> None:
    save(folder / "irrelevant" / "train" / "cat" / "b.png", [[1, 1]])
    dataset = annotated_images(folder, name="pets")
    with pytest.raises(ValueError, match=r"b\.png must have 2×3 pixels, got 1×2"):
        dataset.load(Path(), Split.TRAIN)


def test_a_mask_with_transparency_is_refused(folder: Path) -> None:
    save(folder / "irrelevant" / "train" / "cat" / "b.png", [[1, 1, 1], [0, 0, 0]], "RGBA")
    dataset = annotated_images(folder, name="pets")
    with pytest.raises(ValueError, match=r"mask .*b\.png must be of mode .*, got RGBA"):
        dataset.load(Path(), Split.TRAIN)


def test_a_mask_without_an_image_is_named(folder: Path) -> None:
    save(folder / "irrelevant" / "train" / "cat" / "x.png", [[1, 1, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"masks in .*cat without an image: x"):
        annotated_images(folder, name="pets")


def test_masks_of_an_unknown_class_are_named(folder: Path) -> None:
    save(folder / "irrelevant" / "train" / "cow" / "x.png", [[1, 1, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"masks for classes that .*train does not have: cow"):
        annotated_images(folder, name="pets")


def test_a_class_in_one_split_alone_is_named(folder: Path) -> None:
    save(folder / "train" / "cow" / "m.png", [[1, 1, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"every class must be in both splits .*: cow"):
        annotated_images(folder, name="pets")


def test_a_class_without_an_image_is_named(folder: Path) -> None:
    (folder / "test" / "dog" / "y.png").unlink()
    with pytest.raises(ValueError, match=r"class 'dog' is missing from .*test"):
        annotated_images(folder, name="pets")


def test_images_of_two_sizes_are_refused(folder: Path) -> None:
    save(folder / "test" / "dog" / "y.png", [[1, 2]])
    with pytest.raises(ValueError, match=r"all images must have one shape, got \(1, 1, 2\), \(1, 2, 3\)"):
        annotated_images(folder, name="pets")


def test_two_images_of_one_stem_are_refused(folder: Path) -> None:
    save(folder / "test" / "dog" / "y.bmp", [[1, 2, 3], [0, 0, 0]])
    with pytest.raises(ValueError, match="two files with the stem 'y'"):
        annotated_images(folder, name="pets")


def test_a_file_that_is_no_image_is_named(folder: Path) -> None:
    (folder / "test" / "dog" / "y.png").write_text("no image")
    with pytest.raises(OSError, match=r"y\.png is no image"):
        annotated_images(folder, name="pets")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="train must hold a folder of images for each class, got none"):
        annotated_images(tmp_path, name="pets")


def test_a_changed_mask_is_another_data_set(folder: Path) -> None:
    before = annotated_images(folder, name="pets")
    save(folder / "irrelevant" / "train" / "dog" / "a.png", [[0, 0, 0], [0, 0, 255]])
    assert before.load != annotated_images(folder, name="pets").load
    with pytest.raises(ValueError, match="was changed after the data set was declared"):
        before.load(Path(), Split.TRAIN)
