"""ResNet-32, the residual network for 32×32 images with shortcuts that have no weights."""

from torch import Tensor, nn
from torch.nn.functional import pad

from ...datasets.base import Modality
from .base import Architecture
from .resnet import BasicBlock


class ZeroPaddedShortcut(nn.Module):
    """Every second pixel, and channels of zeros on both sides of the old ones until there are twice as many."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, C, H, W) to (N, 2 C, H / 2, W / 2), rounded up."""
        half = inputs.shape[1] // 2
        return pad(inputs[:, :, ::2, ::2], (0, 0, 0, 0, half, half))


def build_resnet32(shape: tuple[int, ...], classes: int) -> nn.Module:
    """A 3×3 convolution, three stages of five blocks with 16, 32 and 64 channels, the mean over places, a linear layer.

    Args:
        shape: (C, H, W), of any size.
        classes: K.

    Returns:
        A module that maps (N, C, H, W) to logits (N, K).

    Source:
        he2016deep, section 4.2, n = 5, shortcuts by option A. The network that the CIFAR-10 script of
        ismail2021improving trains, though the paper says ResNet-18. Convolutions and the linear layer start
        Kaiming-normal.
    """
    layers: list[nn.Module] = [nn.Conv2d(shape[0], 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    inputs = 16
    for outputs in (16, 32, 64):
        for block in range(5):
            halved = block == 0 and outputs > 16
            layers.append(
                BasicBlock(
                    inputs,
                    outputs,
                    stride=2 if halved else 1,
                    shortcut=ZeroPaddedShortcut() if halved else nn.Identity(),
                )
            )
            inputs = outputs
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, classes))
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight)
    return model


RESNET32 = Architecture(
    name="resnet32",
    version=1,
    build=build_resnet32,
    modalities=frozenset({Modality.IMAGE}),
    convolutional=True,
    description="CIFAR ResNet-32: 3 stages of 5 blocks, 16, 32 and 64 channels, zero-padded shortcuts, batch norm",
    reference="he2016deep",
)
