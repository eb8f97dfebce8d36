"""Every metric of Quantus by name: it runs where we say so, and says why where it does not."""

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from salbench.datasets import Modality, Samples
from salbench.datasets.randomness import normal, uniform
from salbench.metrics import Case, Need
from salbench.metrics.quantus import bridge
from salbench.metrics.quantus.bridge import quantus_metric
from salbench.metrics.quantus.calls import patch_side, units_a_step
from salbench.metrics.quantus.question import Question
from salbench.metrics.quantus.table import PEERS

quantus = pytest.importorskip("quantus", exc_type=ImportError)

SHAPES = {
    "gray": (Modality.IMAGE, (1, 8, 10)),
    "color": (Modality.IMAGE, (3, 8, 10)),
    "series": (Modality.SERIES, (6, 3)),
    "tabular": (Modality.TABULAR, (7,)),
    "text": (Modality.TEXT, (9,)),
}
NEVER = {"SensitivityN", "Focus", "InputInvariance"}
GRAY = {"IROF", "ROAD"}
IMAGES = {*GRAY, "RegionPerturbation", "Selectivity", "Infidelity", "Continuity"}
CHANGED_INPUTS = {name for name, peer in PEERS.items() if Need.EXPLAIN in peer.needs} | {"Completeness"}


def gradients(model: nn.Module, samples: Samples) -> Tensor:
    inputs = samples.inputs.detach().requires_grad_()
    with torch.enable_grad():
        explained = model(inputs).gather(1, samples.targets[:, None]).sum()
    return torch.autograd.grad(explained, inputs)[0]


def make_case(kind: str = "gray", count: int = 6, dtype: torch.dtype = torch.float64) -> Case:
    """Random inputs, and maps in two groups of much alike ones."""
    modality, shape = SHAPES[kind]
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(torch.Size(shape).numel(), 8), nn.Tanh(), nn.Linear(8, 3))
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(count, *shape, generator=generator, dtype=torch.float64).to(dtype)
    ids = torch.arange(count)
    kinds = torch.randn(2, *shape, generator=generator, dtype=torch.float64)
    noise = torch.randn(inputs.shape, generator=generator, dtype=torch.float64)
    masks = torch.rand(inputs.shape, generator=generator) < 0.3
    masks.view(count, -1)[:, 0] = True
    return Case(
        samples=Samples(inputs=inputs, targets=ids % 3, ids=ids + 5, fill=torch.full_like(inputs, 0.25), masks=masks),
        attributions=(kinds[ids % 2] + 0.05 * noise).to(dtype),
        modality=modality,
        model=model.to(dtype).eval(),
        explain=gradients,
    )


def runs(name: str, kind: str) -> bool:
    if name in NEVER or (name in GRAY and kind == "color"):
        return False
    return (kind in {"gray", "color"} or name not in IMAGES) and (kind != "text" or name not in CHANGED_INPUTS)


def test_every_metric_of_quantus_is_declared() -> None:
    there = {metric.__name__ for family in quantus.AVAILABLE_METRICS.values() for metric in family.values()}
    assert there == set(PEERS)


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("name", PEERS)
def test_it_runs_or_says_why_not(name: str, kind: str) -> None:
    case, metric = make_case(kind), quantus_metric(name)
    assert (metric.obstacle(case) is None) == runs(name, kind)
    if not runs(name, kind):
        return
    scores = metric.score(case)
    low, high = metric.bounds
    assert scores.shape == (6,)
    assert scores.dtype == torch.float64
    assert not scores.isnan().all()
    assert ((scores >= low - 1e-9) & (scores <= high + 1e-9) | scores.isnan()).all()
    assert torch.equal(metric.score(case).nan_to_num(-9), scores.nan_to_num(-9))


@pytest.mark.parametrize("name", sorted(NEVER))
def test_what_cannot_be_run_names_the_reason(name: str) -> None:
    reason = quantus_metric(name).obstacle(make_case())
    assert reason is not None
    assert len(reason) > 40
    with pytest.raises(ValueError, match=reason[:20]):
        quantus_metric(name).score(make_case())


