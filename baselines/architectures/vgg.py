"""VGG-16, with and without batch norm, and with the head of the bird experiment."""

from collections.abc import Iterator
from itertools import pairwise

from torch import Tensor, nn

from ...datasets.base import Modality
from .base import Architecture
from .resnet import LARGE

WIDTHS = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))  # a pooling after each group


class VGG(nn.Module):
    """Thirteen 3×3 convolutions with five poolings, the features averaged to a fixed size, and a classifier.

    Source:
        simonyan2015very, configuration D; layers are named as in torchvision, so its weights fit (`pretrained`).
        Images of at least 64 pixels a side are pooled to 7×7 places, 25088 features. For smaller ones poolings round
        up, so that no image is too small, and the features are averaged to one place, 512 features.
    """

    def __init__(self, channels: int, *, large: bool, batch_norm: bool, classifier: nn.Sequential) -> None:
        super().__init__()
        self.features = nn.Sequential(*_features(channels, batch_norm=batch_norm, round_up=not large))
        self.avgpool = nn.AdaptiveAvgPool2d(7 if large else 1)
        self.classifier = classifier
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.01)
                nn.init.zeros_(module.bias)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) to logits (N, K)."""
        logits: Tensor = self.classifier(self.avgpool(self.features(inputs)).flatten(1))
        return logits


def _features(channels: int, *, batch_norm: bool, round_up: bool) -> Iterator[nn.Module]:
    for group in WIDTHS:
        for width in group:
            yield nn.Conv2d(channels, width, 3, padding=1)
            if batch_norm:
                yield nn.BatchNorm2d(width)
            yield nn.ReLU()
            channels = width
        yield nn.MaxPool2d(2, ceil_mode=round_up)


def _classifier(widths: tuple[int, ...], *, dropout: float) -> nn.Sequential:
    """Linear layers with ReLU and dropout between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths):
        layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout(dropout)]
    return nn.Sequential(*layers[:-2])


def _is_large(shape: tuple[int, ...]) -> bool:
    return min(shape[1:]) >= LARGE


def _build(shape: tuple[int, ...], classes: int, *, batch_norm: bool) -> nn.Module:
    large = _is_large(shape)
    widths = (25088, 4096, 4096, classes) if large else (512, classes)
    return VGG(shape[0], large=large, batch_norm=batch_norm, classifier=_classifier(widths, dropout=0.5))


def build_vgg16(shape: tuple[int, ...], classes: int) -> nn.Module:
    """VGG-16 for images of shape (C, H, W); below 64 pixels one linear layer on the 512 features."""
    return _build(shape, classes, batch_norm=False)


def build_vgg16_bn(shape: tuple[int, ...], classes: int) -> nn.Module:
    """The same with batch norm after each convolution."""
    return _build(shape, classes, batch_norm=True)


def build_vgg16_bird(shape: tuple[int, ...], classes: int) -> nn.Module:
    """VGG-16 with the classifier 25088-4048-2048-K; below 64 pixels it starts from 512 features.

    Source:
        ismail2021improving, BIRD model: dropout 0.4, and 4048 is no slip of the pen.
    """
    large = _is_large(shape)
    classifier = _classifier((25088 if large else 512, 4048, 2048, classes), dropout=0.4)
    return VGG(shape[0], large=large, batch_norm=False, classifier=classifier)


VGG16 = Architecture(
    name="vgg16",
    version=1,
    build=build_vgg16,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="VGG-16 without batch norm; below 64 pixels one linear layer on the 512 features",
    reference="simonyan2015very",
)

VGG16_BN = Architecture(
    name="vgg16_bn",
    version=1,
    build=build_vgg16_bn,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="VGG-16 with batch norm; below 64 pixels one linear layer on the 512 features",
    reference="simonyan2015very",
)

VGG16_BIRD = Architecture(
    name="vgg16_bird",
    version=1,
    build=build_vgg16_bird,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="VGG-16 without batch norm, classifier of 4048 and 2048 units, dropout 0.4",
    reference="ismail2021improving",
)
