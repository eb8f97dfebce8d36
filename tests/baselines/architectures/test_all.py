"""What holds for every architecture on every modality it is declared for."""

from collections import Counter

import pytest
import torch
from torch import nn

from salbench.baselines.architectures import ARCHITECTURES, Architecture, check_logits
from salbench.datasets import Modality

SHAPES: dict[Modality, list[tuple[int, ...]]] = {
    Modality.IMAGE: [(1, 8, 8), (1, 28, 28), (3, 10, 7)],
    Modality.SERIES: [(12, 6), (6, 12)],
    Modality.TABULAR: [(5,)],
}
CASES = [
    pytest.param(architecture, shape, id=f"{architecture.name}-{'x'.join(map(str, shape))}")
    for architecture in ARCHITECTURES
    for modality in sorted(architecture.modalities)
    for shape in SHAPES[modality]
]


@pytest.fixture(autouse=True)
def _fixed_weights() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(("architecture", "shape"), CASES)
@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
def test_it_returns_logits(architecture: Architecture, shape: tuple[int, ...], training: bool) -> None:
    model = architecture.build(shape, 4).train(training)
    check_logits(model(torch.randn(5, *shape)), 5, 4)


@pytest.mark.parametrize(("architecture", "shape"), CASES)
def test_each_module_is_called_once(architecture: Architecture, shape: tuple[int, ...]) -> None:
    model = architecture.build(shape, 4)
    layers = {name: module for name, module in model.named_modules() if not list(module.children())}
    calls: Counter[str] = Counter()
    for name, layer in layers.items():
        layer.register_forward_pre_hook(lambda _layer, _inputs, name=name: calls.update([name]))
    model(torch.randn(2, *shape))
    assert calls == dict.fromkeys(layers, 1)


@pytest.mark.parametrize(("architecture", "shape"), CASES)
def test_activations_are_modules(architecture: Architecture, shape: tuple[int, ...]) -> None:
    """With each ReLU, pooling and LSTM replaced by an affine map, the model is affine: none is a functional call."""
    model = architecture.build(shape, 4).eval()
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU | nn.LSTM | nn.MaxPool1d | nn.MaxPool2d):
                setattr(module, name, affine_instead_of(child))
    first, second = torch.randn(2, 3, *shape).unbind()
    torch.testing.assert_close(model((first + second) / 2), (model(first) + model(second)) / 2, rtol=1e-4, atol=1e-5)


def affine_instead_of(module: nn.Module) -> nn.Module:
    if isinstance(module, nn.MaxPool1d):
        return nn.AvgPool1d(module.kernel_size)
    if isinstance(module, nn.MaxPool2d):
        return nn.AvgPool2d(module.kernel_size)
    if isinstance(module, nn.LSTM):
        return First(module.hidden_size)
    return nn.Identity()


class First(nn.Module):
    """In place of an LSTM: its first feature as every unit of the state."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.units = units

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, None]:
        return inputs[..., :1].expand(-1, -1, self.units), None


@pytest.mark.parametrize(("architecture", "shape"), CASES)
def test_the_result_does_not_depend_on_the_batch_in_eval_mode(
    architecture: Architecture, shape: tuple[int, ...]
) -> None:
    model = architecture.build(shape, 4).eval()
    inputs = torch.randn(6, *shape)
    torch.testing.assert_close(torch.cat([model(one) for one in inputs.split(1)]), model(inputs))
