"""The multilayer perceptron's layers."""

from torch import nn

from salbench.baselines.architectures.mlp import build_mlp


def linear_sizes(model: nn.Module) -> list[tuple[int, int]]:
    return [(layer.in_features, layer.out_features) for layer in model.modules() if isinstance(layer, nn.Linear)]


def test_two_hidden_layers_over_the_flattened_input() -> None:
    assert linear_sizes(build_mlp((3, 4, 5), 10)) == [(60, 128), (128, 64), (64, 10)]


def test_without_hidden_layers_it_is_linear() -> None:
    model = build_mlp((7,), 2, widths=())
    assert linear_sizes(model) == [(7, 2)]
    assert not any(isinstance(layer, nn.ReLU) for layer in model.modules())
