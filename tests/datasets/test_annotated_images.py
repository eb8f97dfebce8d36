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


def test_a_palette_is_read_by_its_colors(folder: Path) -> None:
    """Of two colors, white is number 0 here and black number 1."""
    mask = Image.fromarray(np.array([[1, 0, 1], [1, 1, 0]], dtype=np.uint8), mode="P")
    mask.putpalette([255, 255, 255, 0, 0, 0])
    mask.save(folder / "irrelevant" / "train" / "dog" / "a.png")
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


@pytest.mark.parametrize("name", ["b.jpg", "b.png"])
def test_a_lossy_mask_is_refused(folder: Path, name: str) -> None:
    place = folder / "irrelevant" / "train" / "cat" / name
    place.parent.mkdir()
    Image.fromarray(np.array([[0, 255, 0], [0, 0, 0]], dtype=np.uint8)).save(place, format="JPEG")
    dataset = annotated_images(folder, name="pets")
    with pytest.raises(ValueError, match=rf"mask .*{name} must be PNG, BMP, TIFF, got JPEG; draw it anew as PNG"):
        dataset.load(Path(), Split.TRAIN)


def test_a_mask_with_a_suffix_that_is_not_read_is_named(folder: Path) -> None:
    save(folder / "irrelevant" / "train" / "cat" / "b.gif", [[1, 1, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"b\.gif must end in \.png, .*, got '\.gif'; save it as PNG"):
        annotated_images(folder, name="pets")


@pytest.mark.parametrize("place", ["a.png", "train/a.png", "Train/cat/a.png", "train/cow/a.png", "train/cat/old/a.png"])
def test_a_mask_in_another_folder_is_named(folder: Path, place: str) -> None:
    save(folder / "irrelevant" / place, [[1, 1, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=rf"{place} must lie in .*irrelevant.* with a class among cat, dog; move"):
        annotated_images(folder, name="pets")


def test_hidden_files_are_passed_over(folder: Path) -> None:
    for place in ("train/cat/._a.png", "irrelevant/.DS_Store", "irrelevant/train/cat/._b.png"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(b"\0\5\x16\7")
    assert annotated_images(folder, name="pets").counts == (4, 2)


@pytest.mark.parametrize("place", ["train/dog/a.png", "irrelevant/train/dog/a.png"])
def test_a_file_that_is_cut_off_is_named(folder: Path, place: str) -> None:
    content = (folder / place).read_bytes()
    (folder / place).write_bytes(content[: content.index(b"IDAT") + 8])
    dataset = annotated_images(folder, name="pets")
    with pytest.raises(OSError, match=rf"{place} cannot be read as an image: .*; put a sound one in its place"):
        dataset.load(Path(), Split.TRAIN)


@pytest.mark.parametrize("place", ["train/dog/a.png", "irrelevant/train/dog/a.png"])
def test_a_file_that_is_broken_is_named(folder: Path, place: str) -> None:
    content = (folder / place).read_bytes()
    (folder / place).write_bytes(content.replace(b"IDAT", b"\0\0\0\0"))
    with pytest.raises(OSError, match=rf"{place} cannot be read as an image"):
        annotated_images(folder, name="pets").load(Path(), Split.TRAIN)


def test_a_mask_without_an_image_is_named(folder: Path) -> None:
    save(folder / "irrelevant" / "train" / "cat" / "x.png", [[1, 1, 1], [0, 0, 0]])
    with pytest.raises(ValueError, match=r"masks in .*cat without an image: x"):
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
    with pytest.raises(OSError, match=r"y\.png cannot be read as an image"):
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
