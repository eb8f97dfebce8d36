"""Where Quantus is right, our metrics give its numbers; where two definitions differ, by how much and why."""

from dataclasses import replace
from math import log
from typing import Any

import captum.metrics
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.datasets.randomness import uniform
from salbench.metrics import (
    EVIDENCE_AUROC,
    FAITHFULNESS_CORRELATION_ALVAREZ,
    FAITHFULNESS_CORRELATION_BHATT,
    GINI,
    MASS_ENTROPY,
    MONOTONICITY_NGUYEN,
    POINTING_GAME,
    RELEVANCE_MASS,
    RELEVANCE_RANK,
    TOP_K_INTERSECTION,
    Case,
    Metric,
    Protocol,
    Sign,
    infidelity,
    perturbation_curves,
)
from salbench.metrics.probability import class_probability
from salbench.metrics.quantus.bridge import quantus_metric
from salbench.metrics.quantus.guard import guarded
from salbench.metrics.quantus.question import Question
from salbench.metrics.sensitivity import map_changes, max_sensitivity, noisy_inputs

quantus = pytest.importorskip("quantus", exc_type=ImportError)

PLAIN = {"normalise": False, "disable_warnings": True}


def gradients(model: nn.Module, samples: Samples) -> Tensor:
    inputs = samples.inputs.detach().requires_grad_()
    with torch.enable_grad():
        explained = model(inputs).gather(1, samples.targets[:, None]).sum()
    return torch.autograd.grad(explained, inputs)[0]


def make_case(modality: Modality = Modality.IMAGE, shape: tuple[int, ...] = (3, 4, 5), count: int = 8) -> Case:
    """Positive maps without ties, since Quantus breaks ties by the order of memory."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(torch.Size(shape).numel(), 8), nn.Tanh(), nn.Linear(8, 3))
    inputs = torch.randn(count, *shape, generator=generator, dtype=torch.float64)
    ids = torch.randperm(50, generator=generator)[:count]
    masks = torch.rand(count, *shape, generator=generator) < 0.2
    masks.view(count, -1)[:, 0] = True
    samples = Samples(inputs=inputs, targets=ids % 3, ids=ids, fill=torch.full_like(inputs, 0.25), masks=masks)
    maps = torch.rand(inputs.shape, generator=generator, dtype=torch.float64)
    return Case(samples=samples, attributions=maps, modality=modality, model=model.double().eval(), explain=gradients)


def scores(name: str, case: Case) -> Tensor:
    return quantus_metric(name).score(case)


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("PointingGame", POINTING_GAME),
        ("RelevanceMassAccuracy", RELEVANCE_MASS),
        ("RelevanceRankAccuracy", RELEVANCE_RANK),
        ("AUC", EVIDENCE_AUROC),
    ],
)
@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.SERIES])
def test_localization_is_the_same(name: str, ours: Metric, modality: Modality) -> None:
    case = make_case() if modality is Modality.IMAGE else make_case(modality, (12, 5))
    torch.testing.assert_close(scores(name, case), ours.score(case).double(), rtol=1e-12, atol=1e-12)


def test_attribution_localization_is_relevance_mass_with_an_offset() -> None:
    case = make_case()
    torch.testing.assert_close(scores("AttributionLocalisation", case), RELEVANCE_MASS.score(case), rtol=0, atol=1e-8)


def test_top_k_intersection_differs_where_the_mask_is_smaller_than_the_top() -> None:
    """Quantus divides by k, so that a mask of fewer units cannot reach 1; ours divides by what could be there."""
    case = make_case(Modality.SERIES, (10, 5))
    assert case.samples.masks is not None
    case.samples.masks[:4, 1:] = False
    k = 5
    inside = case.masks.sum(dim=1)
    assert (inside < k).any()
    assert (inside > k).any()
    reachable = inside.clamp(max=k) / k
    torch.testing.assert_close(scores("TopKIntersection", case), TOP_K_INTERSECTION.score(case) * reachable)


@pytest.mark.parametrize("scale", [1.0, 1e-9])
def test_sparseness_is_the_gini_index_once_the_map_has_unit_scale(scale: float) -> None:
    case = make_case()
    case = replace(case, attributions=case.attributions * scale)
    torch.testing.assert_close(scores("Sparseness", case), GINI.score(case), rtol=0, atol=1e-6)


def test_complexity_is_the_entropy_of_the_mass_in_nats() -> None:
    case = make_case()
    torch.testing.assert_close(scores("Complexity", case), MASS_ENTROPY.score(case) * log(2), rtol=1e-9, atol=1e-9)


def test_monotonicity_correlation_is_the_same() -> None:
    case = make_case()
    ours = MONOTONICITY_NGUYEN.score(case)
    torch.testing.assert_close(scores("MonotonicityCorrelation", case), ours, rtol=0, atol=1e-9)


def test_the_estimate_of_faithfulness_is_the_same_on_probabilities() -> None:
    """By name it reads logits, as Quantus does unless told otherwise."""
    case = make_case()
    question = Question(case=case, sign=Sign.SIGNED)
    found = question.on_removals(quantus.FaithfulnessEstimate(perturb_baseline=0.0, **PLAIN), probability=True)
    np.testing.assert_allclose(found, FAITHFULNESS_CORRELATION_ALVAREZ.score(case), atol=1e-9)


def test_the_correlation_of_faithfulness_is_the_same_in_expectation() -> None:
    """The subsets are Quantus's own, so only means over many of them can agree."""
    case = make_case()
    question = Question(case=case, sign=Sign.SIGNED)
    metric = quantus.FaithfulnessCorrelation(
        nr_runs=2000, subset_size=4, perturb_baseline=0.0, return_aggregate=False, **PLAIN
    )
    with guarded(seed=0):
        found = question.on_removals(metric, probability=True)
    ours = torch.stack([FAITHFULNESS_CORRELATION_BHATT.score(replace(case, seed=seed)) for seed in range(20)])
    np.testing.assert_allclose(found, ours.mean(dim=0), atol=0.06)


