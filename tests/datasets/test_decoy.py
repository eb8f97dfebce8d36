"""Decoy images: the shade formula, the corners, and what the shade tells in each kind of test."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from salbench.datasets import Samples, Split
from salbench.datasets.decoy import (
    DECOY_DIGITS,
    DECOY_DIGITS_SCALED,
    PLAIN_DIGITS,
    PLAIN_DIGITS_SCALED,
    Shade,
    decoy,
    with_swatches,
)


def blank(count: int = 2000, height: int = 28, width: int = 28) -> Samples:
    inputs = torch.full((count, 1, height, width), 7.0)
    ids = torch.arange(count)
    return Samples(inputs=inputs, targets=ids % 10, ids=ids, fill=torch.zeros_like(inputs))


def told(samples: Samples) -> Tensor:
    """The class that each swatch tells, (255 − shade) / 25, and that it has one shade."""
    assert samples.irrelevant is not None
    shades = samples.inputs[samples.irrelevant].view(len(samples), -1)
    assert (shades == shades[:, :1]).all()
    return (255 - shades[:, 0]) / 25


def test_the_shade_is_255_minus_25_times_the_digit() -> None:
    samples = with_swatches(blank(10), Shade.INFORMATIVE, side=4)
    assert samples.irrelevant is not None
    assert samples.inputs[3][samples.irrelevant[3]].tolist() == [180.0] * 16
    assert samples.inputs[9][samples.irrelevant[9]].tolist() == [30.0] * 16
    assert samples.inputs[3][~samples.irrelevant[3]].unique().tolist() == [7.0]


def test_each_corner_is_taken_by_a_quarter() -> None:
    swatch = with_swatches(blank(), Shade.ABSENT, side=4).irrelevant
    assert swatch is not None
    corners = torch.stack([swatch[:, 0, row, column] for row in (0, 27) for column in (0, 27)], dim=1)
    assert (corners.sum(dim=1) == 1).all()
    assert (swatch.flatten(1).sum(dim=1) == 16).all()
    assert torch.allclose(corners.float().mean(dim=0), torch.tensor(0.25), atol=0.04)
    assert swatch[corners[:, 3]][0, 0, 24:, 24:].all()


def test_shades_of_the_published_test_are_uniform() -> None:
    samples = with_swatches(blank(), Shade.RANDOM, side=4)
    counts = told(samples).long().bincount(minlength=10) / len(samples)
    assert torch.allclose(counts, torch.tensor(0.1), atol=0.027)
    assert (told(samples) == samples.targets).float().mean().item() == pytest.approx(0.1, abs=0.03)


def test_flipped_shades_tell_each_other_class() -> None:
    samples = with_swatches(blank(), Shade.FLIPPED, side=4)
    shifts = (told(samples).long() - samples.targets) % 10
    assert set(shifts.tolist()) == set(range(1, 10))


def test_without_a_swatch_the_images_are_as_they_were() -> None:
    assert torch.equal(with_swatches(blank(), Shade.ABSENT, side=4).inputs, blank().inputs)


def test_a_sample_has_its_swatch_in_every_subset_and_order() -> None:
    whole = with_swatches(blank(20), Shade.RANDOM, side=4)
    chosen = torch.tensor([13, 2])
    assert torch.equal(with_swatches(blank(20)[chosen], Shade.RANDOM, side=4).inputs, whole.inputs[chosen])


def test_another_seed_gives_other_corners() -> None:
    first, second = (with_swatches(blank(), Shade.ABSENT, side=4, seed=seed).irrelevant for seed in (0, 1))
    assert first is not None
    assert second is not None
    assert not torch.equal(first, second)


@pytest.mark.parametrize("side", [0, 5])
def test_a_swatch_must_fit(side: int) -> None:
    with pytest.raises(ValueError, match=rf"side must lie in \[1, 4\] for images of 8×10, got {side}"):
        with_swatches(blank(2, 8, 10), Shade.RANDOM, side=side)


class TestDigits:
    def test_training_shades_tell_the_class_and_test_shades_do_not(self) -> None:
        train, test = (DECOY_DIGITS.load(Path(), split) for split in Split)
        assert torch.equal(told(train), train.targets.float())
        assert (told(test) == test.targets).float().mean() < 0.2

    def test_corners_are_one_in_every_test(self) -> None:
        tests = [decoy("digits", test=shade).load(Path(), Split.TEST) for shade in Shade]
        for samples in tests:
            assert samples.irrelevant is not None
            assert tests[0].irrelevant is not None
            assert torch.equal(samples.irrelevant, tests[0].irrelevant)
            assert torch.equal(samples.inputs[~samples.irrelevant], tests[0].inputs[~samples.irrelevant])

    def test_without_swatches_they_are_the_plain_digits(self) -> None:
        absent = decoy("digits", test=Shade.ABSENT).load(Path(), Split.TEST)
        plain = PLAIN_DIGITS.load(Path(), Split.TEST)
        assert torch.equal(absent.inputs, plain.inputs)
        assert plain.irrelevant is None

    def test_other_tests_have_the_same_training_images(self) -> None:
        train = decoy("digits", test=Shade.FLIPPED).load(Path(), Split.TRAIN)
        assert torch.equal(train.inputs, DECOY_DIGITS.load(Path(), Split.TRAIN).inputs)

    def test_scaled_values_lie_in_0_to_1(self) -> None:
        raw, scaled = DECOY_DIGITS.load(Path(), Split.TRAIN), DECOY_DIGITS_SCALED.load(Path(), Split.TRAIN)
        assert torch.equal(scaled.inputs, raw.inputs / 255)
        assert PLAIN_DIGITS_SCALED.load(Path(), Split.TEST).inputs.max() == 1
        assert raw.inputs.max() == 255


def test_names_say_what_the_test_is() -> None:
    assert DECOY_DIGITS_SCALED.name == "decoy_digits_scaled"
    assert decoy("mnist", test=Shade.ABSENT).name == "decoy_mnist_test_absent"
    assert decoy("fashion_mnist", scaled=True, test=Shade.FLIPPED).name == "decoy_fashion_mnist_scaled_test_flipped"


@pytest.mark.parametrize("images", ["emnist", ""])
def test_unknown_images_are_refused(images: str) -> None:
    with pytest.raises(ValueError, match=f"images must be one of digits, mnist, fashion_mnist, got '{images}'"):
        decoy(images)
