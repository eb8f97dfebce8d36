"""Weights from a file: loaded exactly, refused with a reason, and part of the architecture's name."""

import hashlib
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from salbench.baselines.architectures import Architecture
from salbench.baselines.architectures.cnn import SGT_CNN
from salbench.baselines.architectures.pretrained import load_weights, pretrained
from salbench.baselines.architectures.resnet import RESNET18

SHAPE = (1, 8, 8)
HEAD = "10"  # the last layer of SGT_CNN


def saved(model: nn.Module, path: Path) -> Path:
    save_file(model.state_dict(), path)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    return saved(SGT_CNN.build(SHAPE, 10), tmp_path / "weights.safetensors")


def original() -> dict[str, Tensor]:
    torch.manual_seed(1)
    return SGT_CNN.build(SHAPE, 10).state_dict()


def test_all_weights_are_those_of_the_file(file: Path) -> None:
    model = pretrained(SGT_CNN, file, label="mnist").build(SHAPE, 10)
    for name, tensor in original().items():
        assert torch.equal(model.state_dict()[name], tensor), name


def test_the_head_is_loaded_where_it_fits(file: Path) -> None:
    model = SGT_CNN.build(SHAPE, 10)
    assert load_weights(model, file, head=HEAD) == ()
    assert torch.equal(model.state_dict()["10.weight"], original()["10.weight"])


def test_the_head_is_new_for_other_classes(file: Path) -> None:
    torch.manual_seed(7)
    drawn = SGT_CNN.build(SHAPE, 3).state_dict()["10.weight"]
    torch.manual_seed(7)
    model = SGT_CNN.build(SHAPE, 3)
    assert load_weights(model, file, head=HEAD) == ("10.weight", "10.bias")
    assert torch.equal(model.state_dict()["10.weight"], drawn)
    assert torch.equal(model.state_dict()["7.weight"], original()["7.weight"])


def test_a_head_of_other_layers_is_new_as_a_whole(tmp_path: Path) -> None:
    def with_head(*layers: nn.Module) -> nn.Module:
        return nn.ModuleDict({"features": nn.Linear(3, 4), "classifier": nn.Sequential(*layers)})

    path = saved(with_head(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 6)), tmp_path / "one.safetensors")
    names = load_weights(with_head(nn.Linear(4, 5), nn.Linear(5, 2)), path, head="classifier")
    assert names == ("classifier.0.weight", "classifier.0.bias", "classifier.1.weight", "classifier.1.bias")


def test_other_classes_without_a_head_are_refused(file: Path) -> None:
    with pytest.raises(ValueError, match=r"of another shape: 10.weight \(10, 128\), not \(3, 128\), 10.bias"):
        load_weights(SGT_CNN.build(SHAPE, 3), file)


def test_missing_and_unexpected_names_are_told(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file({"0.weight": torch.zeros(32, 1, 3, 3), "stem.weight": torch.zeros(2)}, path)
    pattern = r"weights.safetensors do not fit .*missing: 0.bias, 2.weight, 2.bias and 4 more; unexpected: stem.weight"
    with pytest.raises(ValueError, match=pattern):
        load_weights(SGT_CNN.build(SHAPE, 10), path)


def test_nothing_is_loaded_when_something_does_not_fit(file: Path) -> None:
    model = SGT_CNN.build(SHAPE, 3)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(ValueError, match="do not fit"):
        load_weights(model, file)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())


def test_a_head_that_the_model_lacks_is_refused(file: Path) -> None:
    with pytest.raises(KeyError, match="the model has no layer 'fcc'; did you mean 'fc'"):
        load_weights(RESNET18.build((3, 8, 8), 2), file, head="fcc")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(b"PK not tensors at all")
    with pytest.raises(ValueError, match=r"weights.pth is not a safetensors file"):
        load_weights(SGT_CNN.build(SHAPE, 10), path)
    with pytest.raises(FileNotFoundError):
        pretrained(SGT_CNN, tmp_path / "none.safetensors", label="mnist")


def test_batch_norm_without_counters_is_loaded(tmp_path: Path) -> None:
    states = RESNET18.build((1, 8, 8), 2).state_dict()
    path = tmp_path / "old.safetensors"
    save_file({name: tensor for name, tensor in states.items() if not name.endswith("num_batches_tracked")}, path)
    model = RESNET18.build((1, 8, 8), 2)
    load_weights(model, path)
    assert torch.equal(model.state_dict()["layer4.1.bn2.weight"], states["layer4.1.bn2.weight"])


def test_the_stem_for_photographs_does_not_fit_small_images(tmp_path: Path) -> None:
    path = saved(RESNET18.build((3, 64, 64), 2), tmp_path / "large.safetensors")
    with pytest.raises(ValueError, match=r"conv1.weight \(64, 3, 7, 7\), not \(64, 3, 3, 3\)$"):
        load_weights(RESNET18.build((3, 32, 32), 5), path, head="fc")


def test_half_precision_is_read(tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    save_file({name: tensor.half() for name, tensor in original().items()}, path)
    model = SGT_CNN.build(SHAPE, 10)
    load_weights(model, path)
    assert model.state_dict()["0.weight"].dtype == torch.float32
    torch.testing.assert_close(model.state_dict()["0.weight"], original()["0.weight"], rtol=1e-3, atol=1e-4)


class TestIdentity:
    def test_the_name_ends_in_the_digest(self, file: Path) -> None:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        assert pretrained(SGT_CNN, file, label="mnist").name == f"sgt_cnn_mnist_{digest[:12]}"

    def test_a_label_must_fit_into_a_name(self, file: Path) -> None:
        with pytest.raises(ValueError, match="letters, digits and underscores, got 'image/net'"):
            pretrained(SGT_CNN, file, label="image/net")

    def test_a_file_may_be_moved_but_not_changed(self, file: Path, tmp_path: Path) -> None:
        first = pretrained(SGT_CNN, file, label="mnist")
        moved = tmp_path / "elsewhere.safetensors"
        moved.write_bytes(file.read_bytes())
        assert pretrained(SGT_CNN, moved, label="mnist") == first
        saved(SGT_CNN.build(SHAPE, 10), file)
        assert pretrained(SGT_CNN, file, label="mnist").name != first.name
        with pytest.raises(ValueError, match=r"weights.safetensors has changed: its SHA-256 is [0-9a-f]{12}…, it was"):
            first.build(SHAPE, 10)

    def test_it_can_be_sent_to_a_worker(self, file: Path) -> None:
        architecture = pretrained(SGT_CNN, file, label="mnist", head=HEAD)
        again: Architecture = pickle.loads(pickle.dumps(architecture))
        assert again == architecture
        assert torch.equal(again.build(SHAPE, 4).state_dict()["0.weight"], original()["0.weight"])
