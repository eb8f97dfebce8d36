"""The declared conventions: those that name a metric of ours are equal to it, the others are what they say."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from salbench.datasets import Modality, Samples
from salbench.metrics import METRICS, SHARED, Case, Curves
from salbench.metrics.conventions import CONVENTIONS, convention_values
from salbench.metrics.conventions.base import Convention
from salbench.results.references import reference_keys

MakeCase = Callable[..., Case]
METRIC_NAMES = {metric.name: metric for metric in METRICS}
BY_NAME = {convention.full_name: convention for convention in CONVENTIONS}


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda convention: convention.full_name)
def test_convention_that_names_a_metric_equals_it(convention: Convention, make_case: MakeCase) -> None:
    for modality in sorted(convention.modalities):
        case = make_case(modality)
        assert convention.suits(case) or convention.protocols != (SHARED,)
        if convention.metric and convention.suits(case):
            metric = METRIC_NAMES[convention.metric]
            assert convention.higher_is_better is metric.higher_is_better
            assert convention.across_models is metric.across_models
            assert torch.allclose(convention.score(case).double(), metric.score(case).double(), equal_nan=True)


def test_every_measure_has_one_convention_that_is_ours() -> None:
    for measure in {convention.measure for convention in CONVENTIONS} - {"aopc_contrast"}:
        assert any(convention.metric for convention in CONVENTIONS if convention.measure == measure)


def test_names_are_unique_and_sources_are_known() -> None:
    assert len(BY_NAME) == len(CONVENTIONS)
    assert {convention.reference for convention in CONVENTIONS} <= reference_keys()
    for measure in {convention.measure for convention in CONVENTIONS}:
        directions = {item.higher_is_better for item in CONVENTIONS if item.measure == measure}
        assert len(directions) == 1


@pytest.mark.parametrize(
    ("name", "other", "factor"),
    [
        ("aopc_morf/without_zero", "aopc_morf/with_zero", 10 / 9),
        ("aopc_lerf/without_zero", "aopc_lerf/with_zero", 10 / 9),
        ("aopc_morf/eraser_printed", "aopc_morf/eraser", 5 / 6),
    ],
)
def test_a_term_of_zero_changes_the_scale_alone(name: str, other: str, factor: float, make_case: MakeCase) -> None:
    case = make_case(Modality.SERIES)
    assert torch.allclose(BY_NAME[name].score(case), factor * BY_NAME[other].score(case))


def test_mean_height_and_mean_drop_add_up_to_the_clean_probability(make_case: MakeCase) -> None:
    case = make_case(Modality.TABULAR)
    drop, height = (BY_NAME[name].score(case) for name in ("aopc_morf/with_zero", "deletion_auc/mean"))
    clean = case.require_curves().clean.double().softmax(dim=1).gather(1, case.samples.targets[:, None])[:, 0]
    assert torch.allclose(drop + height, clean)


def test_right_only_is_the_mean_over_what_the_model_knows(make_case: MakeCase) -> None:
    case = make_case(Modality.SERIES)
    right = case.require_curves().clean.argmax(dim=1) == case.samples.targets
    assert 0 < right.sum() < len(right)
    expected = BY_NAME["aopc_morf/with_zero"].score(case)[right].mean()
    assert BY_NAME["aopc_morf/right_only"].value(case) == pytest.approx(expected.item())
    agreeing = BY_NAME["aopc_morf/predicted_class"].score(case)[right].mean()
    assert agreeing == pytest.approx(expected.item())


def test_ratio_of_means_is_not_the_mean_of_ratios(make_case: MakeCase) -> None:
    case = make_case(Modality.SERIES)
    morf, lerf = (BY_NAME[f"aopc_{order}/with_zero"].score(case) for order in ("morf", "lerf"))
    values = convention_values(case)
    assert values[BY_NAME["aopc_contrast/ratio_of_means"]] == pytest.approx((morf.mean() / lerf.mean()).item())
    assert values[BY_NAME["aopc_contrast/mean_of_ratios"]] == pytest.approx((morf / lerf).mean().item())


def test_accuracy_by_hand() -> None:
    # Right whole and up to 40 %, wrong afterwards: six points of 100, of which the first counts half in a trapezoid.
    curves = Curves(
        clean=torch.tensor([[0.0, 1.0]]),
        most=torch.tensor([[[0.0, 1.0]]] * 6 + [[[1.0, 0.0]]] * 5),
        least=torch.zeros(11, 1, 2),
    )
    case = two_features(curves)
    values = {convention.full_name: value for convention, value in convention_values(case).items()}
    assert values["accuracy_drop/with_zero"] == pytest.approx(4_500.0)
    assert values["accuracy_drop/without_zero"] == pytest.approx(3_500.0)
    assert values["accuracy_drop/mean"] == pytest.approx(50.0)
    assert values["accuracy_drop/relative"] == pytest.approx(0.5)
    assert values["accuracy_drop/same_answer"] == pytest.approx(4_500.0)


def two_features(curves: Curves) -> Case:
    inputs = torch.zeros(1, 2)
    samples = Samples(inputs=inputs, targets=torch.tensor([1]), ids=torch.tensor([0]), fill=inputs)
    return Case(
        samples=samples, attributions=torch.ones(1, 2), modality=Modality.TABULAR, curves={curves.protocol: curves}
    )


def test_what_a_case_lacks_is_not_computed(make_case: MakeCase) -> None:
    case = make_case(Modality.TABULAR)
    blind = Case(samples=replace(case.samples, masks=None), attributions=case.attributions, modality=Modality.TABULAR)
    assert convention_values(blind) == {}
    measures = {convention.measure for convention in convention_values(case)}
    assert measures == {convention.measure for convention in CONVENTIONS}


def test_convention_that_names_a_metric_equals_it_where_a_text_has_separators() -> None:
    generator = torch.Generator().manual_seed(0)
    removable = torch.ones(5, 14, dtype=torch.bool)
    removable[:, 4] = False
    removable[::2, 11:] = False
    masks = (torch.rand(5, 14, generator=generator) < 0.4) & removable
    masks[:, 0] = True
    inputs = torch.randint(3, 9, (5, 14), generator=generator)
    samples = Samples(
        inputs=inputs,
        targets=torch.zeros(5, dtype=torch.int64),
        ids=torch.arange(5) + 7,
        fill=inputs,
        masks=masks,
        removable=removable,
    )
    maps = torch.randn(5, 14, generator=generator)
    case = Case(samples=samples, attributions=maps, modality=Modality.TEXT, seed=3)
    named = [convention for convention in CONVENTIONS if convention.metric and convention.suits(case)]
    assert {"aup/count_minus_random", "aur/mass_minus_random"} <= {convention.full_name for convention in named}
    for convention in named:
        expected = METRIC_NAMES[convention.metric].score(case).double()
        torch.testing.assert_close(convention.score(case).double(), expected, equal_nan=True, msg=convention.full_name)
