"""Two correlations of the relevance of random subsets of units with what removing each subset does."""

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .base import Family, Metric, Need, Sign
from .correlation import pearson
from .removal_count import removal_count
from .removals import random_subsets, removals

PERCENTS = (10, 30, 50, 70, 90)  # of the units, the n of sensitivity-n


def faithfulness_correlation_bhatt(
    model: nn.Module,
    samples: Samples,
    maps: Tensor,
    modality: Modality,
    *,
    percent: int = 20,
    draws: int = 100,
    seed: int = 0,
    pairs: int | None = None,
) -> Tensor:
    """Pearson correlation of the summed attributions with the drop of the target's probability, over subsets.

    Args:
        model: maps (N, *F) to logits (N, K), row by row; in eval mode.
        samples: N samples; the drop is that of their targets.
        maps: signed attributions, shape (N, n), finite.
        modality: decides what one unit is.
        percent: size of each subset in percent of the units, rounded up, at least one unit and not all.
        draws: number of subsets, drawn from (seed, id), the same ones for any map.
        seed: of the subsets.
        pairs: most rows a forward, as for `removals`.

    Returns:
        Shape (N,), in [-1, 1]; higher is better. NaN for a constant map, a probability that never changes, or a
        single unit. Not changed by a positive scale of the map. Costs draws + 1 forwards a sample.

    Raises:
        ValueError: draws below 2, or as for `removals`.

    Source:
        bhatt2020evaluating, the definition of faithfulness, with subsets of 20 % and the data set's fill as baseline,
        both of which are ours.
    """

    def choose(maps: Tensor, ids: Tensor) -> Tensor:
        size = removal_count(maps.shape[1], percent)
        return random_subsets(maps, ids, size=size, draws=draws, seed=seed, purpose="faithfulness correlation")

    removed = removals(model, samples, maps, modality, choose, pairs=pairs)
    return pearson(removed.relevance, removed.drops(samples.targets))


def sensitivity_n(
    model: nn.Module,
    samples: Samples,
    maps: Tensor,
    modality: Modality,
    *,
    percents: tuple[int, ...] = PERCENTS,
    draws: int = 20,
    seed: int = 0,
    pairs: int | None = None,
) -> Tensor:
    """Pearson correlation of the summed attributions with the drop of the target's logit, averaged over subset sizes.

    At one size this is the formula of `faithfulness_correlation_bhatt`. Two things keep them apart: the mean over
    sizes from few units to nearly all, and the logit, which does not saturate.

    Args:
        model: as for `faithfulness_correlation_bhatt`, and so are samples, maps, modality, seed and pairs.
        samples: N samples.
        maps: signed attributions, shape (N, n), finite.
        modality: decides what one unit is.
        percents: the sizes, in percent of the units.
        draws: number of subsets of each size.
        seed: of the subsets.
        pairs: most rows a forward.

    Returns:
        Shape (N,), in [-1, 1]; higher is better. A size at which either side is constant is left out; NaN if all
        are, or where a logit is NaN. Not changed by a positive scale of the map. Costs len(percents) · draws + 1
        forwards a sample.

    Raises:
        ValueError: draws below 2, or as for `removals`.

    Source:
        ancona2018towards, the definition of sensitivity-n. Departures: the mean of five points in place of the curve
        over all n, the data set's fill in place of zeros, 20 subsets a size in place of 100.
    """

    def choose(maps: Tensor, ids: Tensor) -> Tensor:
        sizes = {percent: removal_count(maps.shape[1], percent) for percent in percents}
        subsets = [
            random_subsets(maps, ids, size=size, draws=draws, seed=seed, purpose=f"sensitivity at {percent} %")
            for percent, size in sizes.items()
        ]
        return torch.cat(subsets, dim=1)

    removed = removals(model, samples, maps, modality, choose, pairs=pairs)
    relevance, drops = removed.relevance.split(draws, dim=1), removed.logit_drops(samples.targets).split(draws, dim=1)
    of_sizes = torch.stack([pearson(*pair) for pair in zip(relevance, drops, strict=True)])
    undefined = torch.stack([rows.isnan().any(dim=1) for rows in drops]).any(dim=0)
    return of_sizes.nanmean(dim=0).masked_fill(undefined, torch.nan)


FAITHFULNESS_CORRELATION_BHATT = Metric(
    name="faithfulness_correlation_bhatt",
    version=1,
    score=lambda case: faithfulness_correlation_bhatt(
        case.require_model(), case.samples, case.maps(Sign.SIGNED), case.modality, seed=case.seed
    ),
    higher_is_better=True,
    across_models=True,
    bounds=(-1.0, 1.0),
    unit="correlation",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset(Modality) - {Modality.TEXT},  # removes padding and queries as if they were tokens
    sign=Sign.SIGNED,
    description="correlation of summed attributions with the drop of the target's probability, over random fifths",
    reference="bhatt2020evaluating",
    ignores_removable=True,
)

SENSITIVITY_N = Metric(
    name="sensitivity_n",
    version=1,
    score=lambda case: sensitivity_n(
        case.require_model(), case.samples, case.maps(Sign.SIGNED), case.modality, seed=case.seed
    ),
    higher_is_better=True,
    across_models=True,
    bounds=(-1.0, 1.0),
    unit="correlation",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset(Modality) - {Modality.TEXT},  # removes padding and queries as if they were tokens
    sign=Sign.SIGNED,
    description="correlation of summed attributions with the drop of the target's logit, mean over 10 to 90 % removed",
    reference="ancona2018towards",
    ignores_removable=True,
)
