"""What a model's mode changes, and which output is explained."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm

from salbench.baselines.architectures import ARCHITECTURES, Architecture
from salbench.baselines.models import evaluation, output_of, same_in_both_modes
from salbench.datasets import Modality

LAYERS: dict[str, tuple[Callable[[], nn.Module], bool]] = {
    "linear": (lambda: nn.Linear(4, 4), True),
    "layer norm": (lambda: nn.LayerNorm(4), True),
    "weight norm": (lambda: weight_norm(nn.Linear(4, 4)), True),
    "dropout of nothing": (lambda: nn.Dropout(0.0), True),
    "lstm": (lambda: nn.LSTM(4, 4, num_layers=2), True),
    "dropout": (lambda: nn.Dropout(0.5), False),
    "channel dropout": (lambda: nn.Dropout1d(0.5), False),
    "alpha dropout": (lambda: nn.AlphaDropout(0.5), False),
    "lstm dropout": (lambda: nn.LSTM(4, 4, num_layers=2, dropout=0.5), False),
    "attention dropout": (lambda: Attention(dropout=0.5), False),
    "batch norm": (lambda: nn.BatchNorm1d(4), False),
    "instance norm with running statistics": (lambda: nn.InstanceNorm1d(8, track_running_stats=True), False),
    "spectral norm": (lambda: spectral_norm(nn.Linear(4, 4)), False),
    "older spectral norm": (lambda: nn.utils.spectral_norm(nn.Linear(4, 4)), False),
    "random leak": (nn.RReLU, False),
}


class Attention(nn.Module):
    def __init__(self, *, dropout: float) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, dropout=dropout)

    def forward(self, inputs: Tensor) -> Tensor:
        outputs: Tensor = self.attention(inputs, inputs, inputs)[0]
        return outputs


def equal_in_both_modes(model: nn.Module, inputs: Tensor) -> bool:
    evaluated, trained = (model.train(mode)(inputs) for mode in (False, True))
    if isinstance(trained, tuple):  # a recurrent layer also returns its state
        evaluated, trained = evaluated[0], trained[0]
    return torch.equal(evaluated, trained)


@pytest.mark.parametrize("name", LAYERS)
def test_layers_that_read_the_mode_are_known(name: str) -> None:
    torch.manual_seed(0)
    build, same = LAYERS[name]
    model = nn.Sequential(build())
    inputs = torch.randn(8, 4)
    assert same_in_both_modes(model) is same
    assert equal_in_both_modes(model, inputs) is same


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda architecture: architecture.name)
def test_architectures_are_judged_rightly(architecture: Architecture) -> None:
    torch.manual_seed(0)
    shapes = {Modality.IMAGE: (1, 8, 8), Modality.SERIES: (12, 6)}
    shape = next((shape for modality, shape in shapes.items() if modality in architecture.modalities), (9,))
    model = architecture.build(shape, 3)
    words = Modality.TEXT in architecture.modalities
    inputs = torch.randint(1, 20, (8, *shape)) if words else torch.randn(8, *shape)
    assert same_in_both_modes(model) is equal_in_both_modes(model, inputs)


def test_output_of_the_target_class() -> None:
    logits = torch.tensor([[1.0, 3.0], [4.0, 4.0]]).log()
    targets = torch.tensor([1, 0])
    torch.testing.assert_close(output_of(logits, targets, "logit"), torch.tensor([3.0, 4.0]).log())
    torch.testing.assert_close(output_of(logits, targets, "log_odds"), torch.tensor([3.0, 1.0]).log())
    torch.testing.assert_close(
        output_of(logits, targets, "probability"), torch.tensor([0.75, 0.5], dtype=torch.float64)
    )
    torch.testing.assert_close(output_of(logits, targets, "log_probability"), torch.tensor([0.75, 0.5]).log())


@pytest.mark.parametrize("training", [True, False])
def test_evaluation_ends_in_the_mode_it_began_in(training: bool) -> None:
    model = nn.Sequential(nn.Dropout()).train(training)
    with evaluation(model):
        assert not any(module.training for module in model.modules())
    assert all(module.training is training for module in model.modules())


def test_evaluation_leaves_a_frozen_part_frozen() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2).eval(), nn.Dropout()).train()
    model[1].eval()
    with evaluation(model):
        assert not any(module.training for module in model.modules())
    assert [module.training for module in model] == [True, False, True]


def test_evaluation_restores_the_mode_after_an_error() -> None:
    model = nn.Sequential(nn.Dropout())
    with pytest.raises(ZeroDivisionError), evaluation(model):
        _ = 1 / 0
    assert all(module.training for module in model.modules())


def test_evaluation_keeps_cudnn_away_from_recurrent_layers_alone() -> None:
    enabled = torch.backends.cudnn.enabled
    with evaluation(nn.Sequential(nn.GRU(2, 2))):
        assert not torch.backends.cudnn.enabled
    with evaluation(nn.Linear(2, 2)):
        assert torch.backends.cudnn.enabled is enabled
    assert torch.backends.cudnn.enabled is enabled


@pytest.mark.parametrize("margin", [0.0, 5.0, 30.0, 80.0])
def test_the_probability_points_where_the_log_odds_point_however_certain(margin: float) -> None:
    """A large term that all logits share is felt by neither."""
    weights = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    weights = weights + 10 * torch.ones(4, 1) * torch.tensor([[1.0, -2.0, 3.0]])
    inputs = torch.zeros(1, 3, requires_grad=True)
    logits = inputs @ weights.T + torch.tensor([margin, 0.0, -1.0, -2.0])
    target = torch.tensor([0])
    maps = [
        torch.autograd.grad(output_of(logits, target, output).sum(), inputs, retain_graph=True)[0]
        for output in ("log_odds", "probability")
    ]
    first, second = (found / found.abs().amax() for found in maps)
    assert torch.allclose(first, second, rtol=1e-4)
    exact = logits.detach().double().softmax(dim=1)[0, 0]
    assert output_of(logits, target, "probability").item() == pytest.approx(exact.item(), rel=1e-6)
