from collections.abc import Callable

import pytest
import torch
from scipy.stats import pearsonr
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import expand_units, unit_maps
from salbench.metrics.removal_count import removal_count
from salbench.metrics.removals import random_subsets
from salbench.metrics.subset_correlation import PERCENTS, faithfulness_correlation_bhatt, sensitivity_n

SCORES: list[Callable[..., Tensor]] = [faithfulness_correlation_bhatt, sensitivity_n]


class Sum(nn.Module):
    """Logits 0 and the sum of the inputs, so that each unit contributes its value."""

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.stack([torch.zeros_like(inputs[:, 0]), inputs.sum(dim=1)], dim=1)


def table(inputs: Tensor) -> Samples:
    targets = torch.ones(len(inputs), dtype=torch.int64)
    return Samples(inputs=inputs, targets=targets, ids=torch.arange(len(inputs)), fill=torch.zeros_like(inputs))


def test_exact_contributions_to_the_logit_have_sensitivity_one_at_any_scale_or_sign() -> None:
    inputs = torch.randn(5, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    model = Sum().eval()
    assert sensitivity_n(model, table(inputs), inputs * 7, Modality.TABULAR).tolist() == pytest.approx([1.0] * 5)
    assert sensitivity_n(model, table(inputs), -inputs, Modality.TABULAR).tolist() == pytest.approx([-1.0] * 5)


def test_two_units_by_hand() -> None:
    # one of two units goes: the drops take two values, and the map is larger on the larger or on the smaller
    inputs = torch.tensor([[2.0, 1.0], [2.0, 1.0]])
    maps = torch.tensor([[0.3, 0.1], [-5.0, 4.0]])
    for score in SCORES:
        assert score(Sum().eval(), table(inputs), maps, Modality.TABULAR).tolist() == pytest.approx([1.0, -1.0])


@pytest.mark.parametrize("score", SCORES)
def test_constant_maps_zero_maps_a_still_model_and_a_single_unit_are_nan(score: Callable[..., Tensor]) -> None:
    inputs = torch.rand(1, 9)
    for maps in (torch.zeros(1, 9), torch.full((1, 9), 0.1)):
        assert score(Sum().eval(), table(inputs), maps, Modality.TABULAR).isnan().all()
    still = nn.Linear(9, 2).eval()
    nn.init.zeros_(still.weight)
    assert score(still, table(inputs), inputs, Modality.TABULAR).isnan().all()
    assert score(Sum().eval(), table(inputs[:, :1]), inputs[:, :1], Modality.TABULAR).isnan().all()


def test_faithfulness_correlation_equals_a_plain_loop(
    modality: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    maps = unit_maps(torch.randn_like(samples.inputs), modality)
    found = faithfulness_correlation_bhatt(model, samples, maps, modality, percent=30, draws=12, seed=4)
    units = maps.shape[1]
    subsets = random_subsets(
        maps, samples.ids, size=-(-units * 30 // 100), draws=12, seed=4, purpose="faithfulness correlation"
    )
    for row, target in enumerate(samples.targets.tolist()):
        sums, drops = [], []
        for subset in subsets[row]:
            features = expand_units(subset, samples.inputs.shape[1:], modality)
            perturbed = torch.where(features, samples.fill[row], samples.inputs[row])
            both = model(torch.stack([samples.inputs[row], perturbed])).softmax(dim=1)[:, target]
            sums.append(maps[row, subset].sum().item())
            drops.append((both[0] - both[1]).item())
        assert found[row].item() == pytest.approx(pearsonr(sums, drops).statistic)


def test_sensitivity_equals_a_plain_loop_over_sizes(
    make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(Modality.TABULAR), make_model(Modality.TABULAR)
    maps = torch.randn_like(samples.inputs)
    found = sensitivity_n(model, samples, maps, Modality.TABULAR, draws=6)
    correlations = []
    for percent in PERCENTS:
        size, purpose = removal_count(7, percent), f"sensitivity at {percent} %"
        subsets = random_subsets(maps, samples.ids, size=size, draws=6, seed=0, purpose=purpose)
        target = samples.targets[0]
        clean = model(samples.inputs[:1])[0, target]
        rows = torch.where(subsets[0], samples.fill[0], samples.inputs[0])
        drops = (clean - model(rows)[:, target]).detach()
        correlations.append(pearsonr((subsets[0] * maps[0]).sum(dim=1), drops).statistic)
    assert found[0].item() == pytest.approx(sum(correlations) / len(PERCENTS))


def test_a_size_that_is_constant_is_left_out() -> None:
    class FirstInCompany(nn.Module):
        """The first unit counts while another is there, so without any two of three units the drop is the same."""

        def forward(self, inputs: Tensor) -> Tensor:
            counts = (inputs[:, 0] != 0) & ((inputs != 0).sum(dim=1) > 1)
            return torch.stack([torch.zeros_like(inputs[:, 0]), counts.float()], dim=1)

    samples, maps = table(torch.ones(1, 3)), torch.tensor([[1.0, 0.0, 0.0]])
    both, one = (
        sensitivity_n(FirstInCompany().eval(), samples, maps, Modality.TABULAR, percents=percents)
        for percents in ((10, 90), (90,))
    )
    assert both.tolist() == pytest.approx([1.0])
    assert one.isnan().all()


def test_the_subsets_depend_on_the_seed(
    make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(Modality.SERIES), make_model(Modality.SERIES)
    maps = unit_maps(samples.inputs, Modality.SERIES)
    for score in SCORES:
        first, again, other = (score(model, samples, maps, Modality.SERIES, seed=seed) for seed in (0, 0, 1))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)
