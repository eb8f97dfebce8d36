"""What Quantus 0.6 does when it is called as its documentation says, and what the same metric gives by name here.

Each test fails once a later release has put the fault right; then the guard may go.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import GINI, Case, Need
from salbench.metrics.quantus.bridge import quantus_metric
from salbench.metrics.quantus.table import PEERS

quantus = pytest.importorskip("quantus", exc_type=ImportError)

QUIET = {"disable_warnings": True}


def make_case(channels: int = 1, count: int = 8) -> Case:
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(count, channels, 8, 8, generator=generator)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64 * channels, 3)).eval()
    ids = torch.arange(count)
    samples = Samples(
        inputs=inputs,
        targets=model(inputs).argmax(dim=1),
        ids=ids,
        fill=torch.full_like(inputs, 0.5),
        masks=torch.rand(inputs.shape, generator=generator) < 0.2,
    )
    maps = torch.rand(inputs.shape, generator=generator)
    return Case(samples=samples, attributions=maps, modality=Modality.IMAGE, model=model)


def raw(metric: Any, case: Case, **settings: Any) -> Any:
    """The metric as its documentation says, with a map of one channel."""
    return metric(
        model=case.require_model(),
        x_batch=case.samples.inputs.numpy().copy(),
        y_batch=case.samples.targets.numpy(),
        a_batch=case.attributions.mean(dim=1, keepdim=True).numpy().copy(),
        channel_first=True,
        **settings,
    )


def test_labels_of_direction_are_wrong_for_two_metrics() -> None:
    ours = {name: peer.higher_is_better for name, peer in PEERS.items()}
    classes = [metric for family in quantus.AVAILABLE_METRICS.values() for metric in family.values()]
    theirs = {metric.__name__: metric.score_direction.value == "higher" for metric in classes}
    assert {name for name in ours if ours[name] != theirs[name]} == {"RegionPerturbation", "Consistency"}


def test_region_perturbation_returns_the_drop_although_its_label_says_lower() -> None:
    case = make_case()
    linear = nn.Linear(64, 2, bias=False)
    model = nn.Sequential(nn.Flatten(), linear).eval()
    with torch.no_grad():
        linear.weight.zero_()
        linear.weight[0, :16] = 1.0
    truth = torch.zeros(8, 1, 8, 8)
    truth[:, :, :2] = 1.0 + torch.rand(8, 1, 2, 8)
    samples = replace(case.samples, targets=torch.zeros(8).long(), fill=torch.zeros(8, 1, 8, 8))
    case = replace(case, model=model, samples=samples, attributions=truth)
    metric = quantus_metric("RegionPerturbation")
    assert metric.higher_is_better
    assert (metric.score(case) > metric.score(replace(case, attributions=-truth)) + 0.1).all()


def test_road_keeps_the_first_batch_only() -> None:
    case = make_case()
    metric = quantus.ROAD(percentages=[10, 50, 90], noise=0.0, **QUIET)
    first = replace(case, samples=case.samples[:2], attributions=case.attributions[:2])
    assert raw(metric, case, batch_size=2) == raw(quantus.ROAD(percentages=[10, 50, 90], noise=0.0, **QUIET), first)
    scores = quantus_metric("ROAD").score(case)
    assert scores.shape == (8,)
    assert len(set(scores.tolist())) > 2


@pytest.mark.filterwarnings("ignore:The settings for perturbing:UserWarning")
@pytest.mark.parametrize("name", ["ROAD", "IROF"])
def test_images_of_three_channels_crash(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(channels=3)
    monkeypatch.setattr(np, "trapz", np.trapezoid, raising=False)  # of which the crash is independent
    with pytest.raises((IndexError, AssertionError, ValueError)):
        raw(getattr(quantus, name)(**QUIET), case)
    assert "3 channels" in str(quantus_metric(name).obstacle(case))


@pytest.mark.skipif(hasattr(np, "trapz"), reason="numpy still has trapz")
def test_areas_fail_without_trapz() -> None:
    case = make_case()
    with pytest.raises(AttributeError, match="trapz"):
        raw(quantus.PixelFlipping(return_auc_per_sample=True, **QUIET), case)
    assert quantus_metric("PixelFlipping").score(case).isfinite().all()
    assert quantus_metric("IROF").score(case).isfinite().all()


def exact() -> Case:
    """Contributions that sum to the drop of the logit, in float32."""
    case = make_case(count=40)
    linear = case.require_model()[1]  # type: ignore[index]
    weights = linear.weight.detach()[case.samples.targets].view(-1, 1, 8, 8)
    fill = torch.zeros_like(case.samples.inputs)
    return replace(case, samples=replace(case.samples, fill=fill), attributions=case.samples.inputs * weights)


def test_completeness_asks_for_equal_floats() -> None:
    case = exact()
    found = raw(quantus.Completeness(normalise=False, perturb_baseline=0.0, **QUIET), case)
    assert np.mean(found) < 0.9
    assert quantus_metric("Completeness").score(case).tolist() == [1.0] * 40
    assert quantus_metric("Completeness").score(replace(case, attributions=1.01 * case.attributions)).sum() == 0


def test_sparseness_of_a_small_map_is_that_of_a_flat_one_and_the_map_is_written_to() -> None:
    case = make_case()
    spike = torch.zeros_like(case.attributions)
    spike[:, 0, 3, 3] = 1e-7
    given = spike.numpy().copy()
    found = quantus.Sparseness(normalise=False, abs=False, **QUIET)(
        model=None, x_batch=given.copy(), y_batch=np.zeros(8, dtype=int), a_batch=given, channel_first=True
    )
    assert np.max(found) < 0.05
    assert (given != spike.numpy()).all()
    small = replace(case, attributions=spike)
    torch.testing.assert_close(quantus_metric("Sparseness").score(small), GINI.score(small), rtol=0, atol=1e-4)
    assert (spike != 0).sum() == 8


def test_black_is_the_least_value_of_each_sample() -> None:
    case = make_case()
    curves = raw(quantus.PixelFlipping(features_in_step=64, **QUIET), case)
    least = case.samples.inputs.amin(dim=(1, 2, 3), keepdim=True).expand_as(case.samples.inputs)

    def emptied(inputs: Tensor) -> list[float]:
        probabilities = case.require_model()(inputs).softmax(dim=1)
        found: list[float] = probabilities.gather(1, case.samples.targets[:, None])[:, 0].tolist()
        return found

    assert np.array(curves)[:, 0].tolist() == pytest.approx(emptied(least), abs=1e-6)
    assert np.array(curves)[:, 0].tolist() != pytest.approx(emptied(torch.zeros_like(least)), abs=1e-3)


def test_channels_are_flipped_one_by_one() -> None:
    case = make_case(channels=3)
    assert np.shape(raw(quantus.PixelFlipping(**QUIET), case)) == (8, 192)
    metric = quantus_metric("PixelFlipping")
    assert metric.score(case).isfinite().all()  # by pixel, see the agreement with our curves


def test_consistency_and_sufficiency_hang_on_the_batch() -> None:
    case = make_case(count=40)
    case.attributions[::3] = case.attributions[0] + 0.1 * case.attributions[::3]
    for name in ("Consistency", "Sufficiency"):
        found = [np.mean(raw(getattr(quantus, name)(**QUIET), case, batch_size=size)) for size in (5, 40)]
        assert found[0] != found[1]


def test_sufficiency_is_zero_once_a_single_unit_never_varies() -> None:
    case = make_case()
    case.attributions[:, :, 0, 0] = 0
    assert np.max(raw(quantus.Sufficiency(**QUIET), case)) == 0
    alike = replace(case, attributions=case.attributions[:1] + 1e-3 * case.attributions)
    alike.attributions[0] = 1 - alike.attributions[0]  # so that the others are near by comparison
    assert quantus_metric("Sufficiency").score(alike)[1:].isfinite().all()


def test_random_logit_takes_a_thousand_classes_for_granted() -> None:
    case = make_case()

    def explain(model: nn.Module, inputs: Any, targets: Any, **_: object) -> Any:
        rows = torch.as_tensor(inputs).requires_grad_()
        return torch.autograd.grad(model(rows).gather(1, torch.as_tensor(targets)[:, None]).sum(), rows)[0].numpy()

    with pytest.raises(RuntimeError, match="out of bounds"):
        raw(quantus.RandomLogit(**QUIET), case, explain_func=explain)

    def gradients(model: nn.Module, samples: Samples) -> Tensor:
        return torch.from_numpy(explain(model, samples.inputs, samples.targets))

    assert quantus_metric("RandomLogit").score(replace(case, explain=gradients)).isfinite().all()


def test_maps_that_are_not_numbers_are_scored() -> None:
    case = make_case()
    case.attributions[0, 0, 0, 0] = torch.nan
    raw(quantus.PixelFlipping(normalise=False, **QUIET), case)
    with pytest.raises(ValueError, match="finite"):
        quantus_metric("PixelFlipping").score(case)


def test_scores_come_from_the_global_generator() -> None:
    case = make_case()
    metric = quantus.FaithfulnessCorrelation(subset_size=12, return_aggregate=False, **QUIET)
    assert raw(metric, case) != raw(metric, case)
    ours = quantus_metric("FaithfulnessCorrelation")
    assert torch.equal(ours.score(case), ours.score(case))


# Found here, beyond the list above.


@pytest.mark.parametrize("fill", ["black", 0.0])
def test_monotonicity_inserts_the_fill_so_that_every_map_passes(fill: str | float) -> None:
    case = make_case()
    assert raw(quantus.Monotonicity(perturb_baseline=fill, **QUIET), case) == [True] * 8
    assert quantus_metric("Monotonicity").score(case).tolist() == [0.0] * 8


def test_monotonicity_of_a_model_that_only_adds_is_one() -> None:
    case = make_case()
    linear = case.require_model()[1]  # type: ignore[index]
    with torch.no_grad():
        linear.weight.zero_()
        linear.weight[0] = 1.0
    samples = replace(case.samples, targets=torch.zeros(8).long(), fill=torch.zeros(8, 1, 8, 8))
    assert quantus_metric("Monotonicity").score(replace(case, samples=samples)).tolist() == [1.0] * 8


def test_a_mask_without_evidence_is_hit_by_every_pointing_game() -> None:
    case = make_case()
    found = raw(quantus.PointingGame(**QUIET), case, s_batch=np.zeros((8, 1, 8, 8), dtype=bool))
    assert [bool(hit) for hit in found] == [True] * 8
    empty = replace(case.samples, masks=torch.zeros(8, 1, 8, 8, dtype=torch.bool))
    assert quantus_metric("PointingGame").score(replace(case, samples=empty)).isnan().all()


def test_monotonicity_correlation_crashes_on_an_unlikely_class() -> None:
    case = make_case()
    linear = case.require_model()[1]  # type: ignore[index]
    with torch.no_grad():
        linear.weight *= 100
    samples = replace(case.samples, targets=torch.arange(8) % 3)
    case = replace(case, samples=samples)
    with pytest.raises(ValueError, match="cannot assign"):
        raw(quantus.MonotonicityCorrelation(nr_samples=1, **QUIET), case)
    assert quantus_metric("MonotonicityCorrelation").score(case).shape == (8,)


def test_maps_are_normalized_by_the_largest_of_the_whole_batch() -> None:
    case = make_case()
    maps = case.attributions.clone()
    maps[0] *= 1e7
    assert not np.allclose(
        raw(quantus.Sparseness(**QUIET), replace(case, attributions=maps))[1:],
        raw(quantus.Sparseness(**QUIET), case)[1:],
        atol=1e-2,
    )
    ours = quantus_metric("Sparseness")
    torch.testing.assert_close(ours.score(replace(case, attributions=maps)), ours.score(case), rtol=1e-5, atol=1e-7)


def test_the_average_over_layers_counts_the_untouched_model() -> None:
    case = make_case()

    def explain(model: nn.Module, inputs: Any, targets: Any, **_: object) -> Any:
        return model[1].weight.detach()[torch.as_tensor(targets)].view(-1, 1, 8, 8).numpy()  # type: ignore[index]

    settings = {"explain_func": explain, "a_batch": None}
    by_layer, average = (
        metric(
            model=case.require_model(),
            x_batch=case.samples.inputs.numpy(),
            y_batch=case.samples.targets.numpy(),
            channel_first=True,
            **settings,
        )
        for metric in (quantus.MPRT(**QUIET), quantus.MPRT(return_average_correlation=True, **QUIET))
    )
    assert by_layer["original"] == pytest.approx([1.0] * 8)
    assert average == pytest.approx((1 + np.array(by_layer["1"])) / 2)
    ours = quantus_metric("MPRT").score(
        replace(case, seed=42, explain=lambda model, samples: torch.from_numpy(explain(model, None, samples.targets)))
    )
    assert ours.tolist() == pytest.approx(by_layer["1"], abs=1e-6)


def test_every_model_is_kept_in_a_cache() -> None:
    from quantus.helpers.model.pytorch_model import PyTorchModel

    case = make_case()
    raw(quantus.PixelFlipping(features_in_step=32, **QUIET), case)
    assert PyTorchModel._get_last_softmax_layer_index.cache_info().currsize > 0
    quantus_metric("PixelFlipping").score(case)
    assert PyTorchModel._get_last_softmax_layer_index.cache_info().currsize == 0


def test_masks_must_be_given_to_what_reads_them() -> None:
    readers = {name for name, peer in PEERS.items() if Need.MASKS in peer.needs}
    assert readers == {
        "PointingGame",
        "TopKIntersection",
        "RelevanceMassAccuracy",
        "RelevanceRankAccuracy",
        "AttributionLocalisation",
        "AUC",
    }