@pytest.mark.parametrize("most_relevant_first", [True, False])
@pytest.mark.parametrize("modality", [Modality.IMAGE, Modality.SERIES])
def test_pixel_flipping_walks_along_our_curve(most_relevant_first: bool, modality: Modality) -> None:
    """Twenty units: every 5 % is one unit more. Least relevant first is Quantus on the negated map."""
    case = make_case() if modality is Modality.IMAGE else make_case(modality, (4, 5))
    grid = tuple(range(5, 100, 5))
    curves = perturbation_curves(
        case.require_model(),
        case.samples,
        case.attributions,
        modality,
        protocol=Protocol(name="", most=grid, least=grid),
    )
    ours = class_probability(curves.most if most_relevant_first else curves.least, case.samples.targets)
    sign = 1 if most_relevant_first else -1
    question = Question(case=replace(case, attributions=sign * case.attributions), sign=Sign.SIGNED)
    with guarded(seed=0):  # without it, a batch of negative maps is refused
        found = question.on_removals(quantus.PixelFlipping(perturb_baseline=0.0, **PLAIN), probability=True)
    np.testing.assert_allclose(np.array(found)[:, :-1].T, ours, rtol=1e-12, atol=1e-14)


def test_quantus_on_the_raw_model_walks_along_our_curve_bit_for_bit() -> None:
    """Float32, a softmax layer, a numeric fill, one channel: nothing of ours but the fill is in between."""
    case = make_case(shape=(1, 4, 5))
    model, fill = case.require_model().float(), 0.25
    inputs = case.samples.inputs.float()
    samples = replace(case.samples, inputs=inputs, fill=torch.full_like(inputs, fill))
    grid = tuple(range(5, 100, 5))
    protocol = Protocol(name="", most=grid, least=grid)
    curves = perturbation_curves(model, samples, case.attributions, Modality.IMAGE, protocol=protocol)
    ours = torch.softmax(curves.most, dim=2).gather(2, samples.targets.expand(19, -1).unsqueeze(2)).squeeze(2)
    found = quantus.PixelFlipping(perturb_baseline=fill, **PLAIN)(
        model=model,
        x_batch=inputs.numpy(),
        y_batch=samples.targets.numpy(),
        a_batch=case.attributions.numpy(),
        channel_first=True,
    )
    np.testing.assert_allclose(np.array(found)[:, :-1].T, ours.numpy(), rtol=0, atol=3e-7)


