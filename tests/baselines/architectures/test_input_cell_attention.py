"""Input-cell attention against a loop over time, and its sizes."""

import pytest
import torch
from torch import Tensor, nn

from salbench.baselines.architectures import Architecture
from salbench.baselines.architectures.input_cell_attention import (
    LSTM_ICA,
    LSTM_ICA_FLAT,
    LSTM_ICA_FLAT_PUBLISHED,
    LSTM_ICA_MNIST,
    LSTM_ICA_PUBLISHED,
    InputCellAttention,
    InputCellAttentionClassifier,
)


def step_by_step(attention: InputCellAttention, inputs: Tensor) -> Tensor:
    """The definition: at each step a softmax over the inputs so far, in double precision."""
    attention, inputs = attention.double(), inputs.double()
    seen = []
    for step in range(1, inputs.shape[1] + 1):
        past = inputs[:, :step]
        hops = attention.scores(past).softmax(dim=1).transpose(1, 2) @ past  # (N, hops, D)
        seen.append(hops.mean(dim=1) if attention.average else hops.flatten(1))
    return torch.stack(seen, dim=1)


@pytest.mark.parametrize("average", [True, False])
def test_it_equals_the_loop_over_time(average: bool) -> None:
    torch.manual_seed(0)
    attention = InputCellAttention(7, width=9, hops=3, average=average)
    inputs = torch.randn(4, 30, 7)
    fast = attention(inputs)
    assert fast.shape == (4, 30, 7 if average else 21)
    torch.testing.assert_close(fast.double(), step_by_step(attention, inputs), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("scale", [100.0, 10_000.0])
def test_scores_of_any_size_stay_finite(scale: float) -> None:
    """Running sums of exponentials would be 0 / 0 in all steps before the highest score."""
    torch.manual_seed(0)
    attention = InputCellAttention(7, width=9, hops=3, average=True)
    attention.get_parameter("scores.2.weight").data.mul_(scale)
    inputs = torch.randn(4, 30, 7, requires_grad=True)
    fast = attention(inputs)
    (gradient,) = torch.autograd.grad(fast.square().sum(), inputs)
    assert gradient.isfinite().all()
    expected = step_by_step(attention, inputs)
    torch.testing.assert_close(fast.double(), expected, rtol=0, atol=1e-6 * scale)


def test_one_step_sees_itself() -> None:
    inputs = torch.randn(2, 1, 5)
    attention = InputCellAttention(5, width=4, hops=2, average=False)
    torch.testing.assert_close(attention(inputs)[:, 0], torch.cat([inputs[:, 0], inputs[:, 0]], dim=1))


def test_the_recurrence_over_all_steps_is_the_cell_by_cell_one() -> None:
    """i, f, g, o = M W_i + h W_h + b at each step, with M from the inputs so far."""
    torch.manual_seed(0)
    model = InputCellAttentionClassifier(6, 3, hidden=4, width=8, hops=2).double().eval()
    inputs = torch.randn(5, 11, 6, dtype=torch.float64)
    seen = step_by_step(model.attention, inputs)
    hidden = state = torch.zeros(5, 4, dtype=torch.float64)
    new_weight, old_weight, *biases = dict(model.lstm.named_parameters()).values()
    for step in range(11):
        gates = seen[:, step] @ new_weight.T + hidden @ old_weight.T + sum(biases)
        write, forget, new, read = gates.chunk(4, dim=1)
        state = forget.sigmoid() * state + write.sigmoid() * new.tanh()
        hidden = read.sigmoid() * state.tanh()
    torch.testing.assert_close(model(inputs), model.linear(hidden))


@pytest.mark.parametrize(
    ("architecture", "shape", "classes", "size"),
    [
        (LSTM_ICA, (50, 50), 2, (2550 + 500) + 4 * 50 * (50 + 50 + 2) + 102),
        (LSTM_ICA_PUBLISHED, (50, 50), 2, (2550 + 500) + 4 * 5 * (50 + 5 + 2) + 12),
        (LSTM_ICA_MNIST, (28, 28), 10, (30 * 29 + 28 * 30) + 4 * 25 * (28 + 25 + 2) + 260),
        (LSTM_ICA_FLAT, (100, 100), 2, (50 * 101 + 20 * 50) + 4 * 50 * (2000 + 50 + 2) + 102),
        (LSTM_ICA_FLAT_PUBLISHED, (100, 100), 2, (50 * 101 + 20 * 50) + 4 * 5 * (2000 + 5 + 2) + 12),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_the_sizes_are_those_worked_by_hand(
    architecture: Architecture, shape: tuple[int, ...], classes: int, size: int
) -> None:
    model = architecture.build(shape, classes)
    assert sum(parameter.numel() for parameter in model.parameters()) == size
    assert [layer.p for layer in model.modules() if isinstance(layer, nn.Dropout)] == [0.1, 0.1]


def test_matrices_start_xavier_uniform_and_vectors_at_zero() -> None:
    torch.manual_seed(0)
    model = InputCellAttentionClassifier(50, 2)
    bound = (6 / (50 + 200)) ** 0.5
    for name, parameter in (*model.lstm.named_parameters(), *model.attention.named_parameters()):
        if parameter.ndim == 1:
            assert parameter.count_nonzero() == 0, name
    assert 0.95 * bound < model.get_parameter("lstm.weight_ih_l0").abs().max().item() <= bound
