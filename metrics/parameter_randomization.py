"""Parameter randomization: does a map change when the model forgets what it learned?"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .base import Case, Family, Metric, Need, Sign
from .randomized import randomized_copies
from .spearman import spearman
from .units import on_removable, removable_units, unit_maps


def parameter_randomization(
    model: nn.Module,
    samples: Samples,
    maps: Tensor,
    explain: Callable[[nn.Module, Samples], Tensor],
    modality: Modality,
    *,
    cascading: bool,
    seed: int = 0,
) -> Tensor:
    """Similarity of the maps of the model and of copies with random layers.

    Costs one map a sample and layer.

    Args:
        model: maps (N, *F) to logits (N, K); not touched.
        samples: N samples.
        maps: the model's own, one number a unit, shape (N, n); their absolute values are read.
        explain: gives the maps (N, *F) of a model and samples.
        modality: decides what one unit is.
        cascading: are layers randomized one after the other from the top down, or each alone? See
            `randomized_copies`.
        seed: of the random parameters.

    Returns:
        Spearman's correlation of absolute values, shape (L, N) for L layers from the top down, in [-1, 1]; lower is
        better, and a map that does not look at the model has 1. NaN where the map of either model is constant.

    Source:
        adebayo2018sanity, cascading and independent randomization. Departures: theirs are figures over layers, and
        the mean over layers is the score here, NaN wherever one layer's is; what cannot be reset is shuffled.
    """
    copies = randomized_copies(model, cascading=cascading, seed=seed)
    removable = None if samples.removable is None else removable_units(samples.removable, modality)

    def similarity(copy: nn.Module) -> Tensor:
        return on_removable(spearman, removable, maps.abs(), unit_maps(explain(copy, samples), modality).abs())

    return torch.stack([similarity(copy) for copy in copies])


def _declare(kind: str, description: str, *, cascading: bool) -> Metric:
    def similarities(case: Case) -> Tensor:
        def compute() -> Tensor:
            given = case.require_model(), case.samples, case.maps(Sign.ABSOLUTE), case.require_explain(), case.modality
            return parameter_randomization(*given, cascading=cascading, seed=case.seed)

        return case.once((parameter_randomization, cascading), compute)

    def columns(case: Case) -> dict[str, list[float]]:
        found = similarities(case)
        means = found[:, ~found.isnan().any(dim=0)].mean(dim=1)
        return {
            "layer from the top": [float(place) for place in range(1, len(found) + 1)],
            "similarity": means.tolist(),
        }

    return Metric(
        name=f"parameter_randomization_{kind}",
        version=1,
        score=lambda case: similarities(case).mean(dim=0),
        higher_is_better=False,
        across_models=True,
        bounds=(-1.0, 1.0),
        unit="rank correlation",
        family=Family.RANDOMIZATION,
        needs=frozenset({Need.MODEL, Need.EXPLAIN}),
        sign=Sign.ABSOLUTE,
        description=description,
        reference="adebayo2018sanity",
        curve=columns,
    )


PARAMETER_RANDOMIZATION_CASCADING = _declare(
    "cascading",
    "rank correlation with the maps of models randomized from the top down, mean over layers",
    cascading=True,
)
PARAMETER_RANDOMIZATION_INDEPENDENT = _declare(
    "independent",
    "rank correlation with the maps of models with one random layer, mean over layers",
    cascading=False,
)