def test_max_sensitivity_is_the_same_as_captum_and_ours_on_the_same_draws() -> None:
    case = make_case()
    samples, model = case.samples, case.require_model()
    noisy = [noisy_inputs(samples, draw, radius=0.1, seed=3) for draw in range(5)]
    ours = max_sensitivity(map_changes(model, samples, gradients, radius=0.1, draws=5, seed=3))
    draws = iter(noisy)
    metric = quantus.MaxSensitivity(nr_samples=5, perturb_func=lambda arr, **_: next(draws).flatten(1).numpy(), **PLAIN)
    found = Question(case=case, sign=Sign.SIGNED).on_inputs(metric)
    np.testing.assert_allclose(found, ours, rtol=1e-9)

    def explained(inputs: Any) -> tuple[Tensor]:
        rows = inputs[0]
        of = torch.arange(len(samples)).repeat_interleave(len(rows) // len(samples))
        return (gradients(model, replace(samples[of], inputs=rows)),)

    rows = torch.stack(noisy, dim=1).flatten(0, 1)
    expected = captum.metrics.sensitivity_max(
        explained, (samples.inputs,), perturb_func=lambda inputs: (rows,), n_perturb_samples=5
    )
    torch.testing.assert_close(ours, expected)


def test_infidelity_of_one_block_is_the_same_as_captum() -> None:
    """An image of one square: Quantus removes everything at once, and captum is told to."""
    case = make_case(shape=(3, 4, 4))
    samples, model = case.samples, case.require_model()
    expected = captum.metrics.infidelity(
        model,
        lambda inputs: (inputs - samples.fill, samples.fill),
        samples.inputs,
        case.attributions,
        target=samples.targets,
        n_perturb_samples=1,
    )
    torch.testing.assert_close(scores("Infidelity", case), expected, rtol=1e-6, atol=1e-6)


def test_infidelity_of_quantus_hangs_on_the_scale_of_the_map_and_ours_does_not() -> None:
    """Ours takes the best multiple of the map first, and the map as contributions where Quantus has slopes."""
    case = make_case(shape=(1, 4, 4))
    twice = replace(case, attributions=2 * case.attributions)
    assert (scores("Infidelity", case) - scores("Infidelity", twice)).abs().min() > 1e-3
    ours, ours_twice = (
        infidelity(item.require_model(), item.samples, item.maps(Sign.SIGNED), item.modality) for item in (case, twice)
    )
    torch.testing.assert_close(ours, ours_twice)


def test_of_equal_maxima_quantus_counts_one_that_hits_and_ours_the_share() -> None:
    case = make_case(Modality.TABULAR, (4,))
    masks = torch.tensor([[True, False, False, False]]).expand(8, -1)
    maps = torch.tensor([[1.0, 1.0, 0.0, 0.0]]).expand(8, -1)
    case = replace(case, samples=replace(case.samples, masks=masks), attributions=maps)
    assert scores("PointingGame", case).tolist() == [1.0] * 8
    assert POINTING_GAME.score(case).tolist() == [0.5] * 8


def test_among_ties_quantus_takes_the_order_of_memory_and_ours_a_random_one() -> None:
    count = 400
    ids = torch.arange(count)
    maps = (uniform(ids, (20,), seed=0, purpose="test") < 0.3).double()
    masks = torch.zeros(count, 20, dtype=torch.bool)
    masks[:, 15:] = True
    inputs = torch.rand(count, 20)
    samples = Samples(inputs=inputs, targets=ids * 0, ids=ids, fill=inputs * 0, masks=masks)
    case = Case(samples=samples, attributions=maps, modality=Modality.TABULAR)
    assert RELEVANCE_RANK.score(case).mean() == pytest.approx(0.25, abs=0.03)  # the map knows nothing of the mask
    assert abs(scores("RelevanceRankAccuracy", case).nanmean() - 0.25) > 0.03
