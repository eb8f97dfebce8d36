from collections.abc import Callable

import numpy as np
import pytest
import torch
from scipy.stats import pearsonr, spearmanr
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Sign, expand_units
from salbench.metrics.removals import Removals
from salbench.metrics.single_units import (
    FAITHFULNESS_CORRELATION_ALVAREZ,
    MONOTONICITY_NGUYEN,
    faithfulness_correlation_alvarez,
    monotonicity_nguyen,
    single_removals,
)

TARGET = torch.tensor([1])


def removed_with(relevance: list[float], probabilities: list[float]) -> Removals:
    """Removals that bring class 1 from 0.9 to the given probabilities."""
    likely = torch.tensor([0.9, *probabilities], dtype=torch.float64)
    logits = torch.stack([(1 - likely).log(), likely.log()], dim=1).unsqueeze(1)
    return Removals(torch.tensor([relevance], dtype=torch.float64), logits[0], logits[1:])


def test_correlations_by_hand() -> None:
    removed = removed_with([-1.0, 0.0, 4.0], [0.95, 0.9, 0.7])  # drops -0.05, 0, 0.2
    assert faithfulness_correlation_alvarez(removed, TARGET).item() == pytest.approx(1.0)
    assert faithfulness_correlation_alvarez(removed, TARGET - 1).item() == pytest.approx(-1.0)
    assert monotonicity_nguyen(removed, TARGET).item() == pytest.approx(1.0)
    # changes 0.05, 0, 0.2 have the ranks 1, 0, 2; the map has 0, 2, 1: 1 - 6 · (1 + 4 + 1) / (3 · 8)
    assert monotonicity_nguyen(removed_with([0.0, 4.0, -1.0], [0.95, 0.9, 0.7]), TARGET).item() == pytest.approx(-0.5)


def test_constant_maps_zero_maps_and_a_model_that_never_changes_are_nan() -> None:
    for score in (faithfulness_correlation_alvarez, monotonicity_nguyen):
        for relevance, probabilities in (([0.0] * 3, [0.1, 0.2, 0.3]), ([2.0] * 3, [0.1, 0.2, 0.3])):
            assert score(removed_with(relevance, probabilities), TARGET).isnan().all()
        assert score(removed_with([1.0, 2.0, 3.0], [0.9] * 3), TARGET).isnan().all()
        assert score(removed_with([1.0], [0.5]), TARGET).isnan().all()  # a single unit
    assert monotonicity_nguyen(removed_with([1.0, -1.0, 1.0], [0.1, 0.2, 0.3]), TARGET).isnan().all()


def test_the_rounding_of_a_model_is_a_tie_and_no_rank() -> None:
    exact = removed_with([3.0, 2.0, 1.0, 0.0], [0.1, 0.9, 0.9, 0.9])
    noisy = removed_with([3.0, 2.0, 1.0, 0.0], [0.1, 0.9, 0.9 - 1e-8, 0.9 + 2e-8])
    assert monotonicity_nguyen(exact, TARGET).item() == monotonicity_nguyen(noisy, TARGET).item()


def test_equals_a_plain_loop(
    modality: Modality, make_samples: Callable[..., Samples], make_model: Callable[..., nn.Module]
) -> None:
    samples, model = make_samples(modality), make_model(modality)
    attributions = torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    case = Case(samples=samples, attributions=attributions, modality=modality, model=model)
    maps = case.maps(Sign.SIGNED)
    alvarez, nguyen = FAITHFULNESS_CORRELATION_ALVAREZ.score(case), MONOTONICITY_NGUYEN.score(case)
    for row, target in enumerate(samples.targets.tolist()):
        drops = []
        for unit in torch.eye(maps.shape[1], dtype=torch.bool):
            features = expand_units(unit, samples.inputs.shape[1:], modality)
            perturbed = torch.where(features, samples.fill[row], samples.inputs[row])
            both = model(torch.stack([samples.inputs[row], perturbed])).softmax(dim=1)[:, target]
            drops.append((both[0] - both[1]).item())
        relevance = maps[row].numpy()
        assert alvarez[row].item() == pytest.approx(pearsonr(relevance, drops).statistic)
        assert nguyen[row].item() == pytest.approx(spearmanr(np.abs(relevance), np.abs(drops)).statistic, abs=1e-3)


def test_of_many_units_the_same_64_are_removed_for_any_map_and_batch() -> None:
    inputs = torch.rand(4, 200)
    samples = Samples(
        inputs=inputs, targets=torch.zeros(4).long(), ids=torch.tensor([5, 2, 9, 0]), fill=torch.zeros_like(inputs)
    )
    model = nn.Identity().eval()  # the logits show what was removed
    first = single_removals(model, samples, inputs, Modality.TABULAR)
    other = single_removals(model, samples[1:3], torch.rand(2, 200), Modality.TABULAR)
    assert first.relevance.shape == (4, 64)
    assert (first.logits == 0).sum(dim=2).eq(1).all()
    assert (first.logits == 0).any(dim=0).sum(dim=1).tolist() == [64] * 4
    assert torch.equal(first.logits[:, 1:3], other.logits)


def test_both_metrics_share_their_forwards(make_case: Callable[..., Case]) -> None:
    rows: list[int] = []

    class Counting(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            rows.append(len(inputs))
            return inputs[:, :3]

    given = make_case(Modality.TABULAR)
    case = Case(
        samples=given.samples, attributions=given.attributions, modality=Modality.TABULAR, model=Counting().eval()
    )
    FAITHFULNESS_CORRELATION_ALVAREZ.score(case)
    MONOTONICITY_NGUYEN.score(case)
    assert sum(rows) == 6 * (7 + 1)
