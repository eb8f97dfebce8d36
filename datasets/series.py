"""Synthetic multivariate time series: a random background, and a box of shifted values that tells the class."""

from functools import lru_cache, partial
from pathlib import Path

import torch
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .layouts import FEATURES, LAYOUTS, STEPS, Layout
from .processes import GAUSSIAN, Process, generate
from .randomness import normal, uniform
from .signals import PROCESSES

_SEED = 0  # the data are part of the benchmark, so they have one seed
_SHIFT = 1.0  # mu
UNSCALED = "_unscaled"  # what the names of series end with whose values are as they were drawn
_IDS = {Split.TRAIN: torch.arange(1000), Split.TEST: torch.arange(1000, 1100)}


def draw(layout: Layout, ids: Tensor, *, seed: int, process: Process = GAUSSIAN) -> Samples:
    """Generate samples before any scaling; each depends on its id, the layout, the process and the seed alone.

    Background and fill are independent draws of the process. In the box, 1 is added for class 1 and -1 for class 0; for
    a positional layout 1 for both. Gaussian noise is first drawn anew there. Classes and boxes depend on the layout
    alone, so the processes of one layout share them.

    Args:
        layout: where the box lies.
        ids: sample ids, shape (N,), non-negative.
        seed: another seed gives another, independent data set.
        process: what generates the background.

    Returns:
        Inputs, fill and masks of shape (N, 50, 50) with axes (time, feature); the masks are the box, for both classes.

    Source:
        ismail2020benchmarking; one random stream a sample instead of one for all.
    """
    shape = (STEPS, FEATURES)
    name = _name(layout, process)
    targets = (uniform(ids, (), seed=seed, purpose=f"{layout.name} class") < 0.5).long()
    masks = layout.masks(ids, targets, seed=seed)
    background, fill = (
        generate(process, ids, shape, seed=seed, purpose=f"{name} {part}") for part in ("background", "fill")
    )
    inside = normal(ids, shape, seed=seed, purpose=f"{name} box") if process == GAUSSIAN else background
    signs = torch.ones_like(targets) if layout.positional else 2 * targets - 1
    inputs = torch.where(masks, inside + _SHIFT * signs[:, None, None], background)
    return Samples(inputs=inputs, targets=targets, ids=ids, fill=fill, masks=masks)


def _load(layout: Layout, _root: Path, split: Split, *, process: Process = GAUSSIAN, scaled: bool = True) -> Samples:
    training = split is Split.TRAIN
    asked = _training(layout, process) if training else draw(layout, _IDS[split], seed=_SEED, process=process)
    if not scaled:
        return asked
    lowest, highest = _training_range(layout, process)
    return Samples(
        inputs=(asked.inputs - lowest) / (highest - lowest),
        targets=asked.targets,
        ids=asked.ids,
        fill=(asked.fill - lowest) / (highest - lowest),
        masks=asked.masks,
    )


@lru_cache(maxsize=1)  # 22 MB: training and test samples are often loaded one after the other
def _training(layout: Layout, process: Process) -> Samples:
    return draw(layout, _IDS[Split.TRAIN], seed=_SEED, process=process)


@lru_cache
def _training_range(layout: Layout, process: Process) -> tuple[Tensor, Tensor]:
    """Smallest and largest value of every cell, shape (T, D) each."""
    lowest, highest = _training(layout, process).inputs.aminmax(dim=0)
    return lowest, highest


def series(
    layout: Layout, *, process: Process = GAUSSIAN, scaled: bool = True, description: str | None = None
) -> Dataset:
    """Declare the data set of one layout and process: 1,000 training and 100 test samples.

    Args:
        layout: where the box lies.
        process: what generates the background.
        scaled: every cell (time, feature) by the smallest and largest value of the training samples there, so that
            training inputs lie in [0, 1] and test inputs and fill may go slightly beyond, as in the code of
            ismail2020benchmarking; else the values are those that were drawn.
        description: what tells the class, in a line; by default made of the layout and the process.

    Returns:
        A data set with the name of the layout, followed by that of a process other than Gaussian noise, and by
        "unscaled".

    >>> series(LAYOUTS["middle"], process=PROCESSES["autoregressive"]).name
    'middle_autoregressive'
    """
    load = partial(_load, layout)  # its settings are part of the identity of stored results: defaults stay unsaid
    if process != GAUSSIAN:
        load = partial(load, process=process)
    if not scaled:
        load = partial(load, scaled=False)
    return Dataset(
        name=_name(layout, process) + ("" if scaled else UNSCALED),
        version=1,
        modality=Modality.SERIES,
        shape=(STEPS, FEATURES),
        classes=2,
        load=load,
        fill="another draw of the background for the same sample",
        evidence=True,
        budget=Budget(epochs=35, batch_size=50, learning_rate=1e-3),
        description=description or f"{process.words}; {layout.words}" + ("" if scaled else "; values as drawn"),
        reference="ismail2020benchmarking",
        counts=Counts(len(_IDS[Split.TRAIN]), len(_IDS[Split.TEST])),
    )


def _name(layout: Layout, process: Process) -> str:
    return layout.name if process == GAUSSIAN else f"{layout.name}_{process.name}"


(
    MIDDLE,
    SMALL_MIDDLE,
    MOVING_MIDDLE,
    MOVING_SMALL_MIDDLE,
    RARE_TIME,
    MOVING_RARE_TIME,
    RARE_FEATURE,
    MOVING_RARE_FEATURE,
    POSITIONAL_TIME,
    POSITIONAL_FEATURE,
) = GAUSSIAN_SERIES = tuple(series(layout) for layout in LAYOUTS.values())

UNSCALED_SERIES = tuple(series(layout, scaled=False) for layout in LAYOUTS.values())

# two layouts with every other process; the remaining combinations are declared with `series`
PROCESS_SERIES = tuple(
    series(LAYOUTS[layout], process=process)
    for layout in ("middle", "rare_feature")
    for process in PROCESSES.values()
    if process != GAUSSIAN
)
