"""What holds for the declaration of every metric, and for the case that a metric sees."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from salbench.datasets import Modality, Samples
from salbench.metrics import METRICS, STANDARD, Case, Family, Metric, Sign

every_metric = pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)

LEVELS = {"png_kilobytes"}  # compressed bytes, which a rounding of one grey level changes


def a_modality(metric: Metric, *preferred: Modality) -> Modality:
    """The first of the preferred modalities that the metric is defined for, or any that it is."""
    fitting: list[Modality] = [modality for modality in (*preferred, *Modality) if modality in metric.modalities]
    return fitting[0]


def test_a_narrow_table_shows_one_metric_of_each_family() -> None:
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert {metric.family for metric in STANDARD[:7]} == {metric.family for metric in STANDARD}


@every_metric
def test_scores_are_one_a_sample_within_the_bounds(
    metric: Metric, modality: Modality, make_case: Callable[..., Case]
) -> None:
    case = make_case(modality)
    if modality not in metric.modalities:
        assert f"not defined for {modality} data" in str(metric.obstacle(case))
        return
    scores = metric.score(case)
    low, high = metric.bounds
    assert scores.shape == (6,)
    assert ((scores >= low) & (scores <= high) | scores.isnan()).all()
    assert not scores.isnan().all()


@every_metric
def test_a_metric_sees_no_sign_that_it_does_not_declare(metric: Metric, make_case: Callable[..., Case]) -> None:
    modality = a_modality(metric, Modality.IMAGE)
    case = make_case(modality)
    if metric.sign is not Sign.SIGNED:
        mirrored = make_case(modality, attributions=-case.attributions)
        torch.testing.assert_close(metric.score(mirrored), metric.score(case), rtol=0, atol=1e-12, equal_nan=True)
    if metric.sign is Sign.UNUSED:
        flat = make_case(modality, attributions=torch.ones_like(case.attributions))
        assert torch.equal(metric.score(flat), metric.score(case))


@every_metric
@pytest.mark.parametrize("scale", [2.0**-40, 8.0])
def test_a_positive_scale_changes_nothing(metric: Metric, scale: float, make_case: Callable[..., Case]) -> None:
    modality = a_modality(metric, Modality.SERIES)
    case = make_case(modality)
    scaled = make_case(modality, attributions=case.attributions * scale)
    torch.testing.assert_close(metric.score(scaled), metric.score(case), rtol=0, atol=1e-12, equal_nan=True)


@every_metric
def test_samples_may_come_in_any_order(metric: Metric, make_case: Callable[..., Case]) -> None:
    modality = a_modality(metric, Modality.SERIES)
    case = make_case(modality)
    case = make_case(modality, attributions=case.attributions.round())  # ties, so that the ids matter
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    shuffled = make_case(modality, case.samples[order], case.attributions[order])
    expected = metric.score(case)[order]
    torch.testing.assert_close(metric.score(shuffled), expected, rtol=0, atol=1e-9, equal_nan=True)


@every_metric
def test_one_sample_scores_as_it_does_among_others(metric: Metric, make_case: Callable[..., Case]) -> None:
    if not metric.independent:
        pytest.skip("its scores describe the whole split")
    modality = a_modality(metric, Modality.IMAGE)
    case = make_case(modality)
    alone = make_case(modality, case.samples[2:3], case.attributions[2:3])
    torch.testing.assert_close(metric.score(alone), metric.score(case)[2:3], rtol=0, atol=1e-9, equal_nan=True)


@every_metric
def test_single_precision_is_close_to_double(metric: Metric, make_case: Callable[..., Case]) -> None:
    modality = a_modality(metric, Modality.TABULAR)
    double = make_case(modality)
    samples = double.samples
    single = make_case(
        modality,
        replace(samples, inputs=samples.inputs.float(), fill=samples.fill.float()),
        double.attributions.float(),
        dtype=torch.float32,
    )
    found, expected = metric.score(single).double(), metric.score(double).double()
    tolerance = 2e-2 if metric.name in LEVELS else 1e-5
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=tolerance, equal_nan=True)


def test_maps_follow_the_sign(make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.TABULAR, count=1)
    attributions = torch.tensor([[1.0, -2.0, 0.0, 3.0, -4.0, 5.0, 6.0]])
    case = Case(samples=samples, attributions=attributions, modality=Modality.TABULAR)
    assert torch.equal(case.maps(Sign.SIGNED), attributions)
    assert torch.equal(case.maps(Sign.ABSOLUTE), attributions.abs())
    with pytest.raises(ValueError, match="got unused"):
        case.maps(Sign.UNUSED)


def test_nan_maps_are_refused(make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.TABULAR)
    attributions = torch.full_like(samples.inputs, torch.nan)
    case = Case(samples=samples, attributions=attributions, modality=Modality.TABULAR)
    for metric in METRICS:
        if metric.family in {Family.COMPLEXITY, Family.LOCALIZATION} and not metric.counterfactuals:  # they make maps
            with pytest.raises(ValueError, match="6 of 6 samples"):
                metric.score(case)


@every_metric
def test_an_obstacle_names_what_is_missing(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(a_modality(metric))
    assert metric.obstacle(case) is None
    unknown = replace(case.samples, masks=None, irrelevant=None)
    bare = Case(samples=unknown, attributions=case.attributions, modality=case.modality)
    missing = sorted(metric.needs) + [f"curves of the protocol {item.name!r}" for item in metric.protocols]
    missing += [f"models trained anew under {item.name!r}" for item in metric.retrainings]
    missing += [f"samples whose shortcut is {item}" for item in metric.counterfactuals]
    if not missing:
        assert metric.obstacle(bare) is None
        return
    assert metric.obstacle(bare) == f"needs {', '.join(missing)}, which this case does not have"
    with pytest.raises(ValueError, match="this case has no"):
        metric.score(bare)


def test_an_obstacle_names_the_modalities(make_case: Callable[..., Case]) -> None:
    picky = replace(METRICS[0], modalities=frozenset({Modality.IMAGE}))
    assert picky.obstacle(make_case(Modality.TEXT)) == "not defined for text data, only for image"


def test_attributions_must_have_the_shape_of_the_inputs(make_samples: Callable[..., Samples]) -> None:
    samples = make_samples(Modality.IMAGE)
    with pytest.raises(ValueError, match=r"\(6, 3, 4, 5\), got \(6, 1, 4, 5\)"):
        Case(samples=samples, attributions=samples.inputs[:, :1], modality=Modality.IMAGE)
