"""ResNet-18 and ResNet-32 have the published sizes, names and stems."""

from collections import Counter

import pytest
import torch
from torch import nn

from salbench.baselines.architectures.resnet import RESNET18
from salbench.baselines.architectures.resnet32 import RESNET32, ZeroPaddedShortcut


def weights(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def torchvision_shapes() -> dict[str, tuple[int, ...]]:
    """Names and shapes of torchvision's resnet18, written down from its layout."""

    def norm(name: str, width: int) -> dict[str, tuple[int, ...]]:
        per_channel = dict.fromkeys(
            [f"{name}.{part}" for part in ("weight", "bias", "running_mean", "running_var")], (width,)
        )
        return {**per_channel, f"{name}.num_batches_tracked": ()}

    shapes = {"conv1.weight": (64, 3, 7, 7), **norm("bn1", 64)}
    inputs = 64
    for stage, width in enumerate((64, 128, 256, 512), start=1):
        for block in (0, 1):
            name = f"layer{stage}.{block}"
            shapes |= {f"{name}.conv1.weight": (width, inputs, 3, 3), **norm(f"{name}.bn1", width)}
            shapes |= {f"{name}.conv2.weight": (width, width, 3, 3), **norm(f"{name}.bn2", width)}
            if block == 0 and stage > 1:
                shapes |= {f"{name}.downsample.0.weight": (width, inputs, 1, 1), **norm(f"{name}.downsample.1", width)}
            inputs = width
    return {**shapes, "fc.weight": (1000, 512), "fc.bias": (1000,)}


def test_resnet18_is_the_published_one_for_photographs() -> None:
    model = RESNET18.build((3, 224, 224), 1000)
    assert weights(model) == 11_689_512
    assert {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()} == torchvision_shapes()
    assert len(torchvision_shapes()) == 122


@pytest.mark.parametrize(("size", "before", "after"), [(96, 48, 24), (64, 32, 16), (63, 63, 63), (32, 32, 32)])
def test_the_stem_follows_the_size(size: int, before: int, after: int) -> None:
    model = RESNET18.build((3, size, size), 10).eval()
    hidden = model.get_submodule("conv1")(torch.zeros(1, 3, size, size))
    assert hidden.shape[2:] == (before, before)
    assert model.get_submodule("maxpool")(hidden).shape[2:] == (after, after)


def test_the_form_for_photographs_runs_with_each_module_called_once() -> None:
    model = RESNET18.build((3, 64, 70), 4)
    layers = {name: module for name, module in model.named_modules() if not list(module.children())}
    calls: Counter[str] = Counter()
    for name, layer in layers.items():
        layer.register_forward_pre_hook(lambda _layer, _inputs, name=name: calls.update([name]))
    assert model(torch.randn(2, 3, 64, 70)).shape == (2, 4)
    assert calls == dict.fromkeys(layers, 1)


def test_resnet18_for_cifar_differs_in_its_stem_and_classes_alone() -> None:
    """3×3 instead of 7×7 on three channels, and 10 classes instead of 1000."""
    assert weights(RESNET18.build((3, 32, 32), 10)) == 11_689_512 - 64 * 3 * (49 - 9) - 990 * 513


def test_convolutions_start_kaiming_normal() -> None:
    torch.manual_seed(0)
    weight = RESNET18.build((3, 32, 32), 10).get_parameter("layer4.1.conv2.weight")
    assert weight.std().item() == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.01)


def test_resnet32_has_the_published_size() -> None:
    """Convolutions 432 + 10·2304 + (4608 + 9·9216) + (18432 + 9·36864), norms 2·(11·16 + 10·32 + 10·64), 650."""
    by_hand = 432 + 23_040 + 87_552 + 350_208 + 2 * (11 * 16 + 10 * 32 + 10 * 64) + 650
    assert weights(RESNET32.build((3, 32, 32), 10)) == by_hand == 464_154


def test_resnet32_has_thirty_two_layers_with_weights() -> None:
    model = RESNET32.build((3, 32, 32), 10)
    assert sum(isinstance(module, nn.Conv2d | nn.Linear) for module in model.modules()) == 32
    assert sum(isinstance(module, ZeroPaddedShortcut) for module in model.modules()) == 2


def test_the_shortcut_without_weights_by_hand() -> None:
    inputs = torch.arange(1.0, 19.0).view(1, 2, 3, 3)
    zeros = [[0.0, 0.0], [0.0, 0.0]]
    assert ZeroPaddedShortcut()(inputs)[0].tolist() == [zeros, [[1, 3], [7, 9]], [[10, 12], [16, 18]], zeros]


def test_resnet32_starts_kaiming_normal() -> None:
    torch.manual_seed(0)
    model = RESNET32.build((3, 32, 32), 10)
    convolution = [module for module in model.modules() if isinstance(module, nn.Conv2d)][-1]
    assert convolution.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
