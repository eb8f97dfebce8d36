"""AUP and AUR: areas under weighted precision and recall, as they are and above a random ranking."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from .base import Case, Family, Metric, Need, Sign
from .evidence import Rule, area, precision_recall, random_scores
from .protocol import TENTHS
from .units import in_chunks, on_removable

_Measure = Literal["precision", "recall"]
_PRECISION, _RECALL = 0, 1  # places in the points of one sample


def aup(maps: Tensor, masks: Tensor, ids: Tensor, *, rule: Rule, seed: int = 0) -> Tensor:
    """Area under the weighted precision at 10, 20, …, 90 %; arguments and NaN as for `precision_recall`.

    A random ranking has 0.8 × the share of the units in the mask, by either rule; a map inside the mask has 0.8.

    Returns:
        Shape (N,), in [0, 0.8]; higher is better. The published order, mean over samples first and trapezoid
        afterwards, has the same mean: a sample is undefined at all nine points or at none.

    Source:
        ismail2020benchmarking, section 3; the trapezoid of their code, without the undefined ends 0 and 100 %.
    """
    return area(_points(maps, masks, ids, rule=rule, seed=seed)[:, _PRECISION])


def aur(maps: Tensor, masks: Tensor, ids: Tensor, *, rule: Rule, seed: int = 0) -> Tensor:
    """Area under the weighted recall, otherwise as `aup`.

    By count, a random ranking of many units has 0.8 - (0.9³ - 0.1³) / 3 = 0.557 and a small box ranked first 0.8. By
    mass, a random ranking has 0.4, and so has a map with all its relevance inside the mask: there the best maps
    rank the mask first and leave some relevance outside.
    """
    return area(_points(maps, masks, ids, rule=rule, seed=seed)[:, _RECALL])


def above_random(
    score: Callable[..., Tensor], maps: Tensor, masks: Tensor, ids: Tensor, *, rule: Rule, seed: int = 0
) -> Tensor:
    """`score` (`aup` or `aur`) of the maps, minus the same score of uniform random numbers drawn from (seed, id).

    Returns:
        Shape (N,), in [-0.8, 0.8]; higher is better. NaN where either is undefined.

    Source:
        ismail2021improving, tables 2 and 8, Diff(AUP) and Diff(AUR). Departure from the code of
        ismail2020benchmarking, which permutes the features of another method's map; the printed values need a random
        order of all units.
    """
    points = _random_points(maps, masks, ids, rule=rule, seed=seed)
    guessed = area(points[:, _PRECISION if score is aup else _RECALL])
    return score(maps, masks, ids, rule=rule, seed=seed) - guessed


def _points(maps: Tensor, masks: Tensor, ids: Tensor, *, rule: Rule, seed: int) -> Tensor:
    """Precision and recall at the nine points, shape (N, 2, 9)."""
    return in_chunks(lambda *part: torch.stack(precision_recall(*part, rule=rule, seed=seed), dim=1), maps, masks, ids)


def _random_points(maps: Tensor, masks: Tensor, ids: Tensor, *, rule: Rule, seed: int) -> Tensor:
    """The same for uniform random numbers in place of the maps."""
    return in_chunks(
        lambda maps, masks, ids: _points(random_scores(maps, ids, seed=seed), masks, ids, rule=rule, seed=seed),
        maps,
        masks,
        ids,
    )


def _declare(measure: _Measure, rule: Rule, *, difference: bool) -> Metric:
    name, place = ("aup", _PRECISION) if measure == "precision" else ("aur", _RECALL)
    kind = "units" if rule is Rule.COUNT else "relevance"

    def points(case: Case, make: Callable[..., Tensor]) -> Tensor:
        given = case.maps(Sign.ABSOLUTE), case.masks, case.samples.ids

        def made(*tensors: Tensor) -> Tensor:
            return make(*tensors, rule=rule, seed=case.seed)

        return case.once((make, rule), lambda: on_removable(made, case.removable, *given))[:, place]  # (N, 9)

    def scored(case: Case) -> Tensor:
        own = area(points(case, _points))
        return own - area(points(case, _random_points)) if difference else own

    def columns(case: Case) -> dict[str, list[float]]:
        means = points(case, _points).nanmean(dim=0)
        return {"percent": [float(percent) for percent in TENTHS], measure: means.tolist()}

    return Metric(
        name=f"{name}_diff_{rule}" if difference else f"{name}_{rule}",
        version=1,
        score=scored,
        higher_is_better=True,
        across_models=True,
        bounds=(-0.8, 0.8) if difference else (0.0, 0.8),
        unit=f"{measure}, integrated over shares",
        family=Family.LOCALIZATION,
        needs=frozenset({Need.MASKS}),
        sign=Sign.ABSOLUTE,
        description=f"area under the weighted {measure} of the top 10 to 90 % of the {kind}"
        + (", minus that of a random ranking" if difference else ""),
        reference="ismail2021improving" if difference else "ismail2020benchmarking",
        curve=None if difference else columns,
    )


AUP_COUNT = _declare("precision", Rule.COUNT, difference=False)
AUR_COUNT = _declare("recall", Rule.COUNT, difference=False)
AUP_DIFF_COUNT = _declare("precision", Rule.COUNT, difference=True)
AUR_DIFF_COUNT = _declare("recall", Rule.COUNT, difference=True)
AUP_MASS = _declare("precision", Rule.MASS, difference=False)
AUR_MASS = _declare("recall", Rule.MASS, difference=False)
AUP_DIFF_MASS = _declare("precision", Rule.MASS, difference=True)
AUR_DIFF_MASS = _declare("recall", Rule.MASS, difference=True)
