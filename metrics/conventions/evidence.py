"""The known definitions of AUP and AUR: what is positive, what a unit weighs, and which random map is taken off."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import torch
from torch import Tensor

from ...datasets.base import Modality
from ...datasets.randomness import stream
from ..base import Case, Need, Sign
from ..evidence import Rule, area, precision_recall, random_scores
from ..protocol import TENTHS
from ..ranking import relevance_order
from ..units import in_chunks, on_removable, unit_maps
from .base import Convention, Score

_Measure = Literal["precision", "recall"]
_Points = Callable[..., tuple[Tensor, Tensor]]
_Maps = Callable[[Case], Tensor]  # (N, n)


def unweighted_precision_recall(maps: Tensor, masks: Tensor, ids: Tensor, *, seed: int) -> tuple[Tensor, Tensor]:
    """Precision and recall of the top 10, 20, …, 90 % of the units, each counted once.

    Args:
        maps: larger in absolute value is more relevant, shape (N, n).
        masks: which units are evidence, bool, shape (N, n).
        ids: sample ids, shape (N,).
        seed: of the order among equally relevant units.

    Returns:
        Two of shape (N, 9), in [0, 1]; NaN for an empty mask.

    Source:
        The measures as information retrieval has them; ismail2020benchmarking weighs each unit by its relevance.
    """
    order = relevance_order(maps, ids, seed=seed)
    found = masks.gather(1, order).double().cumsum(dim=1)
    counts = torch.tensor([-(-maps.shape[1] * percent // 100) for percent in TENTHS], device=maps.device)
    hits = found[:, counts - 1]
    total = found[:, -1:]
    precision = (hits / counts).masked_fill(total == 0, torch.nan)
    return precision, hits / total


def threshold_areas(maps: Tensor, masks: Tensor) -> tuple[Tensor, Tensor]:
    """Areas under precision and recall over thresholds of the scaled map, all samples pooled.

    Args:
        maps: larger in absolute value is more relevant, shape (N, n).
        masks: which units are evidence, bool, shape (N, n).

    Returns:
        Two of shape (), in [0, 1]; NaN if no map varies or no unit is evidence.

    Source:
        davis2006relationship for the curve over thresholds, integrated as in enguehard2023time (its release 0.3);
        absolute values scaled to [0, 1] within each sample, samples with a constant map left out.
    """
    magnitudes = maps.abs().double()
    low, high = magnitudes.amin(dim=1, keepdim=True), magnitudes.amax(dim=1, keepdim=True)
    varied = (high > low).squeeze(1)
    scaled = ((magnitudes - low) / (high - low))[varied].flatten()
    evidence = masks[varied].flatten().double()
    if not evidence.any():
        undefined = torch.tensor(torch.nan, dtype=torch.float64)
        return undefined, undefined
    order = scaled.argsort(descending=True)
    thresholds, hits = scaled[order], evidence[order].cumsum(dim=0)
    last = torch.cat([thresholds[1:] != thresholds[:-1], thresholds.new_ones(1, dtype=torch.bool)])  # of equal values
    called = torch.arange(1, len(hits) + 1, device=hits.device, dtype=torch.float64)[last]
    places = thresholds[last].flip(0)
    precision, recall = (hits[last] / called).flip(0), (hits[last] / hits[-1]).flip(0)
    return torch.trapezoid(precision, places), torch.trapezoid(recall, places)


def permuted_columns(maps: Tensor, *, seed: int) -> Tensor:
    """Maps (N, T, D) of series whose columns are in another order, the same for all samples and times.

    Source:
        The public code of ismail2020benchmarking, whose random map is another method's with permuted columns.
        Departure: the method's own map, so that the number depends on no other.
    """
    order = stream("permuted columns", seed, maps.shape[-1]).permutation(maps.shape[-1])
    return maps[..., torch.from_numpy(order).to(maps.device)]


def _weighted(maps: Tensor, masks: Tensor, ids: Tensor, *, seed: int, rule: Rule) -> tuple[Tensor, Tensor]:
    return precision_recall(maps, masks, ids, rule=rule, seed=seed)


def _weighted_random(maps: Tensor, masks: Tensor, ids: Tensor, *, seed: int, rule: Rule) -> tuple[Tensor, Tensor]:
    """The same for uniform random numbers in place of the maps, drawn for as many units as are there."""
    return _weighted(random_scores(maps, ids, seed=seed), masks, ids, seed=seed, rule=rule)


_COUNT, _MASS = (partial(_weighted, rule=rule) for rule in Rule)
_COUNT_RANDOM, _MASS_RANDOM = (partial(_weighted_random, rule=rule) for rule in Rule)


def _points(case: Case, maps: _Maps, points: _Points) -> Tensor:
    """Precision and recall at the nine points, shape (N, 2, 9); made once for all conventions that read them."""

    def made(*tensors: Tensor) -> Tensor:
        return in_chunks(lambda *part: torch.stack(points(*part, seed=case.seed), dim=1), *tensors)

    return case.once(
        (maps, points), lambda: on_removable(made, case.removable, maps(case), case.masks, case.samples.ids)
    )


def _permuted(case: Case) -> Tensor:
    return unit_maps(permuted_columns(case.attributions, seed=case.seed), case.modality).abs()


def _absolute(case: Case) -> Tensor:
    return case.maps(Sign.ABSOLUTE)


def _signed(case: Case) -> Tensor:
    """What speaks most against the class weighs nothing."""
    maps = case.maps(Sign.SIGNED)
    return maps - maps.amin(dim=1, keepdim=True)


def _positive(case: Case) -> Tensor:
    """What speaks against the class is as good as zero."""
    return case.maps(Sign.SIGNED).clamp(min=0)


def _score(
    measure: _Measure, points: _Points, *, maps: _Maps = _absolute, minus: Score | None = None, mean: bool = False
) -> Score:
    place = 0 if measure == "precision" else 1

    def score(case: Case) -> Tensor:
        found = _points(case, maps, points)[:, place]
        own = found.mean(dim=1) if mean else area(found)
        return own if minus is None else own - minus(case)

    return score


def _thresholds(measure: _Measure) -> Score:
    def score(case: Case) -> Tensor:
        maps, masks = case.maps(Sign.ABSOLUTE), case.masks
        if case.removable is not None:  # the others are neither evidence nor relevant
            maps, masks = maps.masked_fill(~case.removable, 0.0), masks & case.removable
        return threshold_areas(maps, masks)[0 if measure == "precision" else 1]

    return score


def _declare(measure: _Measure) -> list[Convention]:
    name = "aup" if measure == "precision" else "aur"
    code, paper = "ismail2020benchmarking", "ismail2021improving"
    score = partial(_score, measure)
    top, uniform = f"weighted {measure} of the top 10 to 90 % of the", "minus that of uniform random numbers"
    found: list[tuple[str, str, Score, str, str]] = [
        ("count", f"{top} units, area of length 0.8", score(_COUNT), paper, f"{name}_count"),
        ("mass", f"{top} relevance, area of length 0.8", score(_MASS), code, f"{name}_mass"),
        (
            "count_minus_random",
            f"count, {uniform}",
            score(_COUNT, minus=score(_COUNT_RANDOM)),
            paper,
            f"{name}_diff_count",
        ),
        ("mass_minus_random", f"mass, {uniform}", score(_MASS, minus=score(_MASS_RANDOM)), code, f"{name}_diff_mass"),
        (
            "mass_minus_permuted",
            "mass, minus that of the map with permuted columns",
            score(_MASS, minus=score(_MASS, maps=_permuted)),
            code,
            "",
        ),
        ("mean", "count, mean of the nine points instead of an area", score(_COUNT, mean=True), paper, ""),
        ("signed", "count, maps with their sign, from the lowest value on", score(_COUNT, maps=_signed), code, ""),
        ("positive", "count, negative values as zero", score(_COUNT, maps=_positive), "selvaraju2017gradcam", ""),
        ("unweighted", "count, every unit weighs the same", score(unweighted_precision_recall), "arras2022clevr", ""),
        (
            "thresholds",
            "area over thresholds of the scaled maps, samples pooled",
            _thresholds(measure),
            "enguehard2023time",
            "",
        ),
    ]
    return [
        Convention(
            measure=name,
            name=label,
            formula=formula,
            score=scored,
            higher_is_better=True,
            across_models=True,
            reference=reference,
            metric=metric,
            needs=frozenset({Need.MASKS}),
            modalities=frozenset({Modality.SERIES}) if label == "mass_minus_permuted" else frozenset(Modality),
        )
        for label, formula, scored, reference, metric in found
    ]


EVIDENCE_CONVENTIONS = (*_declare("precision"), *_declare("recall"))
