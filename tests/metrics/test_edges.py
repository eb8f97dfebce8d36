"""What every metric answers where a map, a mask or the samples say too little: declared here, one row a metric."""

from collections.abc import Callable
from dataclasses import replace
from math import log, log2
from typing import Final, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from salbench.benchmark.cards.pages import target_of
from salbench.datasets import Modality, Samples
from salbench.metrics import METRICS, Case, Metric, Sign
from salbench.metrics.retraining import Retraining, mean_of_channels

NUMBER: Final = "a number for each sample"
NAN: Final = "NaN for each sample"
SAME: Final = "the score of any other map or mask, since it is not looked at"
CHANCE: Final = "a number for each sample, that of the random order among ties, whatever the constant"
ERROR: Final = "ValueError"
Outcome = str | float  # a float is the score of each sample


class Edges(NamedTuple):
    """The declared outcomes of one metric."""

    constant: Outcome  # a map of one value, not 0
    zeros: Outcome  # a map of zeros
    two_values: Outcome  # a map of ties: the units are 1, 2, 1, 2, …
    one_unit: Outcome  # one feature, one pixel of one channel, or one token, and it is evidence
    empty_mask: Outcome = SAME  # no unit is evidence, and none irrelevant
    one_sample: Outcome = NUMBER
    one_class: Outcome = NUMBER  # all samples have one target


