"""Encoded images and what is cut out of them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from salbench.datasets.formats.image_folder import class_names, labelled_images
from salbench.datasets.formats.images import FolderImages, ImageError, center_cropped, reader, resized, tar_images

from ..pictures import picture, put, tarred


def same(image: Image.Image) -> Image.Image:
    return image


def test_rows_are_colour_rows_and_columns(tmp_path: Path) -> None:
    pixels = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    read = reader(FolderImages(folder=tmp_path, names=["a.png"]), np.array([0]), same)
    assert read([0]).shape == (1, 3, 2, 5)
    assert torch.equal(read([0])[0], torch.from_numpy(pixels).permute(2, 0, 1))


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA"])
def test_every_image_becomes_rgb(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (4, 4)).save(tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"))
    name = next(tmp_path.iterdir()).name
    assert reader(FolderImages(folder=tmp_path, names=[name]), np.array([0]), same)([0]).shape == (1, 3, 4, 4)


@pytest.mark.parametrize("content", [b"", b"<html>404</html>", picture(9)[:300]], ids=["empty", "foreign", "cut off"])
def test_a_corrupt_image_is_named(tmp_path: Path, content: bytes) -> None:
    put(tmp_path, {"robin/7.JPEG": content})
    read = reader(FolderImages(folder=tmp_path, names=["robin/7.JPEG"]), np.array([0]), same)
    with pytest.raises(ImageError, match=rf"{tmp_path / 'robin/7.JPEG'} cannot be read as an image"):
        read([0])


def test_a_corrupt_image_in_a_tar_file_is_named(tmp_path: Path) -> None:
    put(tmp_path, {"a.tar": tarred({"7.JPEG": b"nothing"})})
    with pytest.raises(ImageError, match=r"a\.tar: 7\.JPEG cannot be read"):
        reader(tar_images(tmp_path / "a.tar"), np.array([0]), same)([0])


def test_an_image_of_the_right_size_is_left_as_it_is() -> None:
    image = Image.new("RGB", (6, 4))
    assert resized(image, height=4, width=6) is image
    assert resized(image, height=3, width=3).size == (3, 3)


@pytest.mark.parametrize("size", [(500, 375), (375, 500), (256, 256), (100, 300), (224, 1000)])
def test_the_middle_is_cut_out_of_the_resized_image(size: tuple[int, int]) -> None:
    width, height = size
    ramp = np.linspace(0, 255, width if width >= height else height)
    gray = np.tile(ramp, (height, 1)) if width >= height else np.tile(ramp[:, None], (1, width))
    cut = center_cropped(Image.fromarray(gray.round().astype(np.uint8)), shorter=256, side=224)
    assert cut.size == (224, 224)
    along = np.asarray(cut, dtype=float).mean(axis=0 if width >= height else 1)
    share = 224 / (256 * max(size) / min(size))  # of the ramp that is left
    assert along.mean() == pytest.approx(127.5, abs=2)
    assert along[-1] - along[0] == pytest.approx(255 * share, abs=3)


def test_edges_are_as_torchvision_rounds_them() -> None:
    image = Image.new("L", (300, 201))
    image.putpixel((299, 100), 255)
    assert center_cropped(image, shorter=201, side=200).size == (200, 200)  # left 50, top round(0.5) = 0
    columns = np.tile(np.arange(7, dtype=np.uint8), (4, 1))
    assert np.asarray(center_cropped(Image.fromarray(columns), shorter=4, side=4))[0].tolist() == [2, 3, 4, 5]


def test_class_folders_are_sorted_and_files_beside_them_ignored(tmp_path: Path) -> None:
    contents = {"b/2.jpg": b"", "b/10.JPEG": b"", "a/x.png": b"", "a/notes.txt": b"", "list.csv": b"", ".git/x": b""}
    put(tmp_path, contents)
    assert class_names(tmp_path) == ["a", "b"]
    images, targets = labelled_images(tmp_path, ["a", "b"])
    assert list(images.names) == ["a/x.png", "b/10.JPEG", "b/2.jpg"]
    assert targets.tolist() == [0, 1, 1]


def test_hidden_files_and_folders_are_no_images(tmp_path: Path) -> None:
    put(tmp_path, {"a/1.jpg": b"", "a/._1.jpg": b"", "a/old.jpg/2.jpg": b""})
    assert list(labelled_images(tmp_path, ["a"]).images.names) == ["a/1.jpg"]


def test_class_folders_must_be_those_expected(tmp_path: Path) -> None:
    put(tmp_path, {"a/1.jpg": b"", "c/1.jpg": b""})
    with pytest.raises(ValueError, match=r"each of 2 classes; missing: b; not among the classes: c"):
        labelled_images(tmp_path, ["a", "b"])
    (tmp_path / "b").mkdir()
    with pytest.raises(ValueError, match=r"class folder .*b has no image"):
        labelled_images(tmp_path, ["a", "b", "c"])
