"""Normalized AOPC: its limits against all orders there are, and what the normalization promises."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from itertools import permutations

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case
from salbench.metrics.blocks import block_of_each_feature, block_relevance
from salbench.metrics.limits import Limits, aopc_limits
from salbench.metrics.normalized_aopc import NORMALIZED_AOPC_MORF, block_aopc, normalized_aopc


def make_samples(count: int, features: int) -> Samples:
    inputs = torch.randn(count, features, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    ids = torch.arange(count)
    return Samples(inputs=inputs, targets=ids % 2, ids=ids, fill=torch.zeros_like(inputs))


def make_model(features: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    layers = nn.Sequential(nn.Linear(features, 12), nn.Tanh(), nn.Linear(12, 3))
    for parameter in layers.parameters():
        parameter.data *= 2
    return layers.double().eval()


def every_order(model: nn.Module, samples: Samples) -> Tensor:
    """AOPC of each order, by a plain loop, shape (n!, N)."""
    count = samples.inputs.shape[1]
    whole = model(samples.inputs).softmax(dim=1)
    classes = whole.argmax(dim=1, keepdim=True)
    found = []
    for order in permutations(range(count)):
        inputs, drops = samples.inputs.clone(), []
        for feature in order:
            inputs[:, feature] = 0
            drops.append((whole - model(inputs).softmax(dim=1)).gather(1, classes)[:, 0])
        found.append(torch.stack(drops).mean(dim=0))
    return torch.stack(found).detach()


def test_exact_limits_are_those_of_all_orders() -> None:
    model, samples = make_model(5), make_samples(7, 5)
    orders = every_order(model, samples)
    limits = aopc_limits(model, samples, Modality.TABULAR)
    torch.testing.assert_close(limits.upper, orders.amax(dim=0))
    torch.testing.assert_close(limits.lower, orders.amin(dim=0))


def test_the_beam_search_nearly_finds_them() -> None:
    model, samples = make_model(5), make_samples(7, 5)
    orders = every_order(model, samples)
    beam = aopc_limits(model, samples, Modality.TABULAR, exact=0)
    assert (beam.upper <= orders.amax(dim=0) + 1e-9).all()
    assert (beam.lower >= orders.amin(dim=0) - 1e-9).all()
    torch.testing.assert_close(beam.upper, orders.amax(dim=0), atol=5e-3, rtol=0)
    torch.testing.assert_close(beam.lower, orders.amin(dim=0), atol=5e-3, rtol=0)


def test_more_features_than_can_be_tried_take_the_beam() -> None:
    model, samples = make_model(14), make_samples(3, 14)
    exact = aopc_limits(model, samples, Modality.TABULAR, exact=14)
    beam = aopc_limits(model, samples, Modality.TABULAR)
    assert (beam.upper <= exact.upper + 1e-9).all()
    torch.testing.assert_close(beam.upper, exact.upper, atol=0.03, rtol=0)
    torch.testing.assert_close(beam.lower, exact.lower, atol=0.03, rtol=0)


def test_too_many_features_leave_the_limits_unknown() -> None:
    limits = aopc_limits(make_model(70), make_samples(2, 70), Modality.TABULAR)
    assert limits.upper.isnan().all()
    assert limits.lower.isnan().all()


def test_the_aopc_of_a_map_is_that_of_its_order() -> None:
    model, samples = make_model(4), make_samples(6, 4)
    orders = dict(zip(permutations(range(4)), every_order(model, samples), strict=True))
    maps = torch.tensor([0.1, -4.0, 2.0, 1.0]).double().expand(6, 4)
    found = block_aopc(model, samples, maps, Modality.TABULAR)
    torch.testing.assert_close(found.morf, orders[1, 2, 3, 0])
    torch.testing.assert_close(found.lerf, orders[0, 3, 2, 1])


def test_a_saturated_model_has_the_same_in_either_precision() -> None:
    """Of a probability that misses one by 1e-6 float32 leaves the drops in a few steps."""
    torch.manual_seed(0)
    model = nn.Linear(5, 2)
    model.bias.data = torch.tensor([11.0, -1.0])
    model.weight.data.copy_(torch.randn(2, 5))
    samples = make_samples(30, 5)
    single = replace(samples, inputs=samples.inputs.float(), fill=samples.fill.float())
    double = replace(samples, inputs=single.inputs.double(), fill=single.fill.double())
    maps = torch.rand(30, 5, generator=torch.Generator().manual_seed(0))
    rounded, exact = (
        normalized_aopc(block_aopc(network, some, maps, Modality.TABULAR).morf, limits)
        for network, some in ((model.eval(), single), (deepcopy(model).double().eval(), double))
        for limits in [aopc_limits(network, some, Modality.TABULAR)]
    )
    assert exact.isfinite().sum() > 20
    torch.testing.assert_close(rounded, exact, rtol=0, atol=1e-3, equal_nan=True, check_dtype=False)


def test_no_order_is_outside_and_the_best_is_one() -> None:
    model, samples = make_model(5), make_samples(7, 5)
    limits, orders = aopc_limits(model, samples, Modality.TABULAR), every_order(model, samples)
    scores = torch.stack([normalized_aopc(aopc, limits) for aopc in orders])
    torch.testing.assert_close(scores.amax(dim=0), torch.ones(7).double())
    torch.testing.assert_close(scores.amin(dim=0), torch.zeros(7).double())


def test_it_compares_models_that_raw_aopc_cannot() -> None:
    """A model of flatter probabilities has a small raw AOPC and, with the same orders, nearly the same normalized."""
    samples = make_samples(50, 5)
    sharp, flat = make_model(5), make_model(5)
    for name in ("2.weight", "2.bias"):
        flat.get_parameter(name).data *= 0.05
    maps = torch.rand(50, 5, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    raw, scaled = [], []
    for model in (sharp, flat):
        aopc = block_aopc(model, samples, maps, Modality.TABULAR).morf
        raw.append(aopc.mean().item())
        scaled.append(normalized_aopc(aopc, aopc_limits(model, samples, Modality.TABULAR)).mean().item())
    assert abs(raw[1] / raw[0]) < 0.2
    assert abs(scaled[1] / scaled[0] - 1) < 0.2


def test_where_no_order_makes_a_difference_it_is_nan() -> None:
    model, samples = make_model(4), make_samples(3, 4)
    for parameter in model.parameters():
        parameter.data.zero_()
    limits = aopc_limits(model, samples, Modality.TABULAR)
    assert normalized_aopc(torch.zeros(3).double(), limits).isnan().all()


def test_by_hand() -> None:
    limits = Limits(torch.tensor([-0.2, 0.1]), torch.tensor([0.6, 0.1]))
    scores = normalized_aopc(torch.tensor([0.2, 0.1]), limits)
    assert scores[0].item() == pytest.approx(0.5)
    assert scores[1].isnan()


@pytest.mark.parametrize(
    ("shape", "modality", "sizes"),
    [
        ((3, 6, 7), Modality.IMAGE, [2 * 3, 2 * 2, 2 * 2] * 3),
        ((2, 9), Modality.SERIES, [3] * 6),
        ((4,), Modality.TABULAR, [1] * 4),
    ],
)
def test_blocks_cover_everything(shape: tuple[int, ...], modality: Modality, sizes: list[int]) -> None:
    blocks = block_of_each_feature(shape, modality)
    assert blocks.shape == shape
    channels = shape[0] if modality is Modality.IMAGE else 1
    assert blocks.flatten().bincount().tolist() == [channels * size for size in sizes]


def test_a_block_has_the_mean_of_its_features() -> None:
    blocks = torch.tensor([[0, 0], [1, 2]])
    maps = torch.tensor([[[1.0, -3.0], [5.0, -7.0]]])
    assert block_relevance(maps, blocks).tolist() == [[2.0, 5.0, 7.0]]


def test_too_many_blocks_cost_no_forward(make_case: Callable[..., Case]) -> None:
    samples = make_samples(2, 65)
    case = make_case(Modality.TABULAR, samples=samples, model=make_model(65))
    case = replace(case, model=None, limits=aopc_limits(make_model(65), samples, Modality.TABULAR))
    assert NORMALIZED_AOPC_MORF.score(case).isnan().all()
