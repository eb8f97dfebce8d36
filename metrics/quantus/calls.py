"""The metrics of Quantus that read maps or remove units, with every setting that matters.

A call takes the module quantus, inside its guarded scope, and a question, and returns one score a sample. Settings
that are left out are those of Quantus; each one that differs says why.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from ..removal_count import removal_count
from .question import Array, Question

Call = Callable[[Any, Question], Any]

SUBSETS = 100
STEPS = 64  # of a removal curve at most, where the number of units can be divided so
PATCHES = 7  # patches of a removal curve along the shorter side of an image
SETTINGS: dict[str, Any] = {"normalise": False, "disable_warnings": True}  # by the largest value of the whole batch


def of_maps(name: str, *, masks: bool = False) -> Call:
    """A metric of the maps alone, or of maps and masks, that has no settings."""
    return lambda quantus, question: question.on_maps(getattr(quantus, name)(abs=True, **SETTINGS), masks=masks)


def top_k(quantus: Any, question: Question) -> Any:
    """The top tenth; the 1000 of Quantus fail on small inputs."""
    k = removal_count(question.units, 10)
    return question.on_maps(quantus.TopKIntersection(k=k, abs=True, **SETTINGS), masks=True)


def auc(quantus: Any, question: Question) -> Any:
    """NaN where all is evidence: there is no false positive to be had."""
    scores = np.array(question.on_maps(quantus.AUC(abs=True, **SETTINGS), masks=True), dtype=float)
    return np.where(question.masks().reshape(len(question), -1).all(axis=1), np.nan, scores)


def faithfulness_correlation(quantus: Any, question: Question) -> Any:
    """Subsets of a fifth; the 224 units of Quantus fail on small inputs. It returns the mean unless told not to."""
    size = removal_count(question.units, 20)
    metric = quantus.FaithfulnessCorrelation(
        nr_runs=SUBSETS, subset_size=size, perturb_baseline=0.0, return_aggregate=False, **SETTINGS
    )
    return question.on_removals(metric, probability=False)


def faithfulness_estimate(quantus: Any, question: Question) -> Any:
    """Units of like relevance are removed together, at most STEPS groups where that divides evenly."""
    step = units_a_step(question.units)
    metric = quantus.FaithfulnessEstimate(features_in_step=step, perturb_baseline=0.0, **SETTINGS)
    return question.on_removals(metric, probability=False)


def pixel_flipping(quantus: Any, question: Question) -> Any:
    """Mean height of the curve; the area of Quantus is in steps, so that it depends on their number."""
    step = units_a_step(question.units)
    curve = question.on_removals(
        quantus.PixelFlipping(features_in_step=step, perturb_baseline=0.0, **SETTINGS), probability=True
    )
    return _mean_height(curve)


def selectivity(quantus: Any, question: Question) -> Any:
    """Mean height of the curve, for the same reason."""
    metric = quantus.Selectivity(patch_size=patch_side(question), perturb_baseline=0.0, **SETTINGS)
    return _mean_height(question.on_removals(metric, probability=True))


def region_perturbation(quantus: Any, question: Question) -> Any:
    """Mean drop over the curve, most relevant patches first."""
    metric = quantus.RegionPerturbation(patch_size=patch_side(question), perturb_baseline=0.0, **SETTINGS)
    return np.mean(question.on_removals(metric, probability=True), axis=1)


def monotonicity(quantus: Any, question: Question) -> Any:
    """Units are put back; Quantus fills the empty input with the baseline again, so that every map is monotone."""

    def put_back(arr: Array, indices: Array, perturb_baseline: float) -> Array:
        filled = arr.copy()
        np.put_along_axis(filled, indices, 1.0, axis=1)
        return filled

    metric = quantus.Monotonicity(
        features_in_step=units_a_step(question.units),
        abs=True,
        perturb_func=put_back,
        perturb_baseline=0.0,
        **SETTINGS,
    )
    return question.on_removals(metric, probability=True)


def monotonicity_correlation(quantus: Any, question: Question) -> Any:
    """One fill, not draws; without an eps, at which Quantus fails on a class whose probability is below it."""
    metric = quantus.MonotonicityCorrelation(
        eps=0.0,
        nr_samples=1,
        features_in_step=units_a_step(question.units),
        abs=True,
        perturb_baseline=0.0,
        **SETTINGS,
    )
    return question.on_removals(metric, probability=True)


def non_sensitivity(quantus: Any, question: Question) -> Any:
    """Share of the units, where Quantus counts them; one at a time, as any other step fails."""
    metric = quantus.NonSensitivity(abs=True, perturb_baseline=0.0, **SETTINGS)
    return np.array(question.on_removals(metric, probability=True)) / question.units


def consistency(quantus: Any, question: Question) -> Any:
    """Two maps are alike if they peak at the same unit; Quantus compares the signs of the first five units alone.

    NaN where no other map is alike, which Quantus scores 0.
    """
    metric = quantus.Consistency(discretise_func=np.argmax, abs=True, **SETTINGS)
    peaks = question.maps().reshape(len(question), -1).argmax(axis=1)
    alone = (peaks[:, None] == peaks).sum(axis=1) == 1
    return np.where(alone, np.nan, question.on_removals(metric, probability=False))


def sufficiency(quantus: Any, question: Question) -> Any:
    """Two maps are alike if their distance is at most 0.6 of the largest one.

    Plain Euclidean distance: the standardized one of Quantus is NaN, and every score 0, if one unit never varies. NaN
    where no other map is alike, which Quantus scores 0.
    """
    maps = question.maps().reshape(len(question), -1)
    distances = cdist(maps, maps)
    alone = (distances <= 0.6 * distances.max()).sum(axis=1) == 1
    metric = quantus.Sufficiency(distance_func="euclidean", abs=True, **{**SETTINGS, "normalise": True})
    return np.where(alone, np.nan, question.on_removals(metric, probability=False))


def units_a_step(units: int) -> int:
    """The smallest divisor that makes at most STEPS steps, and at least 8; Quantus takes no other; else 1."""
    fitting = (step for step in range(1, units // 8 + 1) if units % step == 0 and units // step <= STEPS)
    return next(fitting, 1)


def patch_side(question: Question) -> int:
    """A seventh of the shorter side, so that a small image has patches too; Quantus has 8 pixels."""
    return max(1, min(question.shape) // PATCHES)


def _mean_height(curves: Any) -> Any:
    points = np.array(curves, dtype=float)
    return np.trapezoid(points, axis=1) / (points.shape[1] - 1)
