import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
from torch.nn.utils.parametrize import register_parametrization

from salbench.metrics.randomized import layer_names, randomized_copies


class Scaled(nn.Module):
    """A layer without `reset_parameters`."""

    def __init__(self) -> None:
        super().__init__()
        self.factors = nn.Parameter(torch.arange(5.0))

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs * self.factors


class Doubled(nn.Module):
    """A parametrization without a right inverse."""

    def forward(self, weight: Tensor) -> Tensor:
        return 2 * weight


def mixed() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        weight_norm(nn.Linear(4, 6)), nn.ReLU(), spectral_norm(nn.Linear(6, 5)), Scaled(), nn.Linear(5, 3)
    ).eval()


def changed(model: nn.Module, other: nn.Module) -> list[str]:
    """The layers in which two models differ."""
    pairs = zip(model.named_parameters(), other.named_parameters(), strict=True)
    names = [name.split(".")[0] for (name, first), (_, second) in pairs if not torch.equal(first, second)]
    return sorted(set(names))


def test_layers_are_the_modules_with_parameters_and_a_normed_one_is_one() -> None:
    assert layer_names(mixed()) == ["0", "2", "3", "4"]
    assert layer_names(nn.Linear(2, 2)) == [""]


def test_layers_forget_from_the_top_down_or_one_at_a_time() -> None:
    model = mixed()
    cascading = [changed(model, each) for each in randomized_copies(model, cascading=True, seed=0)]
    assert cascading == [["4"], ["3", "4"], ["2", "3", "4"], ["0", "2", "3", "4"]]
    alone = [changed(model, each) for each in randomized_copies(model, cascading=False, seed=0)]
    assert alone == [["4"], ["3"], ["2"], ["0"]]


def test_a_layer_is_given_the_same_parameters_in_both_kinds_of_copy() -> None:
    model = mixed()
    *_, whole = randomized_copies(model, cascading=True, seed=0)
    pairs = zip(layer_names(model)[::-1], randomized_copies(model, cascading=False, seed=0), strict=True)
    for name, single in pairs:
        for first, second in zip(
            single.get_submodule(name).parameters(), whole.get_submodule(name).parameters(), strict=True
        ):
            assert torch.equal(first, second)


@pytest.mark.parametrize("cascading", [True, False])
def test_the_model_and_the_random_state_are_untouched(cascading: bool) -> None:
    model, inputs = mixed(), torch.randn(2, 4)
    before, outputs, state = copy.deepcopy(model.state_dict()), model(inputs), torch.get_rng_state()
    copies = list(randomized_copies(model, cascading=cascading, seed=0))
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert torch.equal(model(inputs), outputs)
    for each in copies:
        assert not each.training
        assert not torch.equal(each(inputs), outputs)
        assert each(inputs).isfinite().all()


def test_weight_norm_is_drawn_as_the_plain_layer_would_be() -> None:
    model = weight_norm(nn.Linear(400, 300), dim=0)
    (fresh,) = randomized_copies(model, cascading=True, seed=0)
    weight = fresh.weight
    assert isinstance(weight, Tensor)
    bound = 400**-0.5  # kaiming_uniform_(a=√5), as in nn.Linear
    assert weight.abs().max().item() == pytest.approx(bound, rel=1e-3)
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=1e-2)
    norms = fresh.get_parameter("parametrizations.weight.original0").flatten()
    torch.testing.assert_close(norms, weight.norm(dim=1))


def test_a_layer_that_cannot_be_reset_keeps_its_values_in_another_order() -> None:
    (fresh,) = randomized_copies(Scaled(), cascading=True, seed=0)
    assert fresh.get_parameter("factors").sort().values.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert fresh.get_parameter("factors").tolist() != [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("layer", [nn.LSTM(3, 4), nn.BatchNorm1d(3), nn.MultiheadAttention(4, 2), nn.Embedding(5, 3)])
def test_other_layers_of_torch_are_left_whole(layer: nn.Module) -> None:
    for cascading in (True, False):
        for each in randomized_copies(layer, cascading=cascading, seed=0):
            assert all(tensor.isfinite().all() for tensor in each.state_dict().values())


def test_batch_normalization_loses_its_statistics() -> None:
    layer = nn.BatchNorm1d(2)
    layer(torch.tensor([[5.0, 1.0], [9.0, 2.0]]))
    (fresh,) = randomized_copies(layer, cascading=True, seed=0)
    assert fresh.get_buffer("running_mean").tolist() == [0.0, 0.0]
    assert layer.get_buffer("running_mean").tolist() != [0.0, 0.0]


def test_the_seed_decides() -> None:
    first, again, other = (
        next(iter(randomized_copies(nn.Linear(3, 3), cascading=True, seed=seed))) for seed in (0, 0, 1)
    )
    assert torch.equal(first.get_parameter("weight"), again.get_parameter("weight"))
    assert not torch.equal(first.get_parameter("weight"), other.get_parameter("weight"))


@pytest.mark.parametrize("normed", [False, True])
def test_double_precision_is_given_the_same_parameters(normed: bool) -> None:
    layer = weight_norm(nn.Linear(3, 3)) if normed else nn.Linear(3, 3)
    (single,) = randomized_copies(layer, cascading=True, seed=0)
    (double,) = randomized_copies(layer.double(), cascading=True, seed=0)
    for first, second in zip(single.parameters(), double.parameters(), strict=True):
        assert second.dtype == torch.float64
        torch.testing.assert_close(first.double(), second, rtol=1e-6, atol=0)


def test_a_model_without_parameters_is_refused() -> None:
    with pytest.raises(ValueError, match="must have parameters"):
        next(randomized_copies(nn.ReLU(), cascading=True, seed=0))


def test_a_parametrization_without_inverse_is_refused() -> None:
    layer = register_parametrization(nn.Linear(2, 2), "weight", Doubled())
    with pytest.raises(RuntimeError, match="right_inverse"):
        next(randomized_copies(layer, cascading=True, seed=0))
