"""Pickled batches are read, and no pickle is executed."""

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from salbench.datasets.formats.pickled_batch import read_pickled

from ..pictures import python2_pickle


@pytest.fixture
def pixels() -> NDArray[np.uint8]:
    return np.arange(2 * 3072, dtype=np.uint32).astype(np.uint8).reshape(2, 3072)


@pytest.fixture
def batch(pixels: NDArray[np.uint8]) -> bytes:
    return python2_pickle("training batch 1 of 5", [6, 9], pixels, ["leptodactylus.png", "camion.png"])


class Call:
    """A pickle of it calls a function when it is loaded."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def test_a_batch_of_python_2_is_read(batch: bytes, pixels: NDArray[np.uint8]) -> None:
    found = read_pickled(batch)
    assert list(found) == ["batch_label", "labels", "data", "filenames"]
    assert found["batch_label"] == "training batch 1 of 5"
    assert found["labels"] == [6, 9]
    assert found["filenames"] == ["leptodactylus.png", "camion.png"]
    assert found["data"].dtype == np.uint8
    assert np.array_equal(found["data"], pixels)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # NumPy has renamed the module that the original names
def test_pickle_itself_reads_the_same(batch: bytes) -> None:
    expected = pickle.loads(batch, encoding="latin1")
    found = read_pickled(batch)
    assert np.array_equal(found.pop("data"), expected.pop("data"))
    assert found == expected


def test_a_batch_written_by_python_3_is_read(pixels: NDArray[np.uint8]) -> None:
    found = read_pickled(pickle.dumps({b"data": pixels, b"labels": [6, 9]}, protocol=2))
    assert np.array_equal(found["data"], pixels)
    assert found["labels"] == [6, 9]


@pytest.mark.parametrize("protocol", range(6))
def test_a_malicious_pickle_is_refused_and_does_nothing(tmp_path: Path, protocol: int) -> None:
    victim = tmp_path / "made by the pickle"
    harmful = pickle.dumps({"data": Call(os.mkdir, str(victim)), "labels": [0]}, protocol=protocol)
    with pytest.raises(ValueError, match="plain data only"):
        read_pickled(harmful)
    assert not victim.exists()
    pickle.loads(harmful)
    assert victim.exists()  # it would have been


@pytest.mark.parametrize(
    "content",
    [
        b"\x80\x02cos\nsystem\nU\x04true\x85R.",
        b"\x80\x02cbuiltins\neval\nU\x011\x85R.",
        b"\x80\x02cnumpy\nload\nU\x01x\x85R.",
        b"(S'true'\nios\nsystem\n.",
        b"\x80\x02(cos\nsystem\nU\x04trueo.",
        b"\x80\x02cos\nsystem\nU\x04true\x85\x81.",
        b"\x80\x02Pan id\n.",
        b"\x80\x02\x82\x01.",
    ],
    ids=["reduce", "eval", "numpy function", "inst", "obj", "newobj", "persistent id", "extension"],
)
def test_every_way_to_call_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="plain data only"):
        read_pickled(content)


def test_a_known_name_is_not_a_function() -> None:
    with pytest.raises(ValueError, match="a call that makes something else"):
        read_pickled(b"\x80\x02cnumpy\nndarray\nK\x01\x85R.")
    with pytest.raises(ValueError, match="a call that makes something else"):
        read_pickled(b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00zip\x86R.")


@pytest.mark.parametrize("kind", ["float32", "object", "int64"])
def test_an_array_of_another_type_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=r"unsigned bytes|plain data"):
        read_pickled(pickle.dumps({"data": np.zeros(3, dtype=kind)}, protocol=2))


def test_an_array_shorter_than_its_shape_is_refused(batch: bytes) -> None:
    shape = b"M\x02\x00M\x00\x0c\x86"
    assert batch.count(shape) == 1
    with pytest.raises(ValueError, match=r"shape \(3, 3072\).*got 6144 bytes"):
        read_pickled(batch.replace(shape, b"M\x03\x00M\x00\x0c\x86"))


@pytest.mark.parametrize(
    "content", [b"", b"no pickle", b"\x80\x02.", b"\x80\x02R.", b"\x80\x02K\x01K\x02.", b"\x80\x02h\x05."]
)
def test_a_damaged_pickle_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="not a pickled batch"):
        read_pickled(content)


def test_every_cut_is_refused(batch: bytes) -> None:
    for length in [*range(120), len(batch) // 2, len(batch) - 1]:
        with pytest.raises(ValueError, match="not a pickled batch"):
            read_pickled(batch[:length])


def test_keys_must_be_text() -> None:
    with pytest.raises(ValueError, match="a key must be text, got tuple"):
        read_pickled(pickle.dumps({((), ()): 1}, protocol=2))


def test_something_else_than_a_dictionary_is_refused() -> None:
    with pytest.raises(ValueError, match="dictionary, got list"):
        read_pickled(pickle.dumps([1, 2], protocol=2))
