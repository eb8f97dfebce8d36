"""The temporal convolutional network never looks ahead, and has the published settings."""

import torch
from torch import nn

from salbench.baselines.architectures import TCN
from salbench.baselines.architectures.tcn import TCN_MNIST, TCNClassifier


def test_the_future_leaves_the_features_of_the_past_alone() -> None:
    torch.manual_seed(0)
    model = TCNClassifier(30, 6, 2).eval()
    before = torch.randn(2, 6, 30)
    after = before.clone()
    after[:, :, 20:] += torch.randn(2, 6, 10)
    assert torch.equal(model.blocks(before)[:, :, :20], model.blocks(after)[:, :, :20])
    assert not torch.equal(model.blocks(before)[:, :, 20], model.blocks(after)[:, :, 20])


def test_the_receptive_field_is_43_steps() -> None:
    """Two convolutions a block, each reaching 3 dilations back: 1 + 2 * 3 * (1 + 2 + 4)."""
    torch.manual_seed(0)
    model = TCNClassifier(50, 1, 2).double().eval()
    for parameter in model.parameters():
        parameter.data.abs_()  # no ReLU is closed, so nothing hides
    inputs = torch.rand(1, 1, 50, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(model.blocks(inputs)[0, :, 49].sum(), inputs)
    assert gradient[0, 0].nonzero().flatten().tolist() == list(range(7, 50))


def test_the_settings_are_the_published_ones() -> None:
    model = TCN.build((50, 50), 2)
    convolutions = [layer for layer in model.modules() if isinstance(layer, nn.Conv1d)]
    temporal = [layer for layer in convolutions if layer.kernel_size == (4,)]
    assert [(layer.in_channels, layer.out_channels) for layer in temporal] == [
        (50, 5), (5, 5), (5, 5), (5, 5), (5, 50), (50, 50)
    ]  # fmt: skip
    assert [layer.dilation for layer in temporal] == [(1,), (1,), (2,), (2,), (4,), (4,)]
    assert all(nn.utils.parametrize.is_parametrized(layer, "weight") for layer in temporal)
    shortcuts = [layer for layer in convolutions if layer.kernel_size == (1,)]
    assert [(layer.in_channels, layer.out_channels) for layer in shortcuts] == [(50, 5), (5, 50)]
    weights = torch.cat([layer.weight.flatten() for layer in shortcuts])
    assert 0.008 < weights.std().item() < 0.012
    assert [layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)] == [0.1] * 6


def test_the_logits_read_the_maximum_over_time() -> None:
    torch.manual_seed(0)
    model = TCNClassifier(30, 6, 2).eval()
    inputs = torch.randn(3, 30, 6)
    highest = model.blocks(inputs.transpose(1, 2)).amax(dim=2)
    assert torch.equal(model(inputs), model.linear(highest))


def test_the_one_for_mnist_has_the_size_worked_by_hand() -> None:
    """A convolution from a to b channels: 7·a·b weights, b scales, b biases; one shortcut, from 28 to 25."""
    model = TCN_MNIST.build((28, 28), 10)
    first = 7 * 28 * 25 + 50 + 7 * 25 * 25 + 50 + 29 * 25
    assert sum(parameter.numel() for parameter in model.parameters()) == first + 7 * 2 * (7 * 25 * 25 + 50) + 260
    assert {layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)} == {0.05}
    dilations = [layer.dilation[0] for layer in model.modules() if isinstance(layer, nn.Conv1d)]
    assert sorted(set(dilations)) == [1, 2, 4, 8, 16, 32, 64, 128]


def test_the_one_for_mnist_reads_the_last_step() -> None:
    torch.manual_seed(0)
    model = TCNClassifier(30, 6, 2, last_step=True).eval()
    inputs = torch.randn(3, 30, 6)
    assert torch.equal(model(inputs), model.linear(model.blocks(inputs.transpose(1, 2))[:, :, 29]))
