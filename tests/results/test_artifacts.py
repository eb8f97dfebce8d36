from pathlib import Path

import pytest
import torch

from salbench.results.artifacts import Artifacts
from salbench.results.errors import DamagedArtifact, MissingArtifact, StoreError


def test_tensors_come_back_bit_for_bit(tmp_path: Path) -> None:
    tensors = {
        "weights": torch.randn(3, 4, dtype=torch.float64),
        "half": torch.randn(5).half(),
        "mask": torch.tensor([True, False]),
        "empty": torch.zeros(0, 3),
        "scalar": torch.tensor(7),
    }
    artifacts = Artifacts(tmp_path)
    loaded = artifacts.get(artifacts.put(tensors))
    assert loaded.keys() == tensors.keys()
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)
    assert all(loaded[name].dtype == tensors[name].dtype for name in tensors)


def test_equal_tensors_have_one_digest_and_one_file(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    square = torch.arange(6.0).reshape(2, 3)
    first = artifacts.put({"a": square, "b": torch.ones(2)})
    second = artifacts.put({"b": torch.ones(2, requires_grad=True), "a": square.T.contiguous().T})
    assert first == second
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{first}.safetensors"]


def test_name_shape_and_type_are_part_of_the_digest(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    variants = [
        {"a": torch.zeros(4)},
        {"b": torch.zeros(4)},
        {"a": torch.zeros(2, 2)},
        {"a": torch.zeros(4, dtype=torch.int32)},
    ]
    assert len({artifacts.put(tensors) for tensors in variants}) == 4


def test_tensors_may_share_memory(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    tied = torch.randn(4)
    loaded = artifacts.get(artifacts.put({"encoder": tied, "decoder": tied, "part": tied[1:3]}))
    assert torch.equal(loaded["decoder"], tied)
    assert torch.equal(loaded["part"], tied[1:3])


def test_missing_artifact_is_said_so(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    assert not artifacts.has("0" * 64)
    with pytest.raises(MissingArtifact, match=r"0000.*run its task again"):
        artifacts.get("0" * 64)


@pytest.mark.parametrize("damage", [b"", b"\x00", b"not safetensors at all"])
def test_damaged_file_is_set_aside_and_can_be_made_again(tmp_path: Path, damage: bytes) -> None:
    artifacts = Artifacts(tmp_path)
    tensors = {"a": torch.ones(3)}
    digest = artifacts.put(tensors)
    path = artifacts.path(digest)
    path.write_bytes(damage)
    with pytest.raises(DamagedArtifact, match=digest):
        artifacts.get(digest)
    assert not artifacts.has(digest)
    assert path.with_name(f"{path.name}.damaged").read_bytes() == damage
    assert artifacts.put(tensors) == digest
    assert torch.equal(artifacts.get(digest)["a"], tensors["a"])


def test_one_flipped_bit_is_noticed(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    digest = artifacts.put({"a": torch.ones(3)})
    content = bytearray(artifacts.path(digest).read_bytes())
    content[-1] ^= 1
    artifacts.path(digest).write_bytes(content)
    with pytest.raises(DamagedArtifact):
        artifacts.get(digest)


def test_put_replaces_a_file_that_was_damaged_since(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    digest = artifacts.put({"a": torch.ones(3)})
    artifacts.path(digest).write_bytes(b"short")
    artifacts.put({"a": torch.ones(3)})
    assert torch.equal(artifacts.get(digest)["a"], torch.ones(3))


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "a" * 63, "A" * 64, "a" * 63 + "/", "a" * 64 + "\n"])
def test_only_digests_name_artifacts(tmp_path: Path, digest: str) -> None:
    artifacts = Artifacts(tmp_path)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        artifacts.get(digest)
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        artifacts.has(digest)


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="choose another folder with --store"):
        Artifacts(tmp_path / "file").put({"a": torch.ones(1)})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
