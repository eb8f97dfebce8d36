"""The Transformer encoder: what it sees, its position code, its sizes."""

import pytest
import torch
from torch import nn

from salbench.baselines.architectures import Architecture
from salbench.baselines.architectures.attention import StepSoftmax
from salbench.baselines.architectures.transformer import (
    TRANSFORMER,
    TRANSFORMER_MNIST,
    TRANSFORMER_PUBLISHED,
    EncoderLayer,
    SelfAttention,
    TransformerClassifier,
    position_code,
)


def test_softmax_sees_the_steps_so_far_by_hand() -> None:
    scores = torch.tensor([[5.0, 9.0], [0.0, 0.0]])
    assert StepSoftmax(causal=True)(scores).tolist() == [[1.0, 0.0], [0.5, 0.5]]
    assert StepSoftmax(causal=False)(scores)[0].tolist() == pytest.approx([0.018, 0.982], abs=1e-3)


@pytest.mark.parametrize("causal", [True, False])
def test_attention_agrees_with_the_one_of_torch(causal: bool) -> None:
    torch.manual_seed(0)
    ours = SelfAttention(12, heads=3, dropout=0.0, causal=causal)
    theirs = nn.MultiheadAttention(12, 3, batch_first=True)
    projections = (ours.queries, ours.keys, ours.values)
    theirs.in_proj_weight.data = torch.cat([layer.weight.data for layer in projections])
    theirs.in_proj_bias.data = torch.cat([layer.bias.data for layer in projections])
    theirs.out_proj.load_state_dict(ours.output.state_dict())
    inputs = torch.randn(2, 7, 12)
    mask = torch.ones(7, 7, dtype=torch.bool).triu(1) if causal else None
    expected, _ = theirs(inputs, inputs, inputs, attn_mask=mask)
    torch.testing.assert_close(ours(inputs), expected)


def test_the_layers_agree_with_those_of_torch() -> None:
    """Normalization first, shortcuts around attention and feed-forward network."""
    torch.manual_seed(0)
    ours = EncoderLayer(10, heads=5, inner=16, dropout=0.1, causal=True).eval()
    theirs = nn.TransformerEncoderLayer(10, 5, 16, dropout=0.0, batch_first=True, norm_first=True)
    for kind in ("weight", "bias"):
        projections = tuple(ours.get_parameter(f"attention.1.{name}.{kind}") for name in ("queries", "keys", "values"))
        theirs.get_parameter(f"self_attn.in_proj_{kind}").data = torch.cat(projections).detach()
    for name, same in (("attention.1.output", "self_attn.out_proj"), ("1", "linear1"), ("4", "linear2")):
        source = ours.get_submodule(name if "." in name else f"forward_network.{name}")
        theirs.get_submodule(same).load_state_dict(source.state_dict())
    inputs = torch.randn(3, 9, 10)
    mask = torch.ones(9, 9, dtype=torch.bool).triu(1)
    torch.testing.assert_close(ours(inputs), theirs(inputs, src_mask=mask))


@pytest.mark.parametrize("architecture", [TRANSFORMER, TRANSFORMER_PUBLISHED], ids=lambda one: one.name)
def test_the_future_leaves_the_past_alone(architecture: Architecture) -> None:
    torch.manual_seed(0)
    layers = architecture.build((8, 5), 2).eval().get_submodule("layers")
    before = torch.randn(2, 8, 5)
    after = before.clone()
    after[:, 5:] += 1
    torch.testing.assert_close(layers(before)[:, :5], layers(after)[:, :5])
    assert not torch.allclose(layers(before)[:, 5], layers(after)[:, 5])


def test_without_the_mask_every_step_sees_every_other() -> None:
    torch.manual_seed(0)
    layers = TRANSFORMER_MNIST.build((8, 4), 2).eval().get_submodule("layers")
    inputs = torch.randn(1, 8, 4, requires_grad=True)
    (gradient,) = torch.autograd.grad(layers(inputs)[0, 0].square().sum(), inputs)
    assert (gradient[0].abs().sum(dim=1) > 0).all()


def test_the_position_code_by_hand() -> None:
    code = position_code(3, 4)
    assert code[0].tolist() == [0.0, 1.0, 0.0, 1.0]
    expected = torch.tensor([2.0, 2.0, 0.02, 0.02])  # 2 / 10000^(0, 0, 2/4, 2/4)
    torch.testing.assert_close(code[2], torch.stack([expected.sin(), expected.cos()] * 2)[[0, 1, 2, 3], range(4)])


def test_the_published_position_code_by_hand() -> None:
    """The exponent is twice the column over the width: 0, 2/4, 4/4, 6/4."""
    angles = torch.tensor([2.0, 0.02, 2e-4, 2e-6], dtype=torch.float64)
    expected = torch.stack([angles[0].sin(), angles[1].cos(), angles[2].sin(), angles[3].cos()]).float()
    torch.testing.assert_close(position_code(3, 4, doubled=True)[2], expected)


def test_an_odd_width_has_one_sine_more() -> None:
    assert position_code(2, 5)[0].tolist() == [0.0, 1.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(("features", "width"), [(50, 50), (6, 10), (3, 5), (5, 5)])
def test_the_width_is_the_next_multiple_of_the_heads(features: int, width: int) -> None:
    model = TransformerClassifier(4, features, 2)
    assert model.linear.in_features == width
    assert isinstance(model.widen, nn.Identity) is (features == width)


def by_hand(width: int, classes: int) -> int:
    attention = 4 * width * (width + 1)
    network = 400 * (width + 1) + width * 401
    return 6 * (attention + network + 4 * width) + 2 * width + classes * (width + 1)


@pytest.mark.parametrize(
    ("architecture", "shape", "classes"),
    [(TRANSFORMER, (50, 50), 2), (TRANSFORMER_PUBLISHED, (50, 50), 2), (TRANSFORMER_MNIST, (28, 28), 10)],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_sizes_are_those_worked_by_hand(architecture: Architecture, shape: tuple[int, ...], classes: int) -> None:
    model = architecture.build(shape, classes)
    assert sum(parameter.numel() for parameter in model.parameters()) == by_hand(shape[1], classes)
    assert {layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)} == {0.1}


def test_the_position_code_is_no_weight() -> None:
    assert "position" not in TRANSFORMER.build((8, 5), 2).state_dict()