# Tables have seven features, of which 0, 3 and 6 are evidence and the others irrelevant.
MODEL_ALONE = Edges(SAME, SAME, SAME, NUMBER)
RANKED = Edges(CHANCE, CHANCE, NUMBER, NUMBER)
CORRELATED = Edges(NAN, NAN, NUMBER, NAN)
WEIGHTED = Edges(NAN, NAN, NUMBER, NAN, empty_mask=NAN)
RETRAINED = Edges(SAME, SAME, SAME, NUMBER)  # the map acts before: see the tests of what is degraded
EDGES: dict[str, Edges] = {
    "accuracy": MODEL_ALONE,
    "accuracy_drop_area": RANKED,
    "aup_diff_count": WEIGHTED,
    "aur_diff_count": WEIGHTED,
    "aopc_morf": RANKED,
    "aopc_lerf": RANKED,
    "gini": Edges(0.0, NAN, 6 / 35, 0.0),
    "entropy": Edges(NAN, NAN, log2(7) - 4 / 7 * log2(4) - 3 / 7 * log2(3), NAN),
    "comprehensiveness": RANKED,
    "sufficiency": RANKED,
    "aup_count": WEIGHTED,
    "aur_count": WEIGHTED,
    "aup_mass": WEIGHTED,
    "aur_mass": WEIGHTED,
    "aup_diff_mass": WEIGHTED,
    "aur_diff_mass": WEIGHTED,
    "calibration_error": MODEL_ALONE,
    "negative_log_likelihood": MODEL_ALONE,
    "brier_score": MODEL_ALONE,
    "auroc": MODEL_ALONE._replace(one_sample=NAN, one_class=NAN),
    "accuracy_drop_area_mean": RANKED,
    "accuracy_drop_area_zero": RANKED,
    "accuracy_drop_area_uniform": RANKED,
    "roar_area": RETRAINED,
    "roar_area_entries": RETRAINED,
    "roar_area_mean": RETRAINED,
    "keep_area": RETRAINED,
    "xcl_roar_area": RETRAINED,
    "road_area": RANKED._replace(one_unit=ERROR),  # nothing is left to impute the pixel from
    "f_fidelity_plus": RANKED,
    "f_fidelity_minus": RANKED,
    "normalized_aopc_morf": RANKED._replace(one_unit=NAN),  # one order only
    "normalized_aopc_lerf": RANKED._replace(one_unit=NAN),
    "deletion_auc": RANKED,
    "insertion_auc": RANKED,
    "eraser_comprehensiveness": RANKED,
    "eraser_sufficiency": RANKED._replace(one_unit=0.0),  # the token is kept
    "eraser_comprehensiveness_paper": RANKED,
    "eraser_sufficiency_paper": RANKED,
    "scaat_aopc_morf": RANKED,
    "scaat_aopc_lerf": RANKED,
    "scaat_aopc_gap": RANKED._replace(one_unit=0.0),  # both orders remove the same
    "faithfulness_correlation_alvarez": CORRELATED,
    "faithfulness_correlation_bhatt": CORRELATED,
    "sensitivity_n": CORRELATED,
    "monotonicity_nguyen": CORRELATED,
    "infidelity": Edges(NUMBER, NUMBER, NUMBER, 0.0),
    "xcl_morf": CORRELATED,
    "xcl_faithfulness": CORRELATED,
    "max_sensitivity": MODEL_ALONE._replace(one_unit=NAN),  # an input without range cannot be perturbed
    "local_lipschitz": MODEL_ALONE._replace(one_unit=NAN),
    "gaussian_accuracy_area": MODEL_ALONE,
    "gaussian_accuracy_area_published": MODEL_ALONE,
    "block_accuracy_area": MODEL_ALONE._replace(one_unit=ERROR),  # no square fits
    "parameter_randomization_cascading": CORRELATED,
    "parameter_randomization_independent": CORRELATED,
    "random_logit": CORRELATED,
    "pointing_game": Edges(3 / 7, 3 / 7, 1 / 3, 1.0, empty_mask=NAN),
    "relevance_mass": Edges(3 / 7, NAN, 4 / 10, 1.0, empty_mask=NAN),
    "relevance_rank": Edges(CHANCE, CHANCE, 1 / 3, 1.0, empty_mask=NAN),
    "top_k_intersection": Edges(CHANCE, CHANCE, NUMBER, 1.0, empty_mask=NAN),
    "evidence_auroc": Edges(0.5, 0.5, 5 / 12, NAN, empty_mask=NAN),
    "evidence_average_precision": Edges(3 / 7, 3 / 7, 25 / 63, NAN, empty_mask=NAN),
    "irrelevant_share": Edges(4 / 7, NAN, 2 / 3, 1.0, empty_mask=NAN),
    "irrelevant_mass": Edges(4 / 7, NAN, 6 / 10, 1.0, empty_mask=NAN),
    "gini_normalized": Edges(0.0, NAN, 1 / 5, NAN),
    "mass_entropy": Edges(log2(7), NAN, 0.4 * log2(10) + 0.6 * log2(5), 0.0),
    "mass_entropy_normalized": Edges(1.0, NAN, (0.4 * log2(10) + 0.6 * log2(5)) / log2(7), NAN),
    "complexity_xcl": Edges(-log(1 / 7 + 0.01), NAN, -0.4 * log(0.11) - 0.6 * log(0.21), -log(1.01)),
    "png_kilobytes": Edges(NAN, NAN, NUMBER, NAN),
    "accuracy_training": MODEL_ALONE,
    "accuracy_without_irrelevant": MODEL_ALONE._replace(empty_mask=NAN),
    "accuracy_informative": MODEL_ALONE,
    "accuracy_flipped": MODEL_ALONE._replace(empty_mask=NUMBER),
    "accuracy_absent": MODEL_ALONE._replace(empty_mask=NUMBER),
    "shortcut_auroc": Edges(0.5, 0.5, 7 / 12, NAN, empty_mask=NAN),
    "shortcut_auroc_absent": MODEL_ALONE._replace(one_unit=NAN, empty_mask=NAN),
    "irrelevant_in_top": Edges(4.0, 4.0, 4.0, 1.0, empty_mask=NAN),  # all seven are among the ten largest
    "irrelevant_share_published": Edges(4 / 7, NAN, 2 / 3, 1.0, empty_mask=NAN),
    "evidence_share_published": Edges(3 / 7, NAN, 1 / 3, 1.0, empty_mask=NAN),
}

