"""LIME and KernelSHAP against exact Shapley values, scikit-learn, captum and linear models."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from math import factorial

import pytest
import torch
from captum.attr import KernelShap
from sklearn.linear_model import Ridge
from torch import Tensor, nn

from salbench.baselines.models import output_of
from salbench.baselines.saliency.completeness import completeness_gap
from salbench.baselines.saliency.segments import single_features
from salbench.baselines.saliency.surrogate import kernel_shap, lime
from salbench.datasets import Samples


class Products(nn.Module):
    """Two logits with interactions between all features."""

    def forward(self, inputs: Tensor) -> Tensor:
        flat = inputs.flatten(1)
        return torch.stack([flat.prod(dim=1) + flat[:, 0].sin(), flat[:, 1] * flat[:, 2] - flat[:, 0]], dim=1)


def tabular(features: int, count: int = 3) -> Samples:
    generator = torch.Generator().manual_seed(1)
    return Samples(
        inputs=torch.randn(count, features, generator=generator),
        targets=torch.arange(count) % 2,
        ids=torch.tensor([4, 90, 11])[:count],
        fill=torch.randn(count, features, generator=generator),
    )


def exact_shapley(model: nn.Module, samples: Samples, row: int) -> Tensor:
    """The mean marginal contribution over all orders, by the formula over subsets."""
    inputs, fill, target = samples.inputs[row], samples.fill[row], samples.targets[row : row + 1]
    count = len(inputs)

    def value(players: tuple[int, ...]) -> float:
        there = torch.tensor([index in players for index in range(count)])
        return output_of(model(torch.where(there, inputs, fill)[None]), target, "log_odds").item()

    values = torch.zeros(count)
    for player in range(count):
        others = [index for index in range(count) if index != player]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for rest in combinations(others, size):
                values[player] += weight * (value((*rest, player)) - value(rest))
    return values


class TestKernelShap:
    @pytest.mark.parametrize("features", [3, 4, 5])
    def test_few_features_get_exact_shapley_values(self, features: int) -> None:
        samples = tabular(features)
        maps = kernel_shap(Products(), samples, 0)
        for row in range(len(samples)):
            torch.testing.assert_close(maps[row], exact_shapley(Products(), samples, row), rtol=1e-4, atol=1e-4)

    def test_a_sample_of_coalitions_comes_near_and_adds_up(self) -> None:
        torch.manual_seed(0)
        model, samples = nn.Sequential(nn.Linear(7, 12), nn.Tanh(), nn.Linear(12, 2)), tabular(7)
        exact = torch.stack([exact_shapley(model, samples, row) for row in range(3)])
        maps = kernel_shap(model, samples, 0, perturbations=100)
        torch.testing.assert_close(maps, exact, rtol=0.0, atol=0.1 * exact.abs().max().item())
        assert completeness_gap(model, samples, maps).max() < 1e-4

    def test_a_linear_model_is_solved_by_any_sample(self) -> None:
        torch.manual_seed(0)
        model, samples = nn.Linear(20, 2), tabular(20)
        weights = (model.weight[samples.targets] - model.weight[1 - samples.targets]).detach()
        expected = weights * (samples.inputs - samples.fill)
        torch.testing.assert_close(kernel_shap(model, samples, 0), expected, rtol=1e-3, atol=1e-4)

    def test_it_agrees_with_captum(self) -> None:
        """All coalitions of three features are drawn so often that captum's sample is nearly exact too."""
        samples = tabular(3, count=1)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            theirs = KernelShap(
                lambda inputs: output_of(Products()(inputs), samples.targets.expand(len(inputs)), "log_odds")
            ).attribute(samples.inputs, baselines=samples.fill, n_samples=1000, perturbations_per_eval=1000)
        torch.testing.assert_close(kernel_shap(Products(), samples, 0), theirs, rtol=0.1, atol=0.05)

    def test_a_feature_that_equals_its_fill_gets_nothing(self) -> None:
        samples = tabular(4)
        samples.fill[:, 2] = samples.inputs[:, 2]
        assert kernel_shap(Products(), samples, 0)[:, 2].abs().max() < 1e-6

    @pytest.mark.parametrize("different", [0, 1])
    def test_none_or_one_feature_takes_all(self, different: int) -> None:
        samples = tabular(4)
        samples.fill[:] = samples.inputs
        samples.fill[:, :different] += 1.0
        maps = kernel_shap(Products(), samples, 0)
        assert maps[:, different:].abs().max() < 1e-6
        assert completeness_gap(Products(), samples, maps).max() < 1e-4

    def test_fewer_coalitions_than_features_still_add_up(self) -> None:
        torch.manual_seed(0)
        model, samples = nn.Linear(30, 2), tabular(30)
        maps = kernel_shap(model, samples, 0, perturbations=8, segments=single_features)
        assert maps.isfinite().all()
        assert completeness_gap(model, samples, maps).max() < 1e-4

    def test_blocks_of_an_image_share_their_value(self) -> None:
        torch.manual_seed(0)
        images = torch.randn(2, 3, 16, 16)
        samples = Samples(
            inputs=images, targets=torch.tensor([0, 1]), ids=torch.arange(2), fill=torch.zeros_like(images)
        )
        model = nn.Sequential(nn.Flatten(), nn.Linear(768, 2))
        maps = kernel_shap(model, samples, 0)
        assert (maps[:, 0, 2:4, 4:6] == maps[:, 2, 3:4, 5:6]).all()
        assert completeness_gap(model, samples, maps).max() < 1e-3


