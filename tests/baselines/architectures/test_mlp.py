"""The multilayer perceptron's layers."""

import pytest
import torch
from torch import nn

from salbench.baselines.architectures.mlp import RRR_MLP, build_mlp


def linear_sizes(model: nn.Module) -> list[tuple[int, int]]:
    return [(layer.in_features, layer.out_features) for layer in model.modules() if isinstance(layer, nn.Linear)]


def test_two_hidden_layers_over_the_flattened_input() -> None:
    assert linear_sizes(build_mlp((3, 4, 5), 10)) == [(60, 128), (128, 64), (64, 10)]


def test_without_hidden_layers_it_is_linear() -> None:
    model = build_mlp((7,), 2, widths=())
    assert linear_sizes(model) == [(7, 2)]
    assert not any(isinstance(layer, nn.ReLU) for layer in model.modules())


def test_the_network_of_right_reasons_starts_from_one_normal_distribution() -> None:
    torch.manual_seed(0)
    model = RRR_MLP.build((1, 28, 28), 10)
    assert linear_sizes(model) == [(784, 50), (50, 30), (30, 10)]
    for layer in model.modules():
        if isinstance(layer, nn.Linear):
            assert layer.bias.count_nonzero() == len(layer.bias)
    everything = torch.cat([parameter.flatten() for parameter in model.parameters()])
    assert everything.std().item() == pytest.approx(0.1, rel=0.02)
