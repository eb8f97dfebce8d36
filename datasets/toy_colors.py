"""Toy colors: 5×5 images of four colors that two independent rules tell apart; which one a model learns is visible."""

from functools import partial
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .randomness import stream

Annotation = Literal["anti_rule_1", "anti_rule_2", "pro_rule_1", "pro_rule_2"]

SIDE = 5  # pixels
PALETTE = ((255, 0, 0), (0, 255, 0), (0, 128, 255), (128, 0, 255))  # red, green, blue, violet
_COUNT = 20_000  # of each split
_FIRST_ID = {Split.TRAIN: 0, Split.TEST: _COUNT}
_TOP_LEFT, _TOP_RIGHT, _BOTTOM_LEFT, _BOTTOM_RIGHT = (0, 0), (0, -1), (-1, 0), (-1, -1)
_TOP_MIDDLE = slice(1, 4)  # columns, in row 0


def rule_pixels(rule: Literal[1, 2]) -> Tensor:
    """The pixels that a rule reads: the four corners for rule 1, the three in the middle of the top row for rule 2.

    Returns:
        Bool, shape (3, 5, 5), with 12 and 9 ones.
    """
    pixels = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    if rule == 1:
        for corner in (_TOP_LEFT, _TOP_RIGHT, _BOTTOM_LEFT, _BOTTOM_RIGHT):
            pixels[corner] = True
    else:
        pixels[0, _TOP_MIDDLE] = True
    return pixels.expand(3, SIDE, SIDE).clone()


def annotation_mask(annotation: Annotation) -> Tensor:
    """What must not matter: the pixels of a rule ("anti"), or all others ("pro"); bool, shape (3, 5, 5)."""
    pixels = rule_pixels(1 if annotation.endswith("1") else 2)
    return pixels if annotation.startswith("anti") else ~pixels


def draw_colors(generator: np.random.Generator, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw images as indices of the palette, with their classes.

    Class 0 satisfies both rules and class 1 neither: all corners have one color; the three pixels in the middle of the
    top row have three.

    Args:
        generator: the only source of randomness.
        count: N.

    Returns:
        Colors of shape (N, 5, 5), and classes of shape (N,).

    Source:
        ross2017right, section 3.1, and the public code for the class (a fair coin) and for what is drawn again until a
        rule holds or fails. Departure: the outcome of drawing again is drawn at once, from the distribution that it
        has: of the six orders of every three colors, the other three colors of a corner, and the other two of a pixel.
    """
    numbers = generator.random((count, SIDE * SIDE + 7))
    colors = _choice(numbers[:, : SIDE * SIDE], len(PALETTE)).reshape(count, SIDE, SIDE)
    coin, side, shift, *draws = numbers[:, SIDE * SIDE :].T
    classes = (coin < 0.5).astype(np.int64)
    both = classes == 0

    corners = [_TOP_LEFT, _TOP_RIGHT, _BOTTOM_LEFT]
    for row, column in corners:
        colors[both, row, column] = colors[both, _BOTTOM_RIGHT[0], _BOTTOM_RIGHT[1]]
    other = 1 + _choice(shift, len(PALETTE) - 1)  # a color differs from another by 1, 2 or 3
    right, left = ~both & (side < 0.5), ~both & (side >= 0.5)
    colors[right, 0, -1] = (colors[right, -1, 0] + other[right]) % len(PALETTE)
    colors[left, 0, 0] = (colors[left, -1, -1] + other[left]) % len(PALETTE)

    colors[both, 0, _TOP_MIDDLE] = np.argsort(np.stack(draws, axis=1), axis=1)[both, :3]  # a random order of four
    top = colors[:, 0, _TOP_MIDDLE]
    distinct = (top[:, 0] != top[:, 1]) & (top[:, 1] != top[:, 2]) & (top[:, 0] != top[:, 2])
    broken = np.flatnonzero(~both & distinct)
    changed, copied = _choice(draws[0], 3)[broken], 1 + _choice(draws[1], 2)[broken]
    top[broken, changed] = top[broken, (changed + copied) % 3]
    return colors, classes


def _choice(uniform: NDArray[np.float64], options: int) -> NDArray[np.int64]:
    return np.floor(uniform * options).astype(np.int64)


def _load(annotation: Annotation | None, _root: Path, split: Split) -> Samples:
    colors, classes = draw_colors(stream("toy colors", 0, _FIRST_ID[split]), _COUNT)
    background, _ = draw_colors(stream("toy colors fill", 0, _FIRST_ID[split]), _COUNT)
    inputs = _images(colors)
    evidence = rule_pixels(1) | rule_pixels(2)
    irrelevant = None if annotation is None else annotation_mask(annotation)
    if irrelevant is not None:
        evidence &= ~irrelevant
    return Samples(
        inputs=inputs,
        targets=torch.from_numpy(classes),
        ids=torch.arange(_COUNT) + _FIRST_ID[split],
        fill=_images(background),
        masks=evidence.expand_as(inputs),
        irrelevant=None if irrelevant is None else irrelevant.expand_as(inputs),
    )


def _images(colors: NDArray[np.int64]) -> Tensor:
    pixels = torch.tensor(PALETTE, dtype=torch.float32)[torch.from_numpy(colors)]  # (N, 5, 5, 3)
    return pixels.permute(0, 3, 1, 2).contiguous()


def toy_colors(annotation: Annotation | None = None) -> Dataset:
    """Declare the data set with one of the four annotations, or without any.

    The evidence is the pixels of both rules, less what is annotated as irrelevant.

    Args:
        annotation: which pixels of every image must not matter.

    Raises:
        ValueError: an unknown annotation.
    """
    if annotation is not None and annotation not in get_args(Annotation):
        raise ValueError(f"annotation must be one of {get_args(Annotation)} or None, got {annotation!r}")
    what = "" if annotation is None else f"; annotated {annotation.replace('_', ' ')}"
    return Dataset(
        name="toy_colors" if annotation is None else f"toy_colors_{annotation}",
        version=1,
        modality=Modality.IMAGE,
        shape=(3, SIDE, SIDE),
        classes=2,
        load=partial(_load, annotation),
        fill="another image of the same kind",
        evidence=True,
        budget=Budget(epochs=64, batch_size=256, shuffle=False),
        description=f"5×5 images with values of 0 to 255 that two rules tell apart, corners and top row{what}",
        reference="ross2017right",
        counts=Counts(_COUNT, _COUNT),
    )


TOY_COLORS = toy_colors()
TOY_COLORS_ANTI_RULE_1 = toy_colors("anti_rule_1")
TOY_COLORS_ANTI_RULE_2 = toy_colors("anti_rule_2")
TOY_COLORS_PRO_RULE_1 = toy_colors("pro_rule_1")
TOY_COLORS_PRO_RULE_2 = toy_colors("pro_rule_2")

ANNOTATED_TOY_COLORS = (TOY_COLORS_ANTI_RULE_1, TOY_COLORS_ANTI_RULE_2, TOY_COLORS_PRO_RULE_1, TOY_COLORS_PRO_RULE_2)
