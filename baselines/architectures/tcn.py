"""A temporal convolutional network: causal dilated convolutions with residual connections."""

from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from ...datasets.base import Modality
from .base import Architecture


class CausalConvolution(nn.Module):
    """A weight-normed convolution over time that never looks ahead."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, dilation: int) -> None:
        super().__init__()
        self.pad = nn.ConstantPad1d(((kernel - 1) * dilation, 0), 0.0)
        self.convolution = weight_norm(nn.Conv1d(inputs, outputs, kernel, dilation=dilation))

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, T) to (N, outputs, T)."""
        outputs: Tensor = self.convolution(self.pad(inputs))
        return outputs


class ResidualBlock(nn.Module):
    """Two causal convolutions with ReLU and dropout, and a shortcut around them."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            CausalConvolution(inputs, outputs, kernel=kernel, dilation=dilation),
            nn.ReLU(),
            nn.Dropout(dropout),
            CausalConvolution(outputs, outputs, kernel=kernel, dilation=dilation),
            nn.ReLU(),
            nn.Dropout(dropout),
        )
        self.shortcut = nn.Identity() if inputs == outputs else _small(nn.Conv1d(inputs, outputs, 1))
        self.relu = nn.ReLU()

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, inputs, T) to (N, outputs, T)."""
        outputs: Tensor = self.relu(self.branch(inputs) + self.shortcut(inputs))
        return outputs


def _small(convolution: nn.Conv1d) -> nn.Conv1d:
    """The convolution with weights drawn from N(0, 0.01²), so that untrained features hardly show in the gradient."""
    nn.init.normal_(convolution.weight, 0.0, 0.01)
    return convolution


class LastStep(nn.Module):
    """The end of a series."""

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, channels, T) to (N, channels, 1)."""
        return inputs[:, :, -1:]


class TCNClassifier(nn.Module):
    """Residual blocks with dilations 1, 2, 4, …, the maximum over time or the last step, and a linear layer.

    Source:
        bai2018empirical with the settings of ismail2020benchmarking: widths 5, 5, 50, kernel 4, dropout 0.1,
        1×1 shortcuts that start near zero.
        Departures: logits instead of probabilities, and float32.
    """

    def __init__(
        self,
        steps: int,
        features: int,
        classes: int,
        *,
        widths: tuple[int, ...] = (5, 5, 50),
        kernel: int = 4,
        dropout: float = 0.1,
        last_step: bool = False,
    ) -> None:
        super().__init__()
        inputs = [features, *widths[:-1]]
        self.blocks = nn.Sequential(
            *(
                ResidualBlock(before, after, kernel=kernel, dilation=2**level, dropout=dropout)
                for level, (before, after) in enumerate(zip(inputs, widths, strict=True))
            )
        )
        self.pool = LastStep() if last_step else nn.MaxPool1d(steps)
        self.linear = nn.Linear(widths[-1], classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """(N, T, D) to logits (N, K)."""
        features = self.blocks(inputs.transpose(1, 2))
        logits: Tensor = self.linear(self.pool(features).squeeze(2))
        return logits


def build_tcn(shape: tuple[int, ...], classes: int) -> nn.Module:
    """A `TCNClassifier` for series of shape (T, D)."""
    steps, features = shape
    return TCNClassifier(steps, features, classes)


def build_tcn_mnist(shape: tuple[int, ...], classes: int) -> nn.Module:
    """Eight levels of 25 channels, kernel 7, dropout 0.05 and the last step, as in ismail2020benchmarking for MNIST."""
    steps, features = shape
    return TCNClassifier(steps, features, classes, widths=(25,) * 8, kernel=7, dropout=0.05, last_step=True)


TCN = Architecture(
    name="tcn",
    version=1,
    build=build_tcn,
    modalities=frozenset({Modality.SERIES}),
    description="three residual blocks of causal convolutions, 5, 5 and 50 channels, dropout 0.1, maximum over time",
    reference="bai2018empirical",
)

TCN_MNIST = Architecture(
    name="tcn_mnist",
    version=1,
    build=build_tcn_mnist,
    modalities=frozenset({Modality.SERIES}),
    description="eight residual blocks of 25 channels, kernel 7, dropout 0.05, last step; for MNIST as a series",
    reference="ismail2020benchmarking",
)
