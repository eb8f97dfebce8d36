"""SCAAT's AOPC: twenty small steps, small regions, uniform noise in their place, and that five times."""

from collections.abc import Callable

import torch
from torch import Tensor

from ..datasets.base import Modality
from .base import Case, Family, Metric, Sign
from .curves import Curves
from .probability import probability_drop
from .protocol import Fill, Protocol

STEPS = tuple(range(1, 21))  # percent of the regions removed

DRAWS = tuple(
    Protocol(name=f"scaat_{draw}", most=STEPS, least=STEPS, fill=Fill.UNIFORM, region=2, draw=draw) for draw in range(5)
)


def scaat_aopc(draws: tuple[Curves, ...], targets: Tensor, *, most_relevant_first: bool) -> Tensor:
    """Mean drop of the target's probability over 1, 2, …, 20 % of the regions and over the draws of the noise.

    Regions are squares of 2×2 pixels in images, and single cells, features or tokens elsewhere. They are replaced by
    independent uniform numbers between the sample's own minimum and maximum. Shares of few regions are rounded up,
    so neighboring steps may coincide. Values of two models are not comparable as they stand.

    Args:
        draws: curves of the same N samples, one a draw of the noise.
        targets: true classes, shape (N,).
        most_relevant_first: MoRF, where higher is better; else LeRF, where lower is better.

    Returns:
        Shape (N,), in [-1, 1]. NaN where a logit is.

    Source:
        xu2024scaat, the AOPC of table 1. Open in the paper and chosen here: regions of 2×2 pixels (a CIFAR image needs
        that little for 20 steps of 1 %), the sample's range for the noise, the true class, a softmax probability in
        place of a logit, and no zero at k = 0 in the mean (samek2017evaluating, equation 12, has it: 20/21 of ours).
    """
    drops = [probability_drop(curves.clean, _along(curves, most_relevant_first), targets) for curves in draws]
    return torch.stack(drops).mean(dim=(0, 1))


def scaat_aopc_gap(draws: tuple[Curves, ...], targets: Tensor) -> Tensor:
    """MoRF minus LeRF of `scaat_aopc`, shape (N,), in [-1, 1]; higher is better.

    Source:
        Ours. xu2024scaat divides the two means (`rel`), which has no per-sample form and explodes as LeRF nears zero;
        that ratio can be formed from the means of the two metrics, this difference is one itself.
    """
    morf, lerf = (scaat_aopc(draws, targets, most_relevant_first=order) for order in (True, False))
    return morf - lerf


def _along(curves: Curves, most_relevant_first: bool) -> Tensor:
    return torch.stack([curves.at(percent, most_relevant_first=most_relevant_first) for percent in STEPS])


def _draws(case: Case) -> tuple[Curves, ...]:
    return tuple(case.require_curves(protocol) for protocol in DRAWS)


def _declare(
    name: str, score: Callable[[tuple[Curves, ...], Tensor], Tensor], description: str, *, higher: bool
) -> Metric:
    return Metric(
        name=name,
        version=1,
        score=lambda case: score(_draws(case), case.samples.targets),
        higher_is_better=higher,
        across_models=False,
        bounds=(-1.0, 1.0),
        unit="probability",
        family=Family.FAITHFULNESS,
        protocols=DRAWS,
        modalities=frozenset(Modality) - {Modality.TEXT},  # word ids have no uniform range
        sign=Sign.ABSOLUTE,
        description=description,
        reference="xu2024scaat",
    )


SCAAT_AOPC_MORF = _declare(
    "scaat_aopc_morf",
    lambda draws, targets: scaat_aopc(draws, targets, most_relevant_first=True),
    "mean drop of the target's probability over 1 to 20 % of 2×2 regions made noise, most relevant first",
    higher=True,
)
SCAAT_AOPC_LERF = _declare(
    "scaat_aopc_lerf",
    lambda draws, targets: scaat_aopc(draws, targets, most_relevant_first=False),
    "mean drop of the target's probability over 1 to 20 % of 2×2 regions made noise, least relevant first",
    higher=False,
)
SCAAT_AOPC_GAP = _declare(
    "scaat_aopc_gap",
    scaat_aopc_gap,
    "drop of the target's probability with the most relevant 2×2 regions made noise, minus that with the least",
    higher=True,
)
