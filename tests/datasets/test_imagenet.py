"""ImageNet from the original tar files and from folders."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from salbench.datasets import FetchError, Samples, Split
from salbench.datasets.files.source import BroughtSource
from salbench.datasets.imagenet import IMAGENET, Sizes, load_imagenet
from salbench.datasets.imagenet import imagenet_source as make_source

from .pictures import declared, picture, put, tarred

TINY = Sizes(classes=3, training=5, validation=4, shorter=8, side=6)
CLASSES = ["n01440764", "n01443537", "n02102040"]
TRAIN = {  # gray values
    "n01440764": {"n01440764_10026.JPEG": 0, "n01440764_39.JPEG": 51},
    "n01443537": {"n01443537_2.JPEG": 102},
    "n02102040": {"n02102040_7.JPEG": 153, "n02102040_8.JPEG": 204},
}
KIT_NUMBERS = {"n02102040": 1, "n01440764": 2, "n01443537": 3}  # an order of its own
TRUTH = ["n01443537", "n02102040", "n02102040", "n01440764"]
VALIDATION = {f"ILSVRC2012_val_{number:08d}.JPEG": 20 * number for number in (1, 2, 3, 4)}


def meta(numbers: Mapping[str, int]) -> bytes:
    """The kit's table of classes; one more, for a group of classes, stands at its end."""
    kind = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    rows = [(float(number), name, "some words", 0.0) for name, number in numbers.items()]
    stream = io.BytesIO()
    savemat(stream, {"synsets": np.array([*rows, (1860.0, "n00001740", "entity", 3.0)], dtype=kind)[:, None]})
    return stream.getvalue()


KIT = {
    "ILSVRC2012_devkit_t12/readme.txt": b"not read",
    "ILSVRC2012_devkit_t12/data/meta.mat": meta(KIT_NUMBERS),
    "ILSVRC2012_devkit_t12/data/ILSVRC2012_validation_ground_truth.txt": "".join(
        f"{KIT_NUMBERS[name]}\n" for name in TRUTH
    ).encode(),
}
KIT_ARCHIVE = {"ILSVRC2012_devkit_t12.tar.gz": tarred(KIT, compressed=True)}
IMAGES = {wnid: {name: picture(gray, width=12) for name, gray in files.items()} for wnid, files in TRAIN.items()}
TRAIN_FOLDER = {f"train/{wnid}/{name}": data for wnid, files in IMAGES.items() for name, data in files.items()}
TRAIN_TAR = {
    "ILSVRC2012_img_train.tar": tarred(
        {f"{wnid}.tar": tarred(dict(reversed(files.items()))) for wnid, files in reversed(IMAGES.items())}
    )
}
VAL_IMAGES = {name: picture(gray, height=9) for name, gray in VALIDATION.items()}
VAL_TAR = {"ILSVRC2012_img_val.tar": tarred(dict(reversed(VAL_IMAGES.items())))}
VAL_FLAT = {f"val/{name}": data for name, data in VAL_IMAGES.items()}
VAL_FOLDERS = {f"val/{wnid}/{name}": data for wnid, (name, data) in zip(TRUTH, VAL_IMAGES.items(), strict=True)}
FORMS = {
    "tar files": TRAIN_TAR | VAL_TAR | KIT_ARCHIVE,
    "class folders": TRAIN_FOLDER | VAL_FOLDERS,
    "flat validation": TRAIN_FOLDER | VAL_FLAT | KIT,
    "mixed": TRAIN_TAR | VAL_FOLDERS,
}


@pytest.fixture
def source() -> BroughtSource:
    training, validation = (declared(name, data) for name, data in (TRAIN_TAR | VAL_TAR).items())
    return make_source("tiny", training=training, validation=validation)


def grays(samples: Samples) -> list[int]:
    red = samples[:].inputs[:, 0].mean(dim=(1, 2))
    return (255 * (red * 0.229 + 0.485)).round().int().tolist()


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_samples(tmp_path: Path, source: BroughtSource, form: str) -> None:
    put(tmp_path / "tiny", FORMS[form])
    train, test = (load_imagenet(source, TINY, tmp_path, split) for split in Split)
    assert train[:].inputs.shape == (5, 3, 6, 6)
    assert (grays(train), train.targets.tolist()) == ([0, 51, 102, 153, 204], [0, 0, 1, 2, 2])
    assert (grays(test), test.targets.tolist()) == ([20, 40, 60, 80], [CLASSES.index(name) for name in TRUTH])
    assert (train.ids.tolist(), test.ids.tolist()) == ([0, 1, 2, 3, 4], [5, 6, 7, 8])


