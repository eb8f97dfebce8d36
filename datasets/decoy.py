"""Decoy images: a gray swatch in a corner whose shade tells the class, in training alone."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from .base import ASIDE, Budget, Counterfactual, Counts, Dataset, Modality, Samples, Split
from .digits import DIGITS
from .files.source import Source
from .mnist import FASHION_MNIST, MNIST, load_images
from .randomness import uniform

BRIGHTEST = 255  # pixel values
_STEP = 25  # between the shades of two classes
_CLASSES = 10


class Shade(StrEnum):
    """What the swatch tells about the class."""

    INFORMATIVE = "informative"  # the class, as in training
    RANDOM = "random"  # any of the ten shades with equal chance, as in the published test
    FLIPPED = "flipped"  # another class, each of the nine with equal chance
    ABSENT = "absent"  # nothing, there is no swatch


def with_swatches(samples: Samples, shade: Shade, *, side: int, seed: int = 0) -> Samples:
    """Put a swatch into one corner of each image; corner and draws depend on the sample's id and the seed alone.

    Args:
        samples: images with pixel values of 0 to 255, shape (N, 1, H, W), in up to ten classes.
        shade: how the shade, 255 − 25 · digit, is chosen.
        side: of the swatch, in pixels.
        seed: another seed gives other corners and shades.

    Returns:
        The same samples with `irrelevant` set to the pixels of the swatch, or to where it would be.

    Raises:
        ValueError: a swatch that does not fit into half of the image's height or width.

    Source:
        ross2017right, section 3.2; one random stream a sample instead of one for all.
    """
    height, width = samples.inputs.shape[-2:]
    if not 1 <= side <= min(height, width) // 2:
        raise ValueError(f"side must lie in [1, {min(height, width) // 2}] for images of {height}×{width}, got {side}")
    down, across, draw = uniform(samples.ids, (3,), seed=seed, purpose="decoy").unbind(dim=1)
    swatch = _strip(down, height, side)[:, None, :, None] & _strip(across, width, side)[:, None, None, :]
    digit = {
        Shade.INFORMATIVE: samples.targets,
        Shade.RANDOM: (draw * _CLASSES).long(),
        Shade.FLIPPED: (samples.targets + 1 + (draw * (_CLASSES - 1)).long()) % _CLASSES,
    }
    inputs = samples.inputs
    if shade is not Shade.ABSENT:
        gray = (BRIGHTEST - _STEP * digit[shade]).to(inputs.dtype)
        inputs = torch.where(swatch, gray[:, None, None, None], inputs)
    return replace(samples, inputs=inputs, irrelevant=swatch)


def _strip(coin: Tensor, length: int, side: int) -> Tensor:
    """The first or the last places of an axis for each sample, bool of shape (N, length)."""
    places = torch.arange(length, device=coin.device)
    return torch.where((coin < 0.5)[:, None], places < side, places >= length - side)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Images:
    """Images to put swatches on."""

    load: Callable[[Path, Split], Samples]  # with pixels in [0, 1] and a black background
    shape: tuple[int, ...]
    side: int  # of the swatch
    source: Source | None
    counts: Counts | None = field(metadata=ASIDE)
    epochs: int
    kind: str


def _released(dataset: Dataset, kind: str) -> _Images:
    assert dataset.source is not None
    load = partial(load_images, dataset.source, 0.0, 1.0)
    return _Images(
        load=load,
        shape=dataset.shape,
        side=4,
        source=dataset.source,
        counts=dataset.counts,
        epochs=64,
        kind=kind,
    )


_IMAGES = {
    "digits": _Images(
        load=DIGITS.load,
        shape=DIGITS.shape,
        side=2,
        source=None,
        counts=DIGITS.counts,
        epochs=200,
        kind="8×8 handwritten digits",
    ),
    "mnist": _released(MNIST, "handwritten digits"),
    "fashion_mnist": _released(FASHION_MNIST, "photographs of clothes"),
}


def _load(
    images: _Images, training: Shade | None, test: Shade | None, scaled: bool, root: Path, split: Split
) -> Samples:
    unit = images.load(root, split)
    pixels = (unit.inputs * BRIGHTEST).round()
    samples = Samples(inputs=pixels, targets=unit.targets, ids=unit.ids, fill=unit.fill * BRIGHTEST)
    shade = training if split is Split.TRAIN else test
    if shade is not None:
        samples = with_swatches(samples, shade, side=images.side)
    if not scaled:
        return samples
    return replace(samples, inputs=samples.inputs / BRIGHTEST, fill=samples.fill / BRIGHTEST)


def decoy(images: str, *, scaled: bool = False, test: Shade = Shade.RANDOM) -> Dataset:
    """Declare a data set whose training images have a swatch of a telling shade.

    Args:
        images: "digits", "mnist" or "fashion_mnist".
        scaled: values in [0, 1] instead of the published 0 to 255.
        test: the shades of the test split; corners are the same for all. Accuracy that differs between them is due to
            the swatch alone.

    Returns:
        A data set named after its images, with "_scaled" if it is, and "_test_SHADE" for a test that is not the
        published one. The published one has the other tests as its counterfactuals, for the same model.

    Raises:
        ValueError: unknown images.

    Source:
        ross2017right, section 3.2, for MNIST. Ours: Fashion-MNIST alike, and digits, rounded to 0 to 255, with swatches
        of 2×2 pixels; every test but that of random shades.
    """
    chosen = _chosen(images)
    side = chosen.side
    told = {
        Shade.INFORMATIVE: "and in the test too",
        Shade.RANDOM: "and nothing in the test",
        Shade.FLIPPED: "and another class in the test",
        Shade.ABSENT: "and is absent in the test",
    }
    return _declare(
        chosen,
        f"decoy_{images}",
        suffix="" if test is Shade.RANDOM else f"_test_{test}",
        load=partial(_load, chosen, Shade.INFORMATIVE, test, scaled),
        scaled=scaled,
        description=f"a swatch of {side}×{side} pixels tells the class in training {told[test]}",
        counterfactuals=tuple(
            Counterfactual(shade, decoy(images, scaled=scaled, test=shade))
            for shade in Shade
            if test is Shade.RANDOM and shade is not test
        ),
    )


def plain(images: str, *, scaled: bool = False) -> Dataset:
    """Declare the baseline of a decoy data set: the same images on the same scale without swatches."""
    chosen = _chosen(images)
    load = partial(_load, chosen, None, None, scaled)
    description = "the baseline of the decoy set, without swatches"
    return _declare(chosen, f"plain_{images}", suffix="", load=load, scaled=scaled, description=description)


def _chosen(images: str) -> _Images:
    if images not in _IMAGES:
        raise ValueError(f"images must be one of {', '.join(_IMAGES)}, got {images!r}")
    return _IMAGES[images]


def _declare(
    images: _Images,
    name: str,
    *,
    suffix: str,
    load: Callable[[Path, Split], Samples],
    scaled: bool,
    description: str,
    counterfactuals: tuple[Counterfactual, ...] = (),
) -> Dataset:
    values = "[0, 1]" if scaled else "0 to 255"
    return Dataset(
        name=name + ("_scaled" if scaled else "") + suffix,
        version=1,
        modality=Modality.IMAGE,
        shape=images.shape,
        classes=_CLASSES,
        load=load,
        fill="the background, pixel value 0",
        evidence=False,
        budget=Budget(epochs=images.epochs, batch_size=256, shuffle=False),
        description=f"{images.kind}, values of {values}; {description}",
        reference="ross2017right",
        counts=images.counts,
        source=images.source,
        counterfactuals=counterfactuals,
    )


DECOY_DIGITS, DECOY_MNIST, DECOY_FASHION_MNIST = map(decoy, _IMAGES)
PLAIN_DIGITS, PLAIN_MNIST, PLAIN_FASHION_MNIST = map(plain, _IMAGES)
DECOY_DIGITS_SCALED, DECOY_MNIST_SCALED, DECOY_FASHION_MNIST_SCALED = (decoy(name, scaled=True) for name in _IMAGES)
PLAIN_DIGITS_SCALED, PLAIN_MNIST_SCALED, PLAIN_FASHION_MNIST_SCALED = (plain(name, scaled=True) for name in _IMAGES)

DECOY_IMAGES = (
    DECOY_DIGITS,
    DECOY_MNIST,
    DECOY_FASHION_MNIST,
    PLAIN_DIGITS,
    PLAIN_MNIST,
    PLAIN_FASHION_MNIST,
    DECOY_DIGITS_SCALED,
    DECOY_MNIST_SCALED,
    DECOY_FASHION_MNIST_SCALED,
    PLAIN_DIGITS_SCALED,
    PLAIN_MNIST_SCALED,
    PLAIN_FASHION_MNIST_SCALED,
)