UNREAD = {metric.name for metric in METRICS if metric.sign is Sign.UNUSED or metric.retrainings} | {
    "max_sensitivity",  # makes its own maps of the clean and of the noisy inputs
    "local_lipschitz",
    "shortcut_auroc_absent",  # likewise of the samples without the shortcut
}
ONE_UNIT = {Modality.TABULAR: (1,), Modality.IMAGE: (1, 1, 1), Modality.TEXT: (1,)}
KINDS = tuple(ONE_UNIT)
MakeCase = Callable[..., Case]
MakeSamples = Callable[..., Samples]
Cases = dict[Modality, Case]


def kind_of(metric: Metric) -> Modality:
    """Where its edges are declared: on tables, or else on images, or text."""
    return next(kind for kind in KINDS if kind in metric.modalities)


def some_samples(
    make_samples: MakeSamples, kind: Modality, count: int = 6, shape: tuple[int, ...] | None = None
) -> Samples:
    """Every third unit is evidence, the others are irrelevant; of a single unit, it is both."""
    samples = make_samples(kind, count, shape=shape)
    masks = torch.zeros_like(samples.inputs, dtype=torch.bool)
    masks[..., ::3] = True
    return replace(samples, masks=masks, irrelevant=masks if masks.all() else ~masks)


def some_maps(samples: Samples) -> Tensor:
    return torch.randn(samples.inputs.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def two_values(samples: Samples) -> Tensor:
    units = torch.arange(samples.inputs[0].numel()).view(samples.inputs.shape[1:])
    return (1.0 + units % 2).to(samples.inputs).expand_as(samples.inputs)


def check(edge: str, cases: Cases, *, other: Cases, constant: Cases) -> None:
    """Compare the scores of `cases` with the table; SAME is those of `other` cases, CHANCE those of `constant` ones."""
    wrong = {}
    for metric in METRICS:
        kind, declared = kind_of(metric), getattr(EDGES[metric.name], edge)
        expected = {SAME: other, CHANCE: constant}.get(declared, {}).get(kind)
        found = outcome(metric, cases[kind], expected, declared)
        if found != declared:
            wrong[metric.name] = f"declared {declared}, found {found}"
    assert wrong == {}


def outcome(metric: Metric, case: Case, expected: Case | None, declared: Outcome) -> Outcome:
    """What happened, in the words of the declaration if they are true."""
    if declared == ERROR:
        with pytest.raises(ValueError, match="at least"):
            metric.score(case)
        return declared
    scores = metric.score(case)
    low, high = metric.bounds
    if declared == NAN:
        true = bool(scores.isnan().all())
    elif declared in {SAME, CHANCE}:
        assert expected is not None
        true = torch.equal(scores, metric.score(expected))
    elif isinstance(declared, float):
        true = torch.allclose(scores.double(), torch.tensor(declared).double(), rtol=0, atol=1e-7)
    else:
        true = bool(((scores >= low) & (scores <= high)).all())  # not so for NaN
    return declared if true else str(scores)


def test_every_metric_declares_its_edges_and_no_other_does() -> None:
    assert list(EDGES) == [metric.name for metric in METRICS]


@pytest.mark.parametrize("edge", ["constant", "zeros", "two_values"])
def test_maps_that_say_little(edge: str, make_case: MakeCase, make_samples: MakeSamples) -> None:
    cases, constant, other = {}, {}, {}
    for kind in KINDS:
        samples = some_samples(make_samples, kind)
        flat = torch.ones_like(samples.inputs)
        maps = {"constant": 0.5 * flat, "zeros": 0 * flat, "two_values": two_values(samples)}[edge]
        cases[kind] = make_case(kind, samples, maps)
        constant[kind] = make_case(kind, samples, 4 * flat)
        other[kind] = make_case(kind, samples, some_maps(samples))
    check(edge, cases, other=other, constant=constant)


def test_a_single_unit(make_case: MakeCase, make_samples: MakeSamples) -> None:
    every = {kind: some_samples(make_samples, kind, shape=ONE_UNIT[kind]) for kind in KINDS}
    cases = {kind: make_case(kind, samples, torch.ones_like(samples.inputs)) for kind, samples in every.items()}
    check("one_unit", cases, other={}, constant={})


def test_an_empty_mask(make_case: MakeCase, make_samples: MakeSamples) -> None:
    cases, other = {}, {}
    for kind in KINDS:
        samples = some_samples(make_samples, kind)
        nothing = torch.zeros_like(samples.inputs, dtype=torch.bool)
        cases[kind] = make_case(kind, replace(samples, masks=nothing, irrelevant=nothing))
        other[kind] = make_case(kind, samples)
    check("empty_mask", cases, other=other, constant={})


def test_a_single_sample(make_case: MakeCase, make_samples: MakeSamples) -> None:
    cases = {kind: make_case(kind, some_samples(make_samples, kind, count=1)) for kind in KINDS}
    check("one_sample", cases, other={}, constant={})


@pytest.mark.parametrize("target", [0, 1, 2])
def test_targets_of_one_class(target: int, make_case: MakeCase, make_samples: MakeSamples) -> None:
    cases = {}
    for kind in KINDS:
        samples = some_samples(make_samples, kind)
        cases[kind] = make_case(kind, replace(samples, targets=torch.full_like(samples.targets, target)))
    check("one_class", cases, other={}, constant={})


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
@pytest.mark.parametrize("value", [torch.nan, torch.inf])
def test_a_map_that_is_not_finite_is_refused(
    value: float, metric: Metric, make_case: MakeCase, make_samples: MakeSamples
) -> None:
    kind = kind_of(metric)
    samples = some_samples(make_samples, kind)
    whole = make_case(kind, samples)
    maps = whole.attributions.clone()
    maps[4:, ..., 1] = value
    if metric.protocols:
        with pytest.raises(ValueError, match="2 of 6 samples"):
            make_case(kind, samples, maps)
        return
    broken = replace(whole, attributions=maps)
    if metric.name in UNREAD:
        assert torch.equal(metric.score(broken), metric.score(whole))
    else:
        with pytest.raises(ValueError, match="2 of 6 samples"):
            metric.score(broken)


RETRAININGS = list(dict.fromkeys(retraining for metric in METRICS for retraining in metric.retrainings))


@pytest.mark.parametrize("retraining", RETRAININGS, ids=lambda retraining: retraining.name)
def test_what_retraining_makes_of_maps_that_say_little(retraining: Retraining, make_samples: MakeSamples) -> None:
    samples = some_samples(make_samples, Modality.IMAGE)
    percent = retraining.percents[1]

    def degraded(maps: Tensor) -> Tensor:
        mean = mean_of_channels(samples, Modality.IMAGE)
        return retraining.degraded(samples, maps, Modality.IMAGE, percent=percent, channel_mean=mean).inputs

    flat = torch.ones_like(samples.inputs)
    found = degraded(flat)
    assert torch.equal(degraded(8 * flat), found)
    if retraining.rule == "rank":  # the random order among ties
        assert torch.equal(degraded(0 * flat), found)
        assert not torch.equal(found, samples.inputs)
    else:  # nothing lies above a percentile of equal values
        assert torch.equal(degraded(0 * flat), samples.inputs)
        assert torch.equal(found, samples.inputs)
    flat[2] = torch.nan
    with pytest.raises(ValueError, match="1 of 6 samples"):
        degraded(flat)


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e12])
def test_one_spike_scores_the_same_at_any_height(scale: float, make_case: MakeCase, make_samples: MakeSamples) -> None:
    one, scaled = {}, {}
    for kind in KINDS:
        samples = some_samples(make_samples, kind)
        spike = torch.zeros_like(samples.inputs)
        spike[..., 1] = 1.0
        one[kind], scaled[kind] = make_case(kind, samples, spike), make_case(kind, samples, scale * spike)
    for metric in METRICS:
        found, expected = (metric.score(cases[kind_of(metric)]) for cases in (scaled, one))
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-9, equal_nan=True, msg=metric.name)


