"""Pointing game: does the most relevant unit lie in the evidence."""

from torch import Tensor

from .base import Family, Metric, Need, Sign
from .masked import masked_scores
from .units import on_removable


def pointing_game(maps: Tensor, masks: Tensor) -> Tensor:
    """Is the unit of the largest |map| in the mask?

    Args:
        maps: shape (N, n), finite.
        masks: which units are evidence, bool, shape (N, n).

    Returns:
        1 or 0, shape (N,), float64; higher is better. Of several equal maxima the share inside the mask, which is the
        expected value of pointing at one of them by chance; a constant map thus has the share of the mask. NaN for an
        empty mask.

    Raises:
        ValueError: maps and masks of two shapes.

    Source:
        zhang2018top. Departures: no tolerance (they allow 15 pixels around the peak), the maximum of the
        absolute value, and a mean over samples, not over classes.
    """
    return masked_scores(_pointing_game, maps, masks)


def _pointing_game(maps: Tensor, masks: Tensor) -> Tensor:
    magnitudes = maps.abs()
    peaks = magnitudes == magnitudes.amax(dim=1, keepdim=True)
    return (peaks & masks).sum(dim=1).double() / peaks.sum(dim=1)


POINTING_GAME = Metric(
    name="pointing_game",
    version=1,
    score=lambda case: on_removable(pointing_game, case.removable, case.maps(Sign.ABSOLUTE), case.masks),
    higher_is_better=True,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="share of samples",
    family=Family.LOCALIZATION,
    needs=frozenset({Need.MASKS}),
    sign=Sign.ABSOLUTE,
    description="share of samples whose most relevant unit is evidence",
    reference="zhang2018top",
)