@pytest.mark.parametrize("name", ["FaithfulnessCorrelation", "MaxSensitivity", "SmoothMPRT", "RandomLogit", "ROAD"])
def test_global_generators_and_the_case_are_left_as_they_were(name: str) -> None:
    case = make_case()
    tensors = [case.samples.inputs, case.attributions, *case.require_model().parameters()]
    before = [tensor.detach().clone() for tensor in tensors]
    states = random.getstate(), str(np.random.get_state()), torch.get_rng_state()  # noqa: NPY002
    quantus_metric(name).score(case)
    assert random.getstate() == states[0]
    assert str(np.random.get_state()) == states[1]  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), states[2])
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(tensors, before, strict=True))
    assert getattr(np, "trapz", None) is not np.trapezoid


def test_the_seed_decides_the_draws() -> None:
    case = make_case()
    metric = quantus_metric("FaithfulnessCorrelation")
    assert not torch.equal(metric.score(case), metric.score(replace(case, seed=1)))


DETERMINISTIC = [
    *("FaithfulnessEstimate", "PixelFlipping", "RegionPerturbation", "Monotonicity", "MonotonicityCorrelation"),
    *("Selectivity", "IROF", "Infidelity", "PointingGame", "TopKIntersection", "RelevanceMassAccuracy"),
    *("RelevanceRankAccuracy", "AttributionLocalisation", "AUC", "Sparseness", "Complexity", "EffectiveComplexity"),
    *("MPRT", "EfficientMPRT", "Completeness", "NonSensitivity", "Continuity"),
]


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_a_score_does_not_hang_on_the_other_samples(name: str) -> None:
    case = make_case()
    order = torch.tensor([4, 1])
    part = replace(case, samples=case.samples[order], attributions=case.attributions[order])
    whole = quantus_metric(name).score(case)[order]
    torch.testing.assert_close(quantus_metric(name).score(part), whole, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", [name for name in PEERS if name not in {*NEVER, "Infidelity", "Completeness"}])
def test_a_positive_scale_changes_nothing(name: str) -> None:
    case = make_case()
    scaled = replace(case, attributions=case.attributions * 1e-9)
    metric = quantus_metric(name)
    torch.testing.assert_close(metric.score(scaled), metric.score(case), rtol=1e-6, atol=1e-6, equal_nan=True)


@pytest.mark.parametrize("name", ["Sparseness", "PixelFlipping", "MaxSensitivity"])
def test_a_map_that_is_not_finite_is_refused(name: str) -> None:
    case = make_case()
    case.attributions[2, 0, 1, 1] = torch.nan
    with pytest.raises(ValueError, match="1 of 6 samples"):
        quantus_metric(name).score(case)


@pytest.mark.parametrize("name", [name for name in PEERS if name not in NEVER])
def test_a_constant_map_is_nan(name: str) -> None:
    case = make_case()
    maps = case.attributions.clone()
    maps[3] = 2.0
    assert quantus_metric(name).score(replace(case, attributions=maps))[3].isnan()
    assert quantus_metric(name).score(replace(case, attributions=torch.ones_like(maps))).isnan().all()


@pytest.mark.parametrize("name", [name for name, peer in PEERS.items() if Need.MASKS in peer.needs])
def test_an_empty_mask_is_nan(name: str) -> None:
    case = make_case()
    assert case.samples.masks is not None
    case.samples.masks[1] = False
    scores = quantus_metric(name).score(case)
    assert scores[1].isnan()
    assert not scores[[0, 2, 3, 4, 5]].isnan().any()


def test_a_mask_of_everything_has_no_roc_curve() -> None:
    case = make_case()
    assert case.samples.masks is not None
    case.samples.masks[1] = True
    assert quantus_metric("AUC").score(case).isnan().tolist() == [False, True, False, False, False, False]


@pytest.mark.parametrize("kind", ["series", "text"])
@pytest.mark.parametrize("name", PEERS)
def test_padded_samples_are_refused(name: str, kind: str) -> None:
    case, metric = make_case(kind), quantus_metric(name)
    removable = torch.ones_like(case.samples.inputs, dtype=torch.bool)
    whole = replace(case, samples=replace(case.samples, removable=removable))
    assert metric.obstacle(whole) == metric.obstacle(case)
    removable[2, 4:] = False
    assert metric.obstacle(whole) is not None
    if runs(name, kind):
        assert "may not be ranked or removed" in str(metric.obstacle(whole))


def test_shares_of_the_other_samples_are_not_a_samples_own() -> None:
    assert {name for name in PEERS if not quantus_metric(name).independent} == {"Consistency", "Sufficiency"}


@pytest.mark.parametrize("name", ["Consistency", "Sufficiency"])
def test_one_sample_has_no_other_to_be_alike(name: str) -> None:
    assert quantus_metric(name).score(make_case(count=1)).isnan().all()


@pytest.mark.parametrize("name", ["MPRT", "SmoothMPRT", "EfficientMPRT"])
def test_a_parametrized_layer_cannot_be_reset(name: str) -> None:
    case = make_case()
    model = nn.Sequential(nn.Flatten(), weight_norm(nn.Linear(80, 3))).double().eval()
    assert "'1.parametrizations.weight'" in str(quantus_metric(name).obstacle(replace(case, model=model)))


def test_representations_need_a_layer_that_can_be_read() -> None:
    case = replace(make_case("tabular"), model=nn.Sequential(nn.Flatten(), nn.LayerNorm(7)).double().eval())
    assert "linear" in str(quantus_metric("RelativeRepresentationStability").obstacle(case))


def test_a_softmax_inside_the_model_is_not_taken_for_that_of_the_output() -> None:
    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(7, 3)
            self.softmax = nn.Softmax(dim=1)

        def forward(self, inputs: Tensor) -> Tensor:
            logits: Tensor = self.linear(inputs * self.softmax(inputs))
            return logits

    torch.manual_seed(0)
    case = replace(make_case("tabular"), model=Attention().double().eval())
    question = Question(case=case, sign=PEERS["PixelFlipping"].sign)
    metric = quantus.PixelFlipping(perturb_baseline=0.0, normalise=False, disable_warnings=True)
    curves = np.array(question.on_removals(metric, probability=True))
    with torch.no_grad():
        empty = case.require_model()(case.samples.fill).softmax(dim=1).gather(1, case.samples.targets[:, None])
    np.testing.assert_allclose(curves[:, -1], empty[:, 0].numpy(), rtol=1e-12)
    assert quantus_metric("EfficientMPRT").score(case).isfinite().all()


def test_a_name_may_have_its_prefix() -> None:
    for name in ("MaxSensitivity", "quantus:MaxSensitivity"):
        assert quantus_metric(name).name == "quantus:MaxSensitivity"


def test_an_unknown_name_is_told_the_nearest() -> None:
    message = r"no metric 'MaxSensitivty' in Quantus; did you mean 'MaxSensitivity'\? There are: AUC"
    with pytest.raises(KeyError, match=message):
        quantus_metric("MaxSensitivty")


def test_without_the_package_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'salbench\[quantus\]'"):
        quantus_metric("MaxSensitivity")


@pytest.mark.slow
def test_quantus_is_imported_only_when_a_score_is_computed() -> None:
    code = (
        "import sys; from salbench.metrics.quantus.bridge import quantus_metric; quantus_metric('Sparseness'); "
        "sys.exit('quantus' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(("units", "step"), [(7, 1), (64, 1), (80, 2), (784, 14), (2500, 50), (67, 1), (1, 1)])
def test_steps_divide_the_units(units: int, step: int) -> None:
    assert units_a_step(units) == step
    assert units % step == 0


def test_patches_shrink_with_the_image() -> None:
    sides = []
    for side in (5, 8, 28, 56):
        inputs = torch.rand(1, 1, side, side + 3)
        samples = Samples(inputs=inputs, targets=torch.zeros(1).long(), ids=torch.zeros(1).long(), fill=inputs)
        case = Case(samples=samples, attributions=inputs, modality=Modality.IMAGE)
        sides.append(patch_side(Question(case=case, sign=PEERS["Selectivity"].sign)))
    assert sides == [1, 1, 4, 8]


# Direction: a linear model of an image in which one patch decides.

WEIGHTS = torch.full((8, 8), 0.02, dtype=torch.float64)
WEIGHTS[2:5, 3:6] = 1.0
WEIGHTS[5:7, 0:2] = -1.0


class Linear(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        evidence = (inputs * WEIGHTS).flatten(1).sum(dim=1)
        return torch.stack([-evidence, evidence], dim=1)


def linear_case(maps: Callable[[Samples, Tensor], Tensor], count: int = 40) -> Case:
    ids = torch.arange(count)
    inputs = normal(ids, (1, 8, 8), seed=0, purpose="direction test inputs").double()
    targets = (Linear()(inputs)[:, 1] > 0).long()
    masks = (WEIGHTS.abs() > 0.5).expand_as(inputs)
    samples = Samples(inputs=inputs, targets=targets, ids=ids, fill=torch.zeros_like(inputs), masks=masks)
    toward = (2.0 * targets - 1).view(-1, 1, 1, 1)
    return Case(samples=samples, attributions=maps(samples, toward), modality=Modality.IMAGE, model=Linear().eval())


def contributions(samples: Samples, toward: Tensor) -> Tensor:
    return samples.inputs * WEIGHTS * toward


def chance(samples: Samples, _: Tensor) -> Tensor:
    return uniform(samples.ids, (1, 8, 8), seed=0, purpose="direction test maps").double()


def opposite(samples: Samples, toward: Tensor) -> Tensor:
    return -contributions(samples, toward)


def opposite_magnitude(samples: Samples, toward: Tensor) -> Tensor:
    truth = contributions(samples, toward).abs()
    return truth.amax(dim=(1, 2, 3), keepdim=True) - truth


DIRECTED = {
    **dict.fromkeys(("FaithfulnessCorrelation", "FaithfulnessEstimate", "PixelFlipping"), opposite),
    **dict.fromkeys(("RegionPerturbation", "Selectivity", "IROF", "ROAD"), opposite),
    **dict.fromkeys(("MonotonicityCorrelation", "PointingGame", "TopKIntersection", "AUC"), opposite_magnitude),
    **dict.fromkeys(("RelevanceMassAccuracy", "RelevanceRankAccuracy"), opposite_magnitude),
    "AttributionLocalisation": opposite_magnitude,
}


@pytest.mark.parametrize("name", DIRECTED)
def test_truth_above_chance_above_its_opposite(name: str) -> None:
    metric = quantus_metric(name)
    sign = 1 if metric.higher_is_better else -1
    count = 12 if name in GRAY else 40  # a sample at a time
    best, middle, worst = (
        sign * metric.score(linear_case(maps, count)).nanmean() for maps in (contributions, chance, DIRECTED[name])
    )
    assert best > middle > worst


def test_the_gradient_is_better_than_chance_at_infidelity_and_contributions_at_completeness() -> None:
    gradient = linear_case(lambda samples, toward: (WEIGHTS * toward).expand_as(samples.inputs))
    assert quantus_metric("Infidelity").score(gradient).max() < 1e-9
    assert quantus_metric("Infidelity").score(linear_case(chance)).mean() > 1
    assert quantus_metric("Completeness").score(linear_case(contributions)).tolist() == [1.0] * 40
    assert quantus_metric("Completeness").score(linear_case(chance)).sum() == 0


def test_a_map_that_misses_the_units_that_matter_is_worse_at_non_sensitivity() -> None:
    metric = quantus_metric("NonSensitivity")
    partial = linear_case(lambda samples, toward: contributions(samples, toward) * (WEIGHTS > 0.5))
    assert metric.score(linear_case(contributions)).mean() < metric.score(partial).mean() - 0.2


def test_maps_that_tell_the_classes_apart_are_consistent_and_sufficient() -> None:
    class FirstUnit(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return torch.stack([-inputs[:, 0], inputs[:, 0]], dim=1)

    ids = torch.arange(20)
    inputs = normal(ids, (4,), seed=0, purpose="direction test inputs")
    samples = Samples(inputs=inputs, targets=(inputs[:, 0] > 0).long(), ids=ids, fill=torch.zeros_like(inputs))
    telling = torch.eye(4)[samples.targets]
    case = Case(samples=samples, attributions=telling, modality=Modality.TABULAR, model=FirstUnit().eval())
    mixed = replace(case, attributions=torch.eye(4)[ids % 2])
    for name in ("Consistency", "Sufficiency"):
        metric = quantus_metric(name)
        assert metric.higher_is_better
        assert metric.score(case).tolist() == pytest.approx([1.0] * 20)
        assert metric.score(mixed).mean() < 0.8