@pytest.mark.parametrize("batch", [1, 7])
def test_a_batch_of_any_size_gives_the_same_scores(batch: int, make_case: MakeCase, make_samples: MakeSamples) -> None:
    metrics = [metric for metric in METRICS if metric.independent]
    count = 64 if batch > 1 else 12
    for kind in KINDS:
        samples = some_samples(make_samples, kind, count=64)
        maps = some_maps(samples).round(decimals=1)  # with ties
        whole = make_case(kind, samples, maps)
        parts = [
            make_case(kind, samples[start : start + batch], maps[start : start + batch])
            for start in range(0, count, batch)
        ]
        for metric in metrics:
            if kind_of(metric) is kind:
                scores = torch.cat([metric.score(part) for part in parts])
                expected = metric.score(whole)[:count]
                torch.testing.assert_close(scores, expected, rtol=0, atol=1e-9, equal_nan=True, msg=metric.name)


class Turned(nn.Module):
    """A model of images whose sides are exchanged and whose channels come in another order."""

    def __init__(self, model: nn.Module, order: Tensor) -> None:
        super().__init__()
        self.model, self.order = model, order

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.model(inputs[:, self.order.argsort()].transpose(2, 3))
        return logits


DRAWN_BY_PLACE = {  # from random numbers that belong to a row and a column, or a flat place
    "accuracy_drop_area_uniform",
    "scaat_aopc_morf",
    "scaat_aopc_lerf",
    "scaat_aopc_gap",
    "road_area",
    "f_fidelity_plus",
    "f_fidelity_minus",
    "faithfulness_correlation_bhatt",
    "sensitivity_n",
    "infidelity",
    "max_sensitivity",
    "local_lipschitz",
    "gaussian_accuracy_area",
    "gaussian_accuracy_area_published",
    "block_accuracy_area",
    "aup_diff_count",
    "aur_diff_count",
    "aup_diff_mass",
    "aur_diff_mass",
    "png_kilobytes",  # compressed row by row
}