def test_the_fill_is_a_black_image(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", FORMS["class folders"])
    samples = load_imagenet(source, TINY, tmp_path, Split.TRAIN)[:2]
    assert torch.allclose(samples.fill, samples.inputs[:1].expand(2, -1, -1, -1))


def test_nothing_is_unpacked(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", FORMS["tar files"])
    load_imagenet(source, TINY, tmp_path, Split.TRAIN)[:]
    assert not [path for path in (tmp_path / "tiny").iterdir() if not path.name.startswith((".ILSVRC", "ILSVRC"))]
    assert not [path for path in (tmp_path / "tiny").iterdir() if path.is_dir()]


def test_the_validation_images_need_their_classes(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", TRAIN_FOLDER | VAL_FLAT)
    load_imagenet(source, TINY, tmp_path, Split.TRAIN)
    with pytest.raises(FetchError, match=r"ILSVRC2012_devkit_t12\.tar\.gz \(md5 fa75699e90414af021442c21a62c3abf\)"):
        load_imagenet(source, TINY, tmp_path, Split.TEST)


def test_a_kit_of_other_classes_is_refused(tmp_path: Path, source: BroughtSource) -> None:
    other = {"ILSVRC2012_devkit_t12/data/meta.mat": meta({"n02102040": 1, "n01440764": 2, "n09999999": 3})}
    put(tmp_path / "tiny", TRAIN_FOLDER | VAL_FLAT | KIT | other)
    with pytest.raises(FetchError, match=r"classes numbered \[3\] are not among the training classes"):
        load_imagenet(source, TINY, tmp_path, Split.TEST)


def test_numbers_of_classes_and_images_are_checked(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", FORMS["class folders"])
    with pytest.raises(FetchError, match="must have 4 classes, got 3"):
        load_imagenet(source, TINY._replace(classes=4), tmp_path, Split.TRAIN)
    with pytest.raises(FetchError, match="must have 6 train images, got 5"):
        load_imagenet(source, TINY._replace(training=6), tmp_path, Split.TRAIN)
    (tmp_path / "tiny/val/ILSVRC2012_val_00000009.JPEG").touch()
    with pytest.raises(FetchError, match="must have 5 test images, got 4"):
        load_imagenet(source, TINY._replace(validation=5), tmp_path, Split.TEST)


def test_a_class_folder_that_validation_lacks_is_named(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", TRAIN_FOLDER | dict(list(VAL_FOLDERS.items())[:3]))
    with pytest.raises(ValueError, match=r"missing: n01440764"):
        load_imagenet(source, TINY, tmp_path, Split.TEST)


def test_a_wrong_tar_file_is_named_and_left_alone(tmp_path: Path, source: BroughtSource) -> None:
    (name, content), *_ = TRAIN_TAR.items()
    put(tmp_path / "tiny", FORMS["tar files"] | {name: content[:-512]})
    with pytest.raises(
        FetchError, match=rf"{name}: expected {len(content)} bytes .*, found {len(content) - 512} bytes"
    ):
        load_imagenet(source, TINY, tmp_path, Split.TRAIN)
    assert (tmp_path / "tiny" / name).is_file()


def test_missing_files_are_asked_for_with_the_page_of_their_licence(tmp_path: Path) -> None:
    with pytest.raises(FetchError) as raised:
        IMAGENET.load(tmp_path, Split.TEST)
    message = str(raised.value)
    assert "image-net.org/download" in message
    assert "ILSVRC2012_img_train.tar (147897477120 bytes, md5 1d675b47d978889d74fa0da5fadfb00e)" in message
    assert "ILSVRC2012_img_val.tar (6744924160 bytes, md5 29b22e2961454d5413ddabcf34fc5622)" in message
    assert "train/" in message
    assert "ILSVRC2012_devkit_t12.tar.gz" in message
