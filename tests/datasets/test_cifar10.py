"""CIFAR-10 from its archives and folders."""

import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from salbench.datasets import FetchError, Samples, Split, State, status
from salbench.datasets.cifar10 import CIFAR10, load_cifar10
from salbench.datasets.cifar10 import cifar10_source as make_source
from salbench.datasets.files.source import BroughtSource
from salbench.datasets.formats.cifar_batches import read_binary_batch, read_python_batch

from .pictures import declared, put, python2_pickle, tarred

NAMES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
LABELS = [[6, 9], [1, 6], [8, 5], [0, 6], [1, 8], [3, 8]]
RNG = np.random.default_rng(0)
PIXELS = [RNG.integers(0, 256, (2, 3072), dtype=np.uint8) for _ in NAMES]
PYTHON = {
    f"cifar-10-batches-py/{name}": python2_pickle(name, labels, pixels, ["a.png", "b.png"])
    for name, labels, pixels in zip(NAMES, LABELS, PIXELS, strict=True)
}
BINARY = {
    f"cifar-10-batches-bin/{name}.bin": np.c_[np.array(labels, dtype=np.uint8), pixels].tobytes()
    for name, labels, pixels in zip(NAMES, LABELS, PIXELS, strict=True)
}
EXTRA = {"batches.meta": b"not read", "readme.html": b"<meta>"}
ARCHIVES = {
    "cifar-10-python.tar.gz": tarred(
        PYTHON | {f"cifar-10-batches-py/{name}": content for name, content in EXTRA.items()}, compressed=True
    ),
    "cifar-10-binary.tar.gz": tarred(BINARY, compressed=True),
}
FORMS = {
    "python archive": {"cifar-10-python.tar.gz": ARCHIVES["cifar-10-python.tar.gz"]},
    "python folder": PYTHON,
    "binary archive": {"cifar-10-binary.tar.gz": ARCHIVES["cifar-10-binary.tar.gz"]},
    "binary folder": BINARY,
}


@pytest.fixture
def source() -> BroughtSource:
    return make_source(
        "tiny",
        python=declared("cifar-10-python.tar.gz", ARCHIVES["cifar-10-python.tar.gz"]),
        python_batches=tuple(declared(name.rpartition("/")[2], content) for name, content in PYTHON.items()),
        binary=declared("cifar-10-binary.tar.gz", ARCHIVES["cifar-10-binary.tar.gz"]),
        binary_batches=tuple(declared(name.rpartition("/")[2], content, md5=False) for name, content in BINARY.items()),
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_samples(tmp_path: Path, source: BroughtSource, form: str) -> None:
    put(tmp_path / "tiny", FORMS[form])
    train, test = (load_cifar10(source, tmp_path, split) for split in Split)
    assert train.targets.tolist() == [6, 9, 1, 6, 8, 5, 0, 6, 1, 8]
    assert test.targets.tolist() == [3, 8]
    assert (train.ids.tolist(), test.ids.tolist()) == (list(range(10)), [50_000, 50_001])
    assert train.inputs.shape == (10, 3, 32, 32)
    assert torch.equal(pixels_of(train), torch.from_numpy(np.concatenate(PIXELS[:5])).view(10, 3, 32, 32))
    assert torch.equal(pixels_of(test), torch.from_numpy(PIXELS[5]).view(2, 3, 32, 32))


def pixels_of(samples: Samples) -> Tensor:
    mean, deviation = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])[:, :, None, None]
    pixels: Tensor = ((samples.inputs * deviation + mean) * 255).round().to(torch.uint8)
    return pixels


