"""ROAR: what accuracy a model regains when it is trained anew on inputs without their most relevant units."""

from dataclasses import replace

import torch
from torch import Tensor

from ..datasets.base import Modality, Samples
from .accuracy import correctness
from .base import Case, Family, Metric, Need, Sign
from .curves import removal_count
from .ranking import relevance_ranks
from .units import expand_units, relevance_maps

ROAR_PERCENTS = (10, 30, 50, 70, 90)


def without_most_relevant(
    samples: Samples, attributions: Tensor, modality: Modality, *, percent: int, seed: int = 0, keep: bool = False
) -> Samples:
    """The samples with their most relevant units replaced by the fill.

    Args:
        samples: N samples, of the training or the test split.
        attributions: larger in absolute value is more relevant, shape (N, *F).
        modality: decides what one unit is: a pixel with all its channels, a cell, a feature.
        percent: share of the units replaced, rounded up, in 1 to 99.
        seed: of the order among equally relevant units.
        keep: replace all others instead.

    Returns:
        Samples that differ in their inputs alone.

    Raises:
        ValueError: attributions and inputs of two shapes, or a percent out of range.
    """
    if attributions.shape != samples.inputs.shape:
        shapes = f"{tuple(attributions.shape)} and inputs {tuple(samples.inputs.shape)}"
        raise ValueError(f"attributions {shapes} must have one shape")
    if not 0 < percent < 100:
        raise ValueError(f"percent must lie in 1 to 99, got {percent}")
    parts = []
    for start in range(0, len(samples), 1024):
        part = samples[start : start + 1024]
        maps = relevance_maps(attributions[start : start + 1024], modality)
        chosen = relevance_ranks(maps, part.ids, seed=seed) < removal_count(maps.shape[1], percent)
        replaced = expand_units(chosen ^ keep, part.inputs.shape[1:], modality)
        parts.append(torch.where(replaced, part.fill, part.inputs))
    return replace(samples, inputs=torch.cat(parts))


def roar_area(case: Case) -> Tensor:
    """Area under one test sample's curve of correctness after retraining, in percent × percent.

    Maps are made once, for training and test samples, by the model that was trained on whole inputs; for each share a
    new model is trained from scratch on the degraded training samples and asked about the degraded test samples. The
    mean over samples is the area under the accuracy curve, since the trapezoid is linear.

    Returns:
        Shape (M,) for the whole test split, in [0, 9000]; lower is better: what a good map takes away cannot be
        learned from the rest.

    Source:
        hooker2019benchmark, section 3, at their shares 10, 30, 50, 70 and 90 %. Departures: the unit is a pixel with
        all its channels (theirs: each entry), the fill is the data set's (theirs: the mean of the channel), and every
        map is judged by regular training with the data set's budget, so that training methods share one yardstick.
    """
    return torch.trapezoid(100 * _correct(case), torch.tensor([0.0, *ROAR_PERCENTS]), dim=0)


def _correct(case: Case) -> Tensor:
    """Correctness (6, M) of the original model and of the five trained anew."""
    predictions = [case.require_predictions(), *(case.retrained[percent] for percent in ROAR_PERCENTS)]
    return torch.stack([correctness(logits, targets) for logits, targets in predictions]).cpu()


def _curve(case: Case) -> dict[str, list[float]]:
    accuracy = 100 * _correct(case).mean(dim=1)
    return {"percent": [0.0, *map(float, ROAR_PERCENTS)], "accuracy": accuracy.tolist()}


ROAR = Metric(
    name="roar_area",
    version=1,
    score=roar_area,
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, 9000.0),
    unit="percent²",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.PREDICTIONS, Need.RETRAINED}),
    modalities=frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR}),
    sign=Sign.ABSOLUTE,
    description="area under the accuracy after retraining without the most relevant 0 to 90 % of the units",
    reference="hooker2019benchmark",
    curve=_curve,
)