def test_wide_and_high_images_with_channels_in_any_order_score_the_same(
    make_case: MakeCase, make_samples: MakeSamples, make_model: Callable[..., nn.Module]
) -> None:
    order = torch.tensor([2, 0, 1])

    def turned(tensor: Tensor) -> Tensor:
        return tensor.transpose(2, 3)[:, order]

    samples = some_samples(make_samples, Modality.IMAGE)
    assert samples.masks is not None
    assert samples.irrelevant is not None
    maps = some_maps(samples)
    whole = make_case(Modality.IMAGE, samples, maps)
    other = replace(
        samples,
        inputs=turned(samples.inputs),
        fill=turned(samples.fill),
        masks=turned(samples.masks),
        irrelevant=turned(samples.irrelevant),
    )
    model = Turned(make_model(Modality.IMAGE), order).eval()
    high = make_case(Modality.IMAGE, other, turned(maps), model=model)
    differing = set()
    for metric in METRICS:
        if Modality.IMAGE in metric.modalities:
            found, expected = metric.score(high), metric.score(whole)
            if not torch.allclose(found, expected, rtol=0, atol=1e-9, equal_nan=True):
                differing.add(metric.name)
    assert differing == DRAWN_BY_PLACE


def test_the_card_names_the_class_that_a_metric_watches(make_case: MakeCase, make_samples: MakeSamples) -> None:
    """Other targets change the scores of the true class, and no others."""
    found, declared = {}, {}
    for kind in KINDS:
        samples = some_samples(make_samples, kind, count=16)
        maps = some_maps(samples)
        told = make_case(kind, samples, maps)
        other = make_case(kind, replace(samples, targets=(samples.targets + 1) % 3), maps)
        for metric in METRICS:
            if kind_of(metric) is kind:
                same = torch.allclose(metric.score(told), metric.score(other), rtol=0, atol=0, equal_nan=True)
                found[metric.name] = not same
                declared[metric.name] = "the true one" in target_of(metric) or target_of(metric) == "the true class"
    assert found == declared
