"""The regularizers' own two metrics: most relevant first out, by percentiles of the map, and its faithfulness."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .base import Case, Family, Metric, Need, Sign
from .correlation import pearson
from .probability import class_probability
from .removals import Removals, removals
from .units import removable_units

PERCENTILES = tuple(int(percentile) for percentile in np.linspace(100, 0, 20))  # 100, 94, 89, …, 5, 0


def xcl_removals(
    model: nn.Module, samples: Samples, maps: Tensor, modality: Modality, *, pairs: int | None = None
) -> Removals:
    """All units above each of 20 percentiles of a map set to zero.

    Costs 21 forwards a sample; the other arguments and the errors are those of `removals`.

    Args:
        model: maps (N, *F) to logits (N, K), row by row; in eval mode.
        samples: N samples; their fill is not used, a removed unit is 0. What is not removable stays and counts as zero
            in the map.
        maps: absolute attributions, shape (N, n), finite.
        modality: decides what one unit is.
        pairs: most rows a forward.
    """
    if samples.removable is not None:
        maps = maps.masked_fill(~removable_units(samples.removable, modality), 0)
    blank = replace(samples, fill=torch.zeros_like(samples.inputs[:1]).expand_as(samples.inputs))
    return removals(model, blank, maps, modality, lambda maps, ids: _above_percentiles(maps), pairs=pairs)


def xcl_morf(removed: Removals) -> Tensor:
    """Area above the relative probability of the predicted class as units are set to zero, most relevant first.

    Values: 1 - p(x') / p(x) of the class predicted on the whole input, at the 20 percentiles q = 100, 94, …, 5, 0 of
    the map's non-zero values, against 1 - q / 100; trapezoid over [0, 1]. Percentiles interpolate linearly. What is
    zero in the map stays, and so does the least of the rest.

    Args:
        removed: from `xcl_removals`.

    Returns:
        Shape (N,), at most 1, at least 1 - K; higher is better. NaN where nothing is ever removed: a map of zeros, or
        whose non-zero values are all equal. Not changed by a positive scale of the map.

    Source:
        xaiconstrained, its code; there is no paper text. Departures: the area of each sample and then the mean, which
        is the same; NaN where the code has 0, or fails; pixels with all their channels where the code, on grey
        images, has one.
    """
    classes = removed.clean.argmax(dim=-1)
    relative = class_probability(removed.logits, classes) / class_probability(removed.clean, classes)
    shares = 1 - torch.tensor(PERCENTILES, dtype=relative.dtype, device=relative.device) / 100
    never = (removed.relevance == 0).all(dim=1)
    return torch.trapezoid(1 - relative, shares, dim=0).masked_fill(never, torch.nan)


def xcl_faithfulness(removed: Removals, targets: Tensor) -> Tensor:
    """Pearson correlation, over the 20 percentiles, of the relevance removed with the drop of the probability.

    Since both grow along one order, a map that only gets the order of large groups right scores high already.

    Args:
        removed: from `xcl_removals`.
        targets: true classes, whose probability it is, shape (N,).

    Returns:
        Shape (N,), in [-1, 1]; higher is better. NaN where nothing is ever removed or the probability never changes.
        Not changed by a positive scale of the map.

    Source:
        xaiconstrained, its code; departures as for `xcl_morf`.
    """
    return pearson(removed.relevance, removed.drops(targets))


def _above_percentiles(maps: Tensor) -> Tensor:
    """Which units lie above each percentile of their map's non-zero values, bool (N, 20, n)."""
    magnitudes = maps.abs().double()
    ascending = magnitudes.sort(dim=1).values
    zeros = (ascending == 0).sum(dim=1, keepdim=True)  # (N, 1), these come first
    last = ascending.shape[1] - 1
    hundredths = torch.tensor(PERCENTILES, device=maps.device) * (last - zeros).clamp(min=0)  # (N, 20), exact
    below = (zeros + hundredths // 100).clamp(max=last)
    low, high = ascending.gather(1, below), ascending.gather(1, (below + 1).clamp(max=last))
    thresholds = low + (high - low) * (hundredths % 100) / 100
    return magnitudes.unsqueeze(1) > thresholds.unsqueeze(2)


def _removed(case: Case) -> Removals:
    """Made once for both metrics."""

    def compute() -> Removals:
        return xcl_removals(case.require_model(), case.samples, case.maps(Sign.ABSOLUTE), case.modality)

    return case.once("xcl_removals", compute)


XCL_MORF = Metric(
    name="xcl_morf",
    version=1,
    score=lambda case: xcl_morf(_removed(case)),
    higher_is_better=True,
    across_models=False,
    bounds=(-float("inf"), 1.0),
    unit="relative probability",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset(Modality) - {Modality.TEXT},  # zero is the padding, not a word
    sign=Sign.ABSOLUTE,
    description="area above the predicted class's relative probability, units above each percentile set to zero",
    reference="xaiconstrained",
)

XCL_FAITHFULNESS = Metric(
    name="xcl_faithfulness",
    version=1,
    score=lambda case: xcl_faithfulness(_removed(case), case.samples.targets),
    higher_is_better=True,
    across_models=True,
    bounds=(-1.0, 1.0),
    unit="correlation",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset(Modality) - {Modality.TEXT},  # zero is the padding, not a word
    sign=Sign.ABSOLUTE,
    description="correlation of the relevance above each percentile with the drop of the target's probability",
    reference="xaiconstrained",
)
