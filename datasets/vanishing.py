"""Series whose evidence lies early, midway or late: does a recurrent network's saliency vanish over time?"""

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import torch
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .randomness import normal, uniform

_STEPS = 100  # T
_FEATURES = 100  # D
_SEED = 0
_SHIFT = 1.0  # mu
_IDS = {Split.TRAIN: torch.arange(1000), Split.TEST: torch.arange(1000, 1300)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """One or more boxes of informative cells at one span of time, the same for every sample; ends are exclusive."""

    name: str
    time: tuple[int, int]
    features: tuple[tuple[int, int], ...]  # one span a box

    def mask(self) -> Tensor:
        """The informative cells, shape (100, 100), bool."""
        mask = torch.zeros(_STEPS, _FEATURES, dtype=torch.bool)
        for first, end in self.features:
            mask[slice(*self.time), first:end] = True
        return mask

    @property
    def share(self) -> float:
        """How much of the series is informative, as a fraction."""
        return self.mask().float().mean().item()


def draw(boxes: Boxes, ids: Tensor, *, seed: int) -> Samples:
    """Generate samples before any scaling; each depends on its id, the boxes and the seed alone.

    Args:
        boxes: where the evidence lies.
        ids: sample ids, shape (N,), non-negative.
        seed: another seed gives another, independent data set.

    Returns:
        Inputs, fill and masks of shape (N, 100, 100) with axes (time, feature). Background and fill are N(0, 1); the
        boxes are drawn anew from N(1, 1) for class 1 and N(-1, 1) for class 0. The masks are the boxes.

    Source:
        ismail2019input, with the boxes of the published code; one random stream a sample instead of one for all.
    """
    shape = (_STEPS, _FEATURES)
    targets = (uniform(ids, (), seed=seed, purpose=f"{boxes.name} class") < 0.5).long()
    background, inside, fill = (
        normal(ids, shape, seed=seed, purpose=f"{boxes.name} {part}") for part in ("background", "box", "fill")
    )
    mask = boxes.mask().to(ids.device)
    inputs = torch.where(mask, inside.add_(_SHIFT * (2 * targets - 1)[:, None, None]), background)
    return Samples(inputs=inputs, targets=targets, ids=ids, fill=fill, masks=mask.expand_as(inputs))


def _load(boxes: Boxes, _root: Path, split: Split) -> Samples:
    asked = _training(boxes) if split is Split.TRAIN else draw(boxes, _IDS[split], seed=_SEED)
    mean, deviation = _training_moments(boxes)
    return Samples(
        inputs=(asked.inputs - mean) / deviation,
        targets=asked.targets,
        ids=asked.ids,
        fill=(asked.fill - mean) / deviation,
        masks=asked.masks,
    )


@lru_cache(maxsize=1)  # 80 MB: training and test samples are often loaded one after the other
def _training(boxes: Boxes) -> Samples:
    return draw(boxes, _IDS[Split.TRAIN], seed=_SEED)


@lru_cache
def _training_moments(boxes: Boxes) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of every cell, shape (T, D) each."""
    deviation, mean = torch.std_mean(_training(boxes).inputs, dim=0, correction=0)
    return mean, deviation


def vanishing(boxes: Boxes) -> Dataset:
    """Declare the data set of some boxes: 1,000 training and 300 test samples.

    Every cell (time, feature) has mean 0 and standard deviation 1 over the training samples. The published boxes are
    not of one size, so random scores do not reach the same AUP on all sets; the description tells which.

    Args:
        boxes: where the evidence lies.

    Returns:
        A data set with the name of the boxes.
    """
    first, end = boxes.time
    count = f"{len(boxes.features)} boxes" if len(boxes.features) > 1 else "a box"
    return Dataset(
        name=boxes.name,
        version=1,
        modality=Modality.SERIES,
        shape=(_STEPS, _FEATURES),
        classes=2,
        load=partial(_load, boxes),
        fill="another draw of the background for the same sample",
        evidence=True,
        budget=Budget(epochs=35, batch_size=50, learning_rate=1e-3),
        description=(
            f"Gaussian noise; {count} at steps {first} to {end - 1}, raised or lowered by class; "
            f"random scores reach an AUP of {0.8 * boxes.share:.3f}"  # an area of width 0.8 under the share
        ),
        reference="ismail2019input",
        counts=Counts(len(_IDS[Split.TRAIN]), len(_IDS[Split.TEST])),
    )


_THREE = ((0, 30), (35, 65), (70, 100))

BOXES = {
    boxes.name: boxes
    for boxes in (
        Boxes(name="vanishing_earlier", time=(0, 30), features=((10, 90),)),
        Boxes(name="vanishing_middle", time=(20, 80), features=((20, 80),)),
        Boxes(name="vanishing_later", time=(70, 100), features=((10, 90),)),
        Boxes(name="vanishing_three_earlier", time=(0, 40), features=_THREE),
        Boxes(name="vanishing_three_middle", time=(25, 65), features=_THREE),
    )
}

(
    VANISHING_EARLIER,
    VANISHING_MIDDLE,
    VANISHING_LATER,
    VANISHING_THREE_EARLIER,
    VANISHING_THREE_MIDDLE,
) = VANISHING = tuple(vanishing(boxes) for boxes in BOXES.values())
