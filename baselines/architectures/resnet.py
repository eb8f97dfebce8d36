"""ResNet-18, with the stem for photographs or the one for small images."""

from torch import Tensor, nn

from ...datasets.base import Modality
from .base import Architecture

LARGE = 64  # pixels; from here on an image is a photograph, and the published ImageNet form applies as it is


class BasicBlock(nn.Module):
    """Two 3×3 convolutions with batch norm, and a shortcut around them."""

    def __init__(self, inputs: int, outputs: int, *, stride: int, shortcut: nn.Module) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = shortcut
        self.relu2 = nn.ReLU()

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, H, W) to (N, outputs, H / stride, W / stride), rounded up."""
        hidden = self.relu1(self.bn1(self.conv1(inputs)))
        outputs: Tensor = self.relu2(self.bn2(self.conv2(hidden)) + self.downsample(inputs))
        return outputs


class ResNet18(nn.Module):
    """A stem, four stages of two blocks with 64, 128, 256 and 512 channels, the mean over places, a linear layer.

    Source:
        he2016deep, table 1; layers are named as in torchvision, so its weights fit (`pretrained`). Images of at
        least 64 pixels a side get the published stem: 7×7 with stride 2, then max-pooling. Smaller ones would be
        gone after it, so they get the stem of the same paper's CIFAR networks: 3×3, stride 1, no pooling.
        Departure: each ReLU is a module of its own; torchvision calls one twice in each block.
    """

    def __init__(self, channels: int, classes: int, *, large: bool) -> None:
        super().__init__()
        self.conv1 = (
            nn.Conv2d(channels, 64, 7, stride=2, padding=3, bias=False)
            if large
            else nn.Conv2d(channels, 64, 3, padding=1, bias=False)
        )
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1) if large else nn.Identity()
        self.layer1 = _stage(64, 64, stride=1)
        self.layer2 = _stage(64, 128, stride=2)
        self.layer3 = _stage(128, 256, stride=2)
        self.layer4 = _stage(256, 512, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) to logits (N, K)."""
        hidden = self.maxpool(self.relu(self.bn1(self.conv1(inputs))))
        hidden = self.layer4(self.layer3(self.layer2(self.layer1(hidden))))
        logits: Tensor = self.fc(self.avgpool(hidden).flatten(1))
        return logits


def _stage(inputs: int, outputs: int, *, stride: int) -> nn.Sequential:
    """Two blocks; where the shape changes, the shortcut is a 1×1 convolution with batch norm (option B)."""
    shortcut: nn.Module = nn.Identity()
    if stride > 1:
        shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))
    return nn.Sequential(
        BasicBlock(inputs, outputs, stride=stride, shortcut=shortcut),
        BasicBlock(outputs, outputs, stride=1, shortcut=nn.Identity()),
    )


def build_resnet18(shape: tuple[int, ...], classes: int) -> nn.Module:
    """A `ResNet18` for images of shape (C, H, W), large if both sides have at least 64 pixels."""
    channels, height, width = shape
    return ResNet18(channels, classes, large=min(height, width) >= LARGE)


RESNET18 = Architecture(
    name="resnet18",
    version=1,
    build=build_resnet18,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="ResNet-18 with batch norm; 7x7 stem from 64 pixels on, 3x3 stem without pooling below",
    reference="he2016deep",
)
