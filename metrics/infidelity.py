"""Infidelity: how far the best multiple of a map is from the changes that removing blocks makes."""

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .base import Family, Metric, Need, Sign
from .removals import removals


def infidelity(
    model: nn.Module,
    samples: Samples,
    maps: Tensor,
    modality: Modality,
    *,
    draws: int = 100,
    seed: int = 0,
    pairs: int | None = None,
) -> Tensor:
    """Mean squared error of the attributions of random blocks against the drops of the target's probability.

    The map is first multiplied by the factor that makes the error least, so any scale of it, a negative one too,
    gives the same score. It is read as contributions: what a unit adds against the fill.

    Args:
        model: maps (N, *F) to logits (N, K), row by row; in eval mode.
        samples: N samples; the drop is that of their targets.
        maps: signed attributions, shape (N, n), finite.
        modality: decides the blocks, see `random_blocks`.
        draws: number of blocks, drawn from (seed, id), the same ones for any map.
        seed: of the blocks.
        pairs: most rows a forward, as for `removals`.

    Returns:
        Shape (N,), in [0, 1]; lower is better. The most a sample can have, that of a map of zeros, is the mean
        squared drop, so a model that nothing moves scores 0. A single unit scores 0, unless it is zero. Costs draws + 1
        forwards a sample.

    Raises:
        ValueError: as for `removals`.

    Source:
        yeh2019fidelity, definition 2.1 with square removal, and the optimal scale of their code.
        Departures: contributions, so that the perturbation is 1 on the block where theirs is x minus the fill; a
        probability in place of the model's score; the data set's fill in place of black.
    """

    def choose(maps: Tensor, ids: Tensor) -> Tensor:
        return random_blocks(ids, samples.inputs.shape[1:], modality, draws=draws, seed=seed)

    removed = removals(model, samples, maps, modality, choose, pairs=pairs)
    return least_squared_error(removed.relevance, removed.drops(samples.targets))


def least_squared_error(relevance: Tensor, drops: Tensor) -> Tensor:
    """Mean over each row of (β · relevance - drop)² for the β that makes it least; all rows (N, S), result (N,)."""
    # A map of zeros has no scale to choose and no scale to lose, so it predicts no drop.
    relevance = (relevance / relevance.abs().amax(dim=1, keepdim=True)).nan_to_num()
    square = relevance.square().sum(dim=1, keepdim=True)
    factor = (relevance * drops).sum(dim=1, keepdim=True) / square.clamp(min=1)  # the largest is 1, or all are 0
    return (factor * relevance - drops).square().mean(dim=1)


def random_blocks(ids: Tensor, shape: tuple[int, ...], modality: Modality, *, draws: int, seed: int) -> Tensor:
    """Units that lie together, bool (N, draws, n), from (seed, id).

    In images squares of pixels; in series and text windows of consecutive times (with all features) or tokens; in
    tables, whose order means nothing, any subset. The side, length or size is uniform from 1 to half of what there
    is (in images, of the shorter side), the place uniform inside the sample.
    """
    extent = min(shape[1:]) if modality is Modality.IMAGE else shape[0]
    numbers = uniform(ids, (draws, 3), seed=seed, purpose="infidelity blocks").double()
    side = 1 + (numbers[..., 0] * max(1, extent // 2)).long()  # (N, draws)
    if modality is Modality.TABULAR:
        order = uniform(ids, (draws, extent), seed=seed, purpose="infidelity subsets").argsort(dim=2)
        return order.argsort(dim=2) < side.unsqueeze(2)
    height, width = shape[1:] if modality is Modality.IMAGE else (extent, 1)
    rows = _window(numbers[..., 1], side, height)
    if modality is Modality.IMAGE:
        return (rows.unsqueeze(3) & _window(numbers[..., 2], side, width).unsqueeze(2)).flatten(2)
    features = shape[1] if modality is Modality.SERIES else 1
    return rows.repeat_interleave(features, dim=2)


def _window(place: Tensor, length: Tensor, extent: int) -> Tensor:
    """A run of `length` positions out of `extent`, bool (N, draws, extent); `place` in [0, 1) says where."""
    start = (place * (extent - length + 1)).long().unsqueeze(2)
    positions = torch.arange(extent, device=place.device)
    return (positions >= start) & (positions < start + length.unsqueeze(2))


INFIDELITY = Metric(
    name="infidelity",
    version=1,
    score=lambda case: infidelity(
        case.require_model(), case.samples, case.maps(Sign.SIGNED), case.modality, seed=case.seed
    ),
    higher_is_better=False,
    across_models=False,
    bounds=(0.0, 1.0),
    unit="squared probability",
    family=Family.FAITHFULNESS,
    needs=frozenset({Need.MODEL}),
    modalities=frozenset(Modality) - {Modality.TEXT},  # word ids cannot be perturbed by noise
    sign=Sign.SIGNED,
    description="mean squared error of the best multiple of the map against the drops from removing random blocks",
    reference="yeh2019fidelity",
    ignores_removable=True,
)
