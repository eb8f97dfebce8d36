"""Random logit: does a map change when another class is explained?"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .base import Case, Family, Metric, Need, Sign
from .forwards import check_eval_mode
from .spearman import spearman
from .units import on_removable, removable_units, unit_maps


def other_classes(samples: Samples, classes: int, *, seed: int = 0) -> Tensor:
    """A class that is not the target's, uniform over the others and drawn from (seed, id).

    Args:
        samples: N samples.
        classes: K, at least 2; with two it is the other class.
        seed: of the draw.

    Returns:
        Class indices, shape (N,), int64.

    Raises:
        ValueError: fewer than two classes.
    """
    if classes < 2:
        raise ValueError(f"classes must be at least 2, got {classes}")
    draws = uniform(samples.ids, (), seed=seed, purpose="other class").double()
    steps = 1 + (draws * (classes - 1)).floor().long()
    return (samples.targets + steps) % classes


def random_logit(
    model: nn.Module,
    samples: Samples,
    maps: Tensor,
    explain: Callable[[nn.Module, Samples], Tensor],
    modality: Modality,
    *,
    seed: int = 0,
) -> Tensor:
    """Similarity of the maps for the target and for another class.

    Args:
        model: maps (N, *F) to logits (N, K); in eval mode.
        samples: N samples; their targets are the classes that `maps` explain.
        maps: one number a unit, signed, shape (N, n).
        explain: gives the maps (N, *F) of a model and samples.
        modality: decides what one unit is.
        seed: of the other class.

    Returns:
        Spearman's correlation of the signed values, shape (N,), double, in [-1, 1]; lower is better. A map that does
        not look at the class has 1. NaN where either map is constant, and for a model with one class.

    Raises:
        ValueError: a model in training mode.

    Source:
        sixt2020explanations, the random logit test. Departures: rank correlation instead of structural similarity,
        which suits images alone; with the sign, because the evidence for one of two classes is the evidence against
        the other: absolute values would give 1 to the most faithful map.
    """
    check_eval_mode(model)
    with torch.no_grad():
        classes = model(samples.inputs[:1]).shape[1]
    if classes < 2:
        return torch.full((len(samples),), torch.nan, dtype=torch.float64, device=maps.device)
    asked = replace(samples, targets=other_classes(samples, classes, seed=seed))
    removable = None if samples.removable is None else removable_units(samples.removable, modality)
    return on_removable(spearman, removable, maps, unit_maps(explain(model, asked), modality))


def _score(case: Case) -> Tensor:
    given = case.require_model(), case.samples, case.maps(Sign.SIGNED), case.require_explain(), case.modality
    return random_logit(*given, seed=case.seed)


RANDOM_LOGIT = Metric(
    name="random_logit",
    version=1,
    score=_score,
    higher_is_better=False,
    across_models=True,
    bounds=(-1.0, 1.0),
    unit="rank correlation",
    family=Family.RANDOMIZATION,
    needs=frozenset({Need.MODEL, Need.EXPLAIN}),
    sign=Sign.SIGNED,
    description="rank correlation of the signed maps for the true class and for a random other one",
    reference="sixt2020explanations",
)