def test_the_first_1024_values_are_red_row_by_row(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", PYTHON)
    inputs = load_cifar10(source, tmp_path, Split.TRAIN).inputs
    assert inputs[0, 0, 1, 2].item() == pytest.approx((PIXELS[0][0, 34] / 255 - 0.485) / 0.229, abs=1e-6)
    assert inputs[1, 2, 31, 0].item() == pytest.approx((PIXELS[0][1, 2048 + 31 * 32] / 255 - 0.406) / 0.225, abs=1e-6)


def test_the_fill_and_the_border_of_the_crop_are_black(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", BINARY)
    samples = load_cifar10(source, tmp_path, Split.TEST)
    black = [-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225]
    assert samples.fill[1, :, 5, 7].tolist() == pytest.approx(black)
    assert CIFAR10.augment is not None
    assert CIFAR10.augment.keywords["border"] == pytest.approx(black)  # type: ignore[attr-defined]


def test_missing_files_are_asked_for_with_names_sizes_and_checksums(tmp_path: Path) -> None:
    with pytest.raises(FetchError) as raised:
        CIFAR10.load(tmp_path, Split.TRAIN)
    message = str(raised.value)
    assert message.startswith("cifar10 must be brought by hand, from www.cs.toronto.edu/~kriz/cifar.html")
    assert f"put one of these into {tmp_path / 'cifar10'}:" in message
    assert "cifar-10-python.tar.gz (170498071 bytes, md5 c58f30108f718f92721af3b95e74349a)" in message
    assert "data_batch_1 (31035704 bytes, md5 c99cafc152244af753f735de768cd75f)" in message


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_file_is_named_and_left_alone(tmp_path: Path, source: BroughtSource, form: str) -> None:
    put(tmp_path / "tiny", FORMS[form])
    name = min(FORMS[form])
    changed = FORMS[form][name][:-1] + b"" if form == "binary folder" else FORMS[form][name][:-1] + b"!"
    put(tmp_path / "tiny", {name: changed})
    with pytest.raises(FetchError, match=rf"{name}.*expected {len(FORMS[form][name])} bytes.*found"):
        load_cifar10(source, tmp_path, Split.TRAIN)
    assert (tmp_path / "tiny" / name).read_bytes() == changed


def test_an_incomplete_folder_is_missing(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", dict(list(PYTHON.items())[:5]))
    with pytest.raises(FetchError, match="put one of these"):
        load_cifar10(source, tmp_path, Split.TRAIN)


def test_status_lists_the_form_that_is_there(tmp_path: Path, source: BroughtSource) -> None:
    assert {item.state for item in status(source, tmp_path)} == {State.MISSING}
    put(tmp_path / "tiny", FORMS["python archive"])
    assert [(item.file.name, item.state) for item in status(source, tmp_path)] == [
        ("cifar-10-python.tar.gz", State.PRESENT)
    ]


def test_a_batch_without_its_keys_is_refused() -> None:
    with pytest.raises(ValueError, match=r"x is not a batch of CIFAR-10: not a pickled batch"):
        read_python_batch(b"\x80\x02cos\nsystem\n.", "x")
    with pytest.raises(ValueError, match=r"x must hold the array data and the list labels, got \[\]"):
        read_python_batch(b"\x80\x02}.", "x")


def test_labels_and_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="labels from 0 to 9, got 10 to 10"):
        read_binary_batch(bytes([10]) + bytes(3072), "x")
    with pytest.raises(ValueError, match="multiple of 3073 bytes, got 3072"):
        read_binary_batch(bytes(3072), "x")
    with pytest.raises(ValueError, match="3072 pixels an image"):
        read_python_batch(python2_pickle("x", [1], np.zeros((2, 3072), dtype=np.uint8), []), "x")


def test_nothing_is_unpacked_to_disk(tmp_path: Path, source: BroughtSource) -> None:
    put(tmp_path / "tiny", FORMS["python archive"])
    load_cifar10(source, tmp_path, Split.TEST)
    assert not [path for path in (tmp_path / "tiny").iterdir() if not path.name.startswith((".", "cifar-10-python"))]
    assert tarfile.is_tarfile(tmp_path / "tiny" / "cifar-10-python.tar.gz")