@pytest.mark.parametrize("method", [lime, kernel_shap])
def test_a_hair_more_than_the_fill_moves_a_map_by_a_hair(method: Callable[..., Tensor]) -> None:
    """Noise on a blank background must not draw other coalitions: robustness metrics would measure nothing else."""
    samples = tabular(20)
    samples.fill[:, 5:] = samples.inputs[:, 5:]
    near = replace(samples, inputs=samples.inputs + 1e-5)
    assert not torch.equal(near.inputs, samples.inputs)
    maps = method(Products(), samples, 0)
    torch.testing.assert_close(method(Products(), near, 0), maps, rtol=0.0, atol=1e-3 * maps.abs().max().item())


@pytest.mark.parametrize("method", [lime, kernel_shap])
def test_what_cannot_be_removed_takes_no_part(method: Callable[..., Tensor]) -> None:
    samples = tabular(6)
    removable = torch.ones_like(samples.inputs, dtype=torch.bool)
    removable[1, 4:] = False
    samples.fill[1, 4:] = samples.inputs[1, 4:]
    maps = method(Products(), replace(samples, removable=removable), 0)
    assert (maps[1, 4:] == 0).all()
    assert (maps[0] != 0).all()


def test_of_very_many_segments_those_that_are_not_there_take_no_part() -> None:
    """Of 5,000 words a text has ten: with all of them 256 coalitions could not tell which of the ten matter."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.zeros(1, 5000)
    inputs[0, :10] = torch.rand(10, generator=generator) + 0.5
    model = nn.Linear(5000, 2)
    samples = Samples(inputs=inputs, targets=torch.tensor([1]), ids=torch.tensor([3]), fill=torch.zeros_like(inputs))
    terms = ((model.weight[1] - model.weight[0]) * inputs[0]).detach()
    torch.testing.assert_close(kernel_shap(model, samples, 0)[0], terms, rtol=1e-3, atol=1e-5)
    maps = lime(model, samples, 0, penalty=0.0)[0]
    torch.testing.assert_close(maps, terms, rtol=1e-3, atol=1e-5)


class TestLime:
    def test_a_linear_model_has_its_terms_in_order(self) -> None:
        torch.manual_seed(0)
        model, samples = nn.Linear(8, 2), tabular(8)
        weights = (model.weight[samples.targets] - model.weight[1 - samples.targets]).detach()
        terms = weights * (samples.inputs - samples.fill)
        assert torch.equal(lime(model, samples, 0).argsort(dim=1), terms.argsort(dim=1))

    def test_without_a_penalty_a_linear_model_has_its_terms(self) -> None:
        torch.manual_seed(0)
        model, samples = nn.Linear(8, 2), tabular(8)
        terms = model.weight[samples.targets].detach() * (samples.inputs - samples.fill)
        maps = lime(model, samples, 0, output="logit", penalty=0.0)
        torch.testing.assert_close(maps, terms, rtol=1e-3, atol=1e-4)

    def test_the_regression_agrees_with_scikit_learn(self) -> None:
        from salbench.baselines.saliency.surrogate import _ridge

        torch.manual_seed(0)
        presence, outputs, weights = (
            (torch.rand(50, 6) < 0.5).double(),
            torch.randn(50).double(),
            torch.rand(50).double(),
        )
        theirs = Ridge(alpha=1.0).fit(presence.numpy(), outputs.numpy(), sample_weight=weights.numpy())
        torch.testing.assert_close(_ridge(presence, outputs, weights, penalty=1.0), torch.from_numpy(theirs.coef_))

    def test_a_feature_that_equals_its_fill_gets_nothing_but_the_error_of_the_fit(self) -> None:
        samples = tabular(5)
        samples.fill[:, 3] = samples.inputs[:, 3]
        maps = lime(Products(), samples, 0, perturbations=4096)
        assert maps[:, 3].abs().max() < 0.1 * maps.abs().max()

    def test_an_input_that_is_its_fill_has_an_empty_map(self) -> None:
        samples = tabular(5)
        samples.fill[:] = samples.inputs
        assert lime(Products(), samples, 0).abs().max() < 1e-6

    def test_a_narrow_kernel_looks_only_near_the_whole_input(self) -> None:
        """A product of ten features falls to the same value whichever one is missing."""

        class All(nn.Module):
            def forward(self, inputs: Tensor) -> Tensor:
                product = inputs.prod(dim=1)
                return torch.stack([product, -product], dim=1)

        ones = torch.ones(1, 6)
        samples = Samples(inputs=ones, targets=torch.tensor([0]), ids=torch.tensor([0]), fill=torch.zeros_like(ones))
        wide, narrow = (lime(All(), samples, 0, kernel_width=width, penalty=0.0) for width in (10.0, 0.05))
        assert (narrow > 2 * wide.abs()).all()

    def test_it_leaves_the_global_generators_alone(self) -> None:
        state = torch.get_rng_state()
        first = lime(Products(), tabular(5), 0)
        torch.rand(3)
        assert torch.equal(lime(Products(), tabular(5), 0), first)
        torch.set_rng_state(state)
        lime(Products(), tabular(5), 0)
        assert torch.equal(torch.get_rng_state(), state)
