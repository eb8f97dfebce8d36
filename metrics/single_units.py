"""Two correlations of what the map says of each unit with what removing that unit alone does."""

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .base import Case, Family, Metric, Need, Sign
from .correlation import average_ranks, pearson
from .removals import Removals, removals

MOST_UNITS = 64
_LEVELS = 10_000  # of a change; what is below one level may be the rounding of the model's kernels, and must not rank


def single_removals(
    model: nn.Module, samples: Samples, maps: Tensor, modality: Modality, *, seed: int = 0, pairs: int | None = None
) -> Removals:
    """Each unit removed by itself; of more than 64 units, 64 drawn from (seed, id), the same ones for any map.

    Costs min(n, 64) + 1 forwards a sample; arguments and errors as for `removals`.
    """

    def choose(maps: Tensor, ids: Tensor) -> Tensor:
        units = maps.shape[1]
        chosen = torch.arange(units, device=maps.device).expand(len(maps), -1)
        if units > MOST_UNITS:
            chosen = uniform(ids, (units,), seed=seed, purpose="single units").topk(MOST_UNITS, dim=1).indices
        alone = torch.zeros(*chosen.shape, units, dtype=torch.bool, device=maps.device)
        return alone.scatter_(2, chosen.unsqueeze(2), True)

    return removals(model, samples, maps, modality, choose, pairs=pairs)


def faithfulness_correlation_alvarez(removed: Removals, targets: Tensor) -> Tensor:
    """Pearson correlation of the signed attributions with the drops of the target's probability.

    Args:
        removed: from `single_removals`.
        targets: true classes, shape (N,).

    Returns:
        Shape (N,), in [-1, 1]; higher is better. NaN if the map or the probability is constant over the units, so for
        a single unit. Not changed by a positive scale of the map.

    Source:
        alvarezmelis2018towards, the faithfulness of their experiments. Departures: of more than 64 units, a random
        sample; the data set's fill in place of zeros.
    """
    return pearson(removed.relevance, removed.drops(targets))


def monotonicity_nguyen(removed: Removals, targets: Tensor) -> Tensor:
    """Spearman correlation of the absolute attributions with the squared change of the target's probability.

    Returns:
        Shape (N,), in [-1, 1]; higher is better. Equal values share a rank, and so do changes that are equal to a
        ten-thousandth of the sample's largest. NaN if the absolute values or the changes are constant. Not changed by
        a scale of the map.

    Source:
        nguyen2020quantitative, monotonicity. Departures: the expectation over values of the feature is one value, the
        data set's fill; of more than 64 units, a random sample. The monotonicity of arya2019one, whether
        the probability rises with each unit inserted, is left out: where units add up without interacting, each makes
        the same step in any order, so that a random map scores as high as the truth.
    """
    changes = removed.drops(targets).abs()  # their ranks are those of the squares
    shares = (changes / changes.amax(dim=1, keepdim=True) * _LEVELS).round()
    return pearson(average_ranks(removed.relevance.abs()), average_ranks(shares))


def _removed(case: Case) -> Removals:
    """Of the signed maps, made once for both metrics."""

    def compute() -> Removals:
        maps = case.maps(Sign.SIGNED)
        return single_removals(case.require_model(), case.samples, maps, case.modality, seed=case.seed)

    return case.once("single_removals", compute)


FAITHFULNESS_CORRELATION_ALVAREZ = Metric(
    name="faithfulness_correlation_alvarez",
    version=1,
    score=lambda case: faithfulness_correlation_alvarez(_removed(case), case.samples.targets),
    higher_is_better=True,
    across_models=True,
    bounds=(-1.0, 1.0),
    unit="correlation",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset(Modality) - {Modality.TEXT},  # removes padding and queries as if they were tokens
    sign=Sign.SIGNED,
    description="correlation of the attributions with the drops of the target's probability, one unit at a time",
    reference="alvarezmelis2018towards",
    ignores_removable=True,
)

MONOTONICITY_NGUYEN = Metric(
    name="monotonicity_nguyen",
    version=1,
    score=lambda case: monotonicity_nguyen(_removed(case), case.samples.targets),
    higher_is_better=True,
    across_models=True,
    bounds=(-1.0, 1.0),
    unit="rank correlation",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset(Modality) - {Modality.TEXT},  # removes padding and queries as if they were tokens
    sign=Sign.ABSOLUTE,
    description="rank correlation of the map with the squared change of the target's probability, one unit at a time",
    reference="nguyen2020quantitative",
    ignores_removable=True,
)
