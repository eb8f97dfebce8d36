"""What the two contexts switch off, and that they switch it on again."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from salbench.baselines.training.twice_differentiable import statistics_kept, twice_differentiable


@pytest.mark.parametrize(
    ("model", "enabled"), [(nn.LSTM(2, 2), False), (nn.Linear(2, 2), True)], ids=["lstm", "linear"]
)
def test_cudnn_is_set_aside_for_recurrent_layers_only(model: nn.Module, enabled: bool) -> None:
    with twice_differentiable(model):
        assert torch.backends.cudnn.enabled is enabled
    assert torch.backends.cudnn.enabled


def test_attention_can_be_differentiated_twice() -> None:
    inputs = torch.rand(1, 2, 5, 4, dtype=torch.float64, requires_grad=True)

    def slope(inputs: Tensor) -> Tensor:
        with twice_differentiable(nn.Identity()):
            attended = scaled_dot_product_attention(inputs, inputs, inputs)
        return torch.autograd.grad(attended.square().sum(), inputs, create_graph=True)[0]

    assert torch.autograd.gradcheck(slope, inputs)


def test_kept_statistics_leave_the_buffers_and_the_output_alone() -> None:
    model, inputs = nn.BatchNorm1d(3), torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
    with statistics_kept(model):
        aside = model(inputs)
    assert model.get_buffer("num_batches_tracked") == 0
    assert model.get_buffer("running_mean").tolist() == [0.0, 0.0, 0.0]
    assert torch.equal(model(inputs), aside)
    assert model.get_buffer("num_batches_tracked") == 1


def test_layers_without_running_statistics_stay_without() -> None:
    model = nn.BatchNorm1d(3, track_running_stats=False)
    with statistics_kept(model):
        pass
    assert not model.track_running_stats
