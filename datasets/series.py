"""Synthetic multivariate time series: noise, and a box of shifted noise that tells the class."""

from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from .base import Budget, Dataset, Modality, Samples, Split
from .layouts import FEATURES, LAYOUTS, STEPS, Layout
from .randomness import normal, uniform

_SEED = 0  # the data are part of the benchmark, so they have one seed
_SHIFT = 1.0  # mu
_IDS = {Split.TRAIN: torch.arange(1000), Split.TEST: torch.arange(1000, 1100)}


def draw(layout: Layout, ids: Tensor, *, seed: int) -> Samples:
    """Generate samples before any scaling; each depends on its id, the layout and the seed alone.

    Background and fill are independent draws of N(0, 1). The box is drawn anew from N(1, 1) for class 1 and N(-1, 1)
    for class 0; for a positional layout from N(1, 1) for both.

    Args:
        layout: where the box lies.
        ids: sample ids, shape (N,), non-negative.
        seed: another seed gives another, independent data set.

    Returns:
        Inputs, fill and masks of shape (N, 50, 50) with axes (time, feature); the masks are the box, for both classes.

    Source:
        ismail2020benchmarking, the Gaussian process; one random stream a sample instead of one for all.
    """
    shape = (STEPS, FEATURES)
    targets = (uniform(ids, (), seed=seed, purpose=f"{layout.name} class") < 0.5).long()
    masks = layout.masks(ids, targets, seed=seed)
    background, box, fill = (
        normal(ids, shape, seed=seed, purpose=f"{layout.name} {part}") for part in ("background", "box", "fill")
    )
    signs = torch.ones_like(targets) if layout.positional else 2 * targets - 1
    inputs = torch.where(masks, box + _SHIFT * signs[:, None, None], background)
    return Samples(inputs=inputs, targets=targets, ids=ids, fill=fill, masks=masks)


def _load(layout: Layout, _root: Path, split: Split) -> Samples:
    training = draw(layout, _IDS[Split.TRAIN], seed=_SEED)
    lowest, highest = training.inputs.aminmax(dim=0)  # (T, D)
    asked = training if split is Split.TRAIN else draw(layout, _IDS[split], seed=_SEED)
    return Samples(
        inputs=(asked.inputs - lowest) / (highest - lowest),
        targets=asked.targets,
        ids=asked.ids,
        fill=(asked.fill - lowest) / (highest - lowest),
        masks=asked.masks,
    )


def series(layout: Layout, *, description: str) -> Dataset:
    """Declare the data set of one layout: 1,000 training and 100 test samples.

    Every cell (time, feature) is scaled by the smallest and largest value of the training samples there, so training
    inputs lie in [0, 1] and test inputs and fill may go slightly beyond.

    Args:
        layout: where the box lies.
        description: what tells the class, in a line.

    Returns:
        A data set with the name of the layout.
    """
    return Dataset(
        name=layout.name,
        version=1,
        modality=Modality.SERIES,
        shape=(STEPS, FEATURES),
        classes=2,
        load=partial(_load, layout),
        fill="another draw of the background for the same sample",
        evidence=True,
        budget=Budget(epochs=35, batch_size=50, learning_rate=1e-3),
        description=description,
        reference="ismail2020benchmarking",
    )


MIDDLE = series(LAYOUTS["middle"], description="noise of 50 steps by 50 features; a shifted 30 by 30 box in the middle")
RARE_FEATURE = series(
    LAYOUTS["rare_feature"], description="noise of 50 steps by 50 features; 6 features are shifted for 40 steps"
)
