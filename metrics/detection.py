"""The map as a detector of the evidence: AUROC and average precision over its units."""

import torch
from torch import Tensor
from torch.nn.functional import pad

from .base import Case, Family, Metric, Need, Sign
from .masked import masked_scores
from .units import on_removable

_AUROC, _PRECISION = 0, 1  # places in the scores of one sample


def evidence_auroc(maps: Tensor, masks: Tensor) -> Tensor:
    """Area under the ROC curve of |map| as a score for being evidence.

    It is the probability that a random unit of the mask ranks above a random unit outside, ties counting half.

    Args:
        maps: shape (N, n), finite.
        masks: which units are evidence, bool, shape (N, n).

    Returns:
        Shape (N,), in [0, 1]; higher is better, 0.5 for a random or constant map. Only the order of the units counts.
        NaN for an empty or full mask.

    Raises:
        ValueError: maps and masks of two shapes.

    Source:
        fawcett2006introduction, section 7, one curve a sample.
    """
    return _areas(maps, masks)[:, _AUROC]


def evidence_average_precision(maps: Tensor, masks: Tensor) -> Tensor:
    """Area under the precision-recall curve of |map| as a score for being evidence; arguments as `evidence_auroc`.

    Returns:
        Shape (N,), in (0, 1]; higher is better, for a constant map the share of the units in the mask, which a random
        map approaches as n grows. NaN for an empty or full mask.

    Source:
        davis2006relationship, whose warning against trapezoids, which are too high, is heeded: the area is summed in
        steps, Σ (Rᵢ - Rᵢ₋₁) Pᵢ over the distinct values of the map.
    """
    return _areas(maps, masks)[:, _PRECISION]


def _areas(maps: Tensor, masks: Tensor) -> Tensor:
    """Both areas from one sort, shape (N, 2)."""
    return masked_scores(_both, maps, masks)


def _both(maps: Tensor, masks: Tensor) -> Tensor:
    values, order = maps.abs().sort(dim=1, descending=True)
    found = masks.gather(1, order).cumsum(dim=1)  # true positives of the top k at k - 1
    called = torch.arange(1, maps.shape[1] + 1, device=maps.device).expand_as(found)
    inside = found[:, -1]
    outside = maps.shape[1] - inside
    tied = values[:, 1:] == values[:, :-1]
    if tied.any():  # a threshold lies below a whole group of equals; within it, repeat the point before the group
        within = pad(tied, (0, 1))
        found, called = (counts.masked_fill(within, 0).cummax(dim=1).values for counts in (found, called))
    found, called = pad(found.double(), (1, 0)), pad(called.double(), (1, 0))
    auroc = torch.trapezoid(found, called - found, dim=1) / (inside * outside)
    precision = found[:, 1:] / called[:, 1:].clamp(min=1)
    average = (found.diff(dim=1) * precision).sum(dim=1) / inside
    return torch.stack([auroc, average], dim=1).masked_fill((outside == 0)[:, None], torch.nan)


def _declare(name: str, place: int, description: str, reference: str) -> Metric:
    def scored(case: Case) -> Tensor:
        given = case.maps(Sign.ABSOLUTE), case.masks
        return case.once(_areas, lambda: on_removable(_areas, case.removable, *given))[:, place]

    return Metric(
        name=name,
        version=1,
        score=scored,
        higher_is_better=True,
        across_models=True,
        bounds=(0.0, 1.0),
        unit="area",
        family=Family.LOCALIZATION,
        needs=frozenset({Need.MASKS}),
        sign=Sign.ABSOLUTE,
        description=description,
        reference=reference,
    )


EVIDENCE_AUROC = _declare(
    "evidence_auroc",
    _AUROC,
    "area under the ROC curve of the map as a detector of the evidence",
    "fawcett2006introduction",
)
EVIDENCE_AVERAGE_PRECISION = _declare(
    "evidence_average_precision",
    _PRECISION,
    "area under the precision-recall curve of the map as a detector of the evidence",
    "davis2006relationship",
)
