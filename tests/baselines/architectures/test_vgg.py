"""VGG-16 has the published sizes and names; the large forms are laid out without memory."""

import pytest
import torch
from torch import nn

from salbench.baselines.architectures import Architecture
from salbench.baselines.architectures.vgg import VGG16, VGG16_BIRD, VGG16_BN

FEATURES = 14_714_688  # weights of the thirteen convolutions
PLACES = {VGG16: (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), VGG16_BN: (0, 3, 7, 10, 14, 17, 20, 24, 27, 30, 34, 37, 40)}  # fmt: skip  # noqa: E501
OUTPUTS = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)


def laid_out(architecture: Architecture, shape: tuple[int, ...], classes: int) -> nn.Module:
    with torch.device("meta"):
        return architecture.build(shape, classes)


def weights(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


@pytest.mark.parametrize(
    ("architecture", "classes", "size"),
    [
        (VGG16, 1000, 138_357_544),
        (VGG16_BN, 1000, 138_365_992),
        (VGG16_BIRD, 260, FEATURES + 25_089 * 4048 + 4049 * 2048 + 2049 * 260),
    ],
    ids=["vgg16", "vgg16_bn", "vgg16_bird"],
)
def test_the_sizes_are_the_published_ones(architecture: Architecture, classes: int, size: int) -> None:
    model = laid_out(architecture, (3, 224, 224), classes)
    assert weights(model) == size
    with torch.device("meta"):
        assert model(torch.empty(2, 3, 224, 224)).shape == (2, classes)


@pytest.mark.parametrize("architecture", [VGG16, VGG16_BN], ids=["vgg16", "vgg16_bn"])
def test_layers_are_named_as_in_torchvision(architecture: Architecture) -> None:
    shapes: dict[str, tuple[int, ...]] = {}
    inputs = 3
    for place, outputs in zip(PLACES[architecture], OUTPUTS, strict=True):
        shapes |= {f"features.{place}.weight": (outputs, inputs, 3, 3), f"features.{place}.bias": (outputs,)}
        if architecture is VGG16_BN:
            for part in ("weight", "bias", "running_mean", "running_var"):
                shapes[f"features.{place + 1}.{part}"] = (outputs,)
            shapes[f"features.{place + 1}.num_batches_tracked"] = ()
        inputs = outputs
    for place, sizes in ((0, (4096, 25_088)), (3, (4096, 4096)), (6, (1000, 4096))):
        shapes |= {f"classifier.{place}.weight": sizes, f"classifier.{place}.bias": sizes[:1]}
    model = laid_out(architecture, (3, 224, 224), 1000)
    assert {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()} == shapes


@pytest.mark.parametrize(("size", "places"), [(32, 1), (28, 1), (63, 1), (64, 7), (96, 7)])
def test_the_pooled_features_follow_the_image(size: int, places: int) -> None:
    model = laid_out(VGG16, (3, size, size), 10)
    with torch.device("meta"):
        hidden = model.get_submodule("avgpool")(model.get_submodule("features")(torch.empty(1, 3, size, size)))
    assert hidden.shape == (1, 512, places, places)


def test_small_images_get_one_linear_layer_on_512_features() -> None:
    model = laid_out(VGG16, (3, 32, 32), 10)
    assert weights(model) == FEATURES + 513 * 10
    assert model.get_parameter("classifier.0.weight").shape == (10, 512)


def test_rounding_up_changes_nothing_at_32_pixels() -> None:
    torch.manual_seed(0)
    model = VGG16.build((3, 32, 32), 10).eval()
    inputs = torch.randn(2, 3, 32, 32)
    before = model(inputs)
    for module in model.modules():
        if isinstance(module, nn.MaxPool2d):
            assert module.ceil_mode
            module.ceil_mode = False
    assert torch.equal(model(inputs), before)


def test_the_bird_head_drops_two_fifths() -> None:
    model = laid_out(VGG16_BIRD, (3, 224, 224), 260)
    layers = list(model.get_submodule("classifier").children())
    assert [type(layer) for layer in layers] == [
        nn.Linear, nn.ReLU, nn.Dropout, nn.Linear, nn.ReLU, nn.Dropout, nn.Linear
    ]  # fmt: skip
    assert [layer.p for layer in layers if isinstance(layer, nn.Dropout)] == [0.4, 0.4]
