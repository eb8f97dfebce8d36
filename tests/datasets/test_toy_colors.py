"""Toy colors."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from salbench.datasets import Samples, Split
from salbench.datasets.toy_colors import (
    PALETTE,
    TOY_COLORS,
    TOY_COLORS_ANTI_RULE_1,
    Annotation,
    annotation_mask,
    draw_colors,
    rule_pixels,
    toy_colors,
)


@pytest.fixture(scope="module")
def train() -> Samples:
    return TOY_COLORS.load(Path(), Split.TRAIN)


def rules(samples: Samples) -> tuple[Tensor, Tensor]:
    """Which images satisfy rule 1 and rule 2, read off the pixels."""
    corners = samples.inputs[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]  # (N, 3, 4)
    one_color = (corners == corners[:, :, :1]).all(dim=2).all(dim=1)
    top = samples.inputs[:, :, 0, 1:4]
    pairs = [(top[:, :, i] != top[:, :, j]).any(dim=1) for i, j in ((0, 1), (1, 2), (0, 2))]
    return one_color, pairs[0] & pairs[1] & pairs[2]


@pytest.mark.parametrize("split", Split)
def test_class_0_satisfies_both_rules_and_class_1_neither(split: Split) -> None:
    samples = TOY_COLORS.load(Path(), split)
    for satisfied in rules(samples):
        assert torch.equal(satisfied, samples.targets == 0)


def test_every_pixel_has_a_color_of_the_palette(train: Samples) -> None:
    found = train.inputs[:2000].permute(0, 2, 3, 1).reshape(-1, 3).unique(dim=0)
    assert {tuple(color) for color in found.int().tolist()} == set(PALETTE)


def test_classes_are_a_fair_coin(train: Samples) -> None:
    assert train.targets.float().mean().item() == pytest.approx(0.5, abs=0.015)  # 4 standard errors


def test_what_a_rule_does_not_read_is_uniform(train: Samples) -> None:
    red = (train.inputs[:, 0] == 255) & (train.inputs[:, 1] == 0)
    assert red[:, 2, 2].float().mean().item() == pytest.approx(1 / 4, abs=0.013)


def test_three_distinct_colors_come_in_all_24_orders_alike() -> None:
    colors, classes = draw_colors(np.random.default_rng(0), 48_000)
    top = colors[classes == 0][:, 0, 1:4]
    counts = np.unique(top @ [16, 4, 1], return_counts=True)[1]
    assert len(counts) == 24
    assert (abs(counts / len(top) - 1 / 24) < 0.006).all()


def test_a_broken_corner_is_one_of_the_upper_two() -> None:
    colors, classes = draw_colors(np.random.default_rng(0), 20_000)
    broken = colors[classes == 1]
    right, left = broken[:, 0, -1] != broken[:, -1, 0], broken[:, 0, 0] != broken[:, -1, -1]
    assert (right | left).all()
    # each is redrawn in half the images, and differs by chance in 3 / 4 of the other half
    assert right.mean() == pytest.approx(7 / 8, abs=0.014)
    assert left.mean() == pytest.approx(7 / 8, abs=0.014)


def test_a_third_color_alike_is_rarer_than_a_second() -> None:
    """4 of the 64 draws have three alike, and no drawing again adds to them."""
    colors, classes = draw_colors(np.random.default_rng(0), 40_000)
    top = colors[classes == 1][:, 0, 1:4]
    assert (top == top[:, :1]).all(axis=1).mean() == pytest.approx(4 / 64, abs=0.008)


@pytest.mark.parametrize(
    ("annotation", "ones"), [("anti_rule_1", 12), ("anti_rule_2", 9), ("pro_rule_1", 63), ("pro_rule_2", 66)]
)
def test_annotation_masks(annotation: Annotation, ones: int) -> None:
    assert annotation_mask(annotation).sum() == ones
    samples = toy_colors(annotation).load(Path(), Split.TEST)
    assert samples.irrelevant is not None
    assert samples.masks is not None
    assert torch.equal(samples.irrelevant[-1], annotation_mask(annotation))
    assert not (samples.irrelevant & samples.masks).any()


def test_rule_pixels_are_corners_and_top_middle() -> None:
    assert rule_pixels(1)[0].int().tolist() == [[1, 0, 0, 0, 1], [0] * 5, [0] * 5, [0] * 5, [1, 0, 0, 0, 1]]
    assert rule_pixels(2)[2].int().tolist() == [[0, 1, 1, 1, 0], [0] * 5, [0] * 5, [0] * 5, [0] * 5]


def test_the_evidence_is_what_either_rule_reads(train: Samples) -> None:
    assert train.irrelevant is None
    assert train.masks is not None
    assert torch.equal(train.masks[0], rule_pixels(1) | rule_pixels(2))


def test_annotations_do_not_change_the_images(train: Samples) -> None:
    assert torch.equal(TOY_COLORS_ANTI_RULE_1.load(Path(), Split.TRAIN).inputs, train.inputs)


def test_the_fill_is_another_image(train: Samples) -> None:
    assert not (train.fill == train.inputs).flatten(1).all(dim=1).any()
    assert set(train.fill.unique().tolist()) == {0, 128, 255}


def test_an_unknown_annotation_is_refused() -> None:
    with pytest.raises(ValueError, match=r"anti_rule_1.*got 'rule_1'"):
        toy_colors("rule_1")  # type: ignore[arg-type]
