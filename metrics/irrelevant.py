"""Right for the right reasons: how much a map dwells on features that are known not to matter."""

from torch import Tensor

from .base import Family, Metric, Need, Sign
from .masked import magnitudes_of, masked_scores
from .relevance_mass import relevance_mass
from .units import on_removable

CUTOFF = 0.67  # c


def irrelevant_share(maps: Tensor, irrelevant: Tensor, *, cutoff: float = CUTOFF) -> Tensor:
    """Share of the large attributions, |map| > c · max |map| of the sample, that lie on irrelevant units.

    Args:
        maps: shape (N, n), finite.
        irrelevant: which units must not matter, bool, shape (N, n).
        cutoff: c, in [0, 1).

    Returns:
        Shape (N,), in [0, 1]; lower is better. A constant map has the share of the irrelevant units, and a random map
        has it on average. Not changed by a positive scale. NaN if no unit is annotated and for a map of zeros.

    Raises:
        ValueError: cutoff outside [0, 1), or maps and annotation of two shapes.

    Source:
        ross2017right, section 2.2 for the set of large gradients (strictly above c = 0.67 times the largest) and
        section 3 for the shares. Departures: one share a sample, where their Iris-Cancer figure pools all samples; a
        pixel counts by the mean over its channels, where their toy images count it by any channel; and the maps are
        those of the saliency method, where they differentiate the probability of the predicted class.
    """
    if not 0 <= cutoff < 1:
        raise ValueError(f"cutoff must lie in [0, 1), got {cutoff}")

    def share(maps: Tensor, irrelevant: Tensor) -> Tensor:
        large = magnitudes_of(maps) > cutoff
        return (large & irrelevant).sum(dim=1).double() / large.sum(dim=1)

    return masked_scores(share, maps, irrelevant)


def irrelevant_mass(maps: Tensor, irrelevant: Tensor) -> Tensor:
    """Share of the sum of |map| that lies on irrelevant units; arguments, range and NaN as for `irrelevant_share`.

    Source:
        Ours: `relevance_mass` of arras2022clevr for the annotation of ross2017right, without a cutoff.
    """
    return relevance_mass(maps, irrelevant)


IRRELEVANT_SHARE = Metric(
    name="irrelevant_share",
    version=1,
    score=lambda case: on_removable(irrelevant_share, case.removable, case.maps(Sign.ABSOLUTE), case.irrelevant),
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="share of the large attributions",
    family=Family.LOCALIZATION,
    needs=frozenset({Need.IRRELEVANT}),
    sign=Sign.ABSOLUTE,
    description="share of the attributions above 0.67 of the largest that lie where nothing must matter",
    reference="ross2017right",
)

IRRELEVANT_MASS = Metric(
    name="irrelevant_mass",
    version=1,
    score=lambda case: on_removable(irrelevant_mass, case.removable, case.maps(Sign.ABSOLUTE), case.irrelevant),
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="share of the relevance",
    family=Family.LOCALIZATION,
    needs=frozenset({Need.IRRELEVANT}),
    sign=Sign.ABSOLUTE,
    description="share of the relevance that lies where nothing must matter",
    reference="ross2017right",
)
