"""Shortcuts: what a model's accuracy owes to features that must not matter, and whether a map shows that it does."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .accuracy import correctness
from .base import Case, Family, Metric, Need, Sign
from .detection import evidence_auroc
from .forwards import outputs
from .irrelevant import CUTOFF
from .masked import magnitudes_of, masked_scores
from .units import check_finite, on_removable, unit_masks

_ROWS = 1024  # samples in one forward pass
TOP = 10  # attributions that are counted


def correctness_without_irrelevant(model: nn.Module, samples: Samples) -> Tensor:
    """Is the model right where the fill stands in for everything that must not matter?

    Args:
        model: maps (N, *F) to logits (N, K); in eval mode.
        samples: N samples with an annotation.

    Returns:
        1 or 0, shape (N,), float32; NaN for a sample without annotated features, on which nothing is removed.

    Raises:
        ValueError: samples without an annotation, or a model in training mode.

    Source:
        ross2017right, section 3.2, who set the Iris columns to 0; here the data set's own fill. That is exact where
        the fill is what absence means, such as the black background in a swatch's place.
    """
    irrelevant = samples.irrelevant
    if irrelevant is None:
        raise ValueError("samples must have irrelevant, got None")
    inputs = torch.where(irrelevant, samples.fill, samples.inputs)
    logits = outputs(model, inputs, _ROWS)
    return correctness(logits, samples.targets).masked_fill(~irrelevant.flatten(1).any(dim=1), torch.nan)


def shortcut_auroc(maps: Tensor, irrelevant: Tensor) -> Tensor:
    """Probability that |map| ranks a random irrelevant unit above a random other one, ties counting half.

    It asks where the map looks and not whether the model should: high is right for the map of a model that relies on
    the shortcut, and low for that of a model that does not. `told_apart` puts the two together.

    Args:
        maps: shape (N, n), finite.
        irrelevant: which units must not matter, bool, shape (N, n).

    Returns:
        Shape (N,), in [0, 1]; 0.5 for a random or constant map. NaN if no or every unit is annotated.

    Raises:
        ValueError: maps and annotation of two shapes.

    Source:
        Ours: `evidence_auroc` for the annotation of ross2017right.
    """
    return evidence_auroc(maps, irrelevant)


def told_apart(relying: Tensor, other: Tensor) -> float:
    """How well a saliency method tells a model that relies on a shortcut from another one.

    Args:
        relying: scores of the maps of the model that relies on it, shape (N,), such as `shortcut_auroc`.
        other: scores of the other model's maps, shape (M,).

    Returns:
        The share of all pairs in which the first is higher, ties counting half, in [0, 1]. 0.5 for a method that
        does not see the model, such as an edge filter: it gives both models the same maps. Scores that are NaN are
        left out; NaN if none is left of one.

    Source:
        fawcett2006introduction, section 7: the area under the ROC curve of the score as a test for reliance.
    """
    first, second = (scores[~scores.isnan()].double() for scores in (relying, other))
    if not len(first) or not len(second):
        return float("nan")
    ranked = second.sort().values
    below, not_above = (torch.searchsorted(ranked, first, right=right) for right in (False, True))
    return float((below + not_above).double().mean() / (2 * len(second)))


def irrelevant_in_top(attributions: Tensor, irrelevant: Tensor, *, top: int = TOP) -> Tensor:
    """How many of a sample's largest |attributions| are of features that must not matter.

    Args:
        attributions: shape (N, D), finite.
        irrelevant: bool, shape (N, D).
        top: how many of the largest are looked at, at least 1.

    Returns:
        Shape (N,), float64, in [0, top]; lower is better. Among ties at the border each has the same chance, so that
        the count may be a fraction. NaN if no feature is annotated.

    Raises:
        ValueError: top below 1, or two shapes.

    Source:
        The public notebook of ross2017right on Iris-Cancer, figure 8: Iris components among the ten largest gradients.
    """
    if top < 1:
        raise ValueError(f"top must be at least 1, got {top}")

    def count(maps: Tensor, irrelevant: Tensor) -> Tensor:
        sizes = maps.abs()
        border = sizes.topk(min(top, sizes.shape[1]), dim=1).values[:, -1:]
        above, tied = sizes > border, sizes == border
        places = min(top, sizes.shape[1]) - above.sum(dim=1)
        share = (tied & irrelevant).sum(dim=1).double() / tied.sum(dim=1)
        return (above & irrelevant).sum(dim=1) + places * share

    return masked_scores(count, attributions, irrelevant)


def any_channel_share(attributions: Tensor, masks: Tensor, modality: Modality, *, cutoff: float = CUTOFF) -> Tensor:
    """Share of the pixels with a large attribution in any channel that lie in the mask, as the publication counts.

    Args:
        attributions: shape (N, *F), finite; large is |a| > c · max |a| of the sample, over all channels.
        masks: bool, shape (N, *F).
        modality: in images a unit is a pixel, elsewhere one feature.
        cutoff: c, in [0, 1).

    Returns:
        Shape (N,), in [0, 1]; NaN if nothing is masked and for a map of zeros.

    Raises:
        ValueError: cutoff outside [0, 1), two shapes, or an attribution that is NaN or infinite.

    Source:
        ross2017right, figure 3; the public code counts a pixel by any of its channels, where `irrelevant_share` takes
        their mean.
    """
    if not 0 <= cutoff < 1:
        raise ValueError(f"cutoff must lie in [0, 1), got {cutoff}")
    check_finite(attributions)
    large = unit_masks((magnitudes_of(attributions.flatten(1)) > cutoff).view_as(attributions), modality)

    def share(large: Tensor, masks: Tensor) -> Tensor:
        return (large & masks).sum(dim=1).double() / large.sum(dim=1)

    return masked_scores(share, large, unit_masks(masks, modality))


def _asked_again(shortcut: str, what: str) -> Metric:
    def score(case: Case) -> Tensor:
        logits, targets = case.require_counterfactual(shortcut).predictions
        return correctness(logits, targets)

    return _of_the_model(f"accuracy_{shortcut}", score, f"accuracy on the test split {what}", shortcut=shortcut)


def _of_the_model(
    name: str, score: Callable[[Case], Tensor], what: str, *needs: Need, shortcut: str | None = None
) -> Metric:
    return Metric(
        name=name,
        version=1,
        score=score,
        higher_is_better=True,
        across_models=True,
        bounds=(0.0, 1.0),
        unit="share of samples",
        family=Family.PERFORMANCE,
        needs=frozenset(needs),
        counterfactuals=() if shortcut is None else (shortcut,),
        sign=Sign.UNUSED,
        description=what,
        reference="ross2017right",
    )


def _on_training(case: Case) -> Tensor:
    logits, targets = case.require_training()
    return correctness(logits, targets)


def _auroc_when_absent(case: Case) -> Tensor:
    samples = case.require_counterfactual("absent").samples
    maps = case.require_explain()(case.require_model(), samples)
    changed = Case(samples=samples, attributions=maps, modality=case.modality, seed=case.seed)
    return on_removable(shortcut_auroc, changed.removable, changed.maps(Sign.ABSOLUTE), changed.irrelevant)


def _share_of(case: Case, masks: Tensor | None, name: str) -> Tensor:
    """The published share of the removable features; what cannot be removed is neither large nor in the mask."""
    if masks is None:
        raise ValueError(f"this case has no {name}")
    maps, removable = case.attributions, case.samples.removable
    if removable is not None:
        maps, masks = torch.where(removable, maps, 0), masks & removable
    return any_channel_share(maps, masks, case.modality)


def _of_the_map(
    name: str,
    score: Callable[[Case], Tensor],
    what: str,
    *needs: Need,
    higher_is_better: bool = False,
    counterfactuals: tuple[str, ...] = (),
    unit: str = "area",
    most: float = 1.0,
    modalities: frozenset[Modality] = frozenset(Modality),
) -> Metric:
    return Metric(
        name=name,
        version=1,
        score=score,
        higher_is_better=higher_is_better,
        across_models=True,
        bounds=(0.0, most),
        unit=unit,
        family=Family.LOCALIZATION,
        needs=frozenset(needs),
        counterfactuals=counterfactuals,
        modalities=modalities,
        sign=Sign.ABSOLUTE,
        description=what,
        reference="ross2017right",
    )


ACCURACY_TRAINING = _of_the_model(
    "accuracy_training", _on_training, "share of the training split that the model classifies correctly", Need.TRAINING
)
ACCURACY_WITHOUT_IRRELEVANT = _of_the_model(
    "accuracy_without_irrelevant",
    lambda case: correctness_without_irrelevant(case.require_model(), case.samples),
    "accuracy on the explained samples with the fill in place of all that must not matter",
    Need.MODEL,
    Need.IRRELEVANT,
)
ACCURACY_INFORMATIVE = _asked_again("informative", "with a shortcut that tells the class as it did in training")
ACCURACY_FLIPPED = _asked_again("flipped", "with a shortcut that tells another class")
ACCURACY_ABSENT = _asked_again("absent", "without the shortcut")

SHORTCUT_AUROC = _of_the_map(
    "shortcut_auroc",
    lambda case: on_removable(shortcut_auroc, case.removable, case.maps(Sign.ABSOLUTE), case.irrelevant),
    "chance that the map ranks a unit that must not matter above another one",
    Need.IRRELEVANT,
)
SHORTCUT_AUROC_ABSENT = _of_the_map(
    "shortcut_auroc_absent",
    _auroc_when_absent,
    "the same on samples without the shortcut, for the places where it would be",
    Need.IRRELEVANT,
    Need.MODEL,
    Need.EXPLAIN,
    counterfactuals=("absent",),
)
IRRELEVANT_IN_TOP = _of_the_map(
    "irrelevant_in_top",
    lambda case: on_removable(irrelevant_in_top, case.removable, case.maps(Sign.ABSOLUTE), case.irrelevant),
    f"how many of the {TOP} largest attributions are of features that must not matter",
    Need.IRRELEVANT,
    unit=f"features of {TOP}",
    most=float(TOP),
    modalities=frozenset({Modality.TABULAR}),
)
IRRELEVANT_SHARE_PUBLISHED = _of_the_map(
    "irrelevant_share_published",
    lambda case: _share_of(case, case.samples.irrelevant, "irrelevant"),
    "share of the units with an attribution above 0.67 of the largest, in any channel, that must not matter",
    Need.IRRELEVANT,
    unit="share of the large units",
)
EVIDENCE_SHARE_PUBLISHED = _of_the_map(
    "evidence_share_published",
    lambda case: _share_of(case, case.samples.masks, "masks"),
    "share of the units with an attribution above 0.67 of the largest, in any channel, that are evidence",
    Need.MASKS,
    higher_is_better=True,
    unit="share of the large units",
)
