"""Where the boxes of the ten layouts lie."""

import pytest
import torch
from torch import Tensor

from salbench.datasets import LAYOUTS, Layout
from salbench.datasets.layouts import VARIANTS

IDS = torch.arange(2000)
TARGETS = IDS % 2


def starts(masks: Tensor) -> tuple[Tensor, Tensor]:
    """First time and first feature of each box, shape (N,) each."""
    return masks.any(dim=2).int().argmax(dim=1), masks.any(dim=1).int().argmax(dim=1)


def test_middle_is_where_the_code_has_it() -> None:
    expected = torch.zeros(50, 50, dtype=torch.bool)
    expected[10:40, 10:40] = True
    assert (LAYOUTS["middle"].masks(IDS[:3], TARGETS[:3], seed=0) == expected).all()


def test_rare_feature_is_six_features_for_forty_steps() -> None:
    expected = torch.zeros(50, 50, dtype=torch.bool)
    expected[5:45, 22:28] = True
    assert (LAYOUTS["rare_feature"].masks(IDS[:3], TARGETS[:3], seed=0) == expected).all()


def test_there_are_ten() -> None:
    assert len(LAYOUTS) == 10
    assert [name for name, layout in LAYOUTS.items() if layout.positional] == ["positional_time", "positional_feature"]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_box_is_whole(layout: Layout) -> None:
    masks = layout.masks(IDS, TARGETS, seed=0)
    time, feature = layout.size
    assert masks.any(dim=2).sum(dim=1).eq(time).all()
    assert masks.any(dim=1).sum(dim=1).eq(feature).all()
    assert masks.sum(dim=(1, 2)).eq(time * feature).all()


@pytest.mark.parametrize("name", ["moving_middle", "moving_small_middle", "moving_rare_time", "moving_rare_feature"])
def test_a_moving_box_reaches_every_start_but_the_last(name: str) -> None:
    layout = LAYOUTS[name]
    for start, size in zip(starts(layout.masks(IDS, TARGETS, seed=0)), layout.size, strict=True):
        assert start.unique().tolist() == list(range(50 - size))


@pytest.mark.parametrize(("name", "frozen"), [("positional_time", 1), ("positional_feature", 0)])
def test_the_frozen_axis_tells_the_class(name: str, frozen: int) -> None:
    axes = starts(LAYOUTS[name].masks(IDS, TARGETS, seed=0))
    assert torch.equal(axes[frozen], torch.where(TARGETS == 1, 1, 29))
    assert axes[1 - frozen].unique().tolist() == list(range(30))


def test_a_box_depends_on_its_own_sample_only() -> None:
    masks = LAYOUTS["moving_middle"].masks(IDS, TARGETS, seed=0)
    some = torch.tensor([1700, 3, 44])
    assert torch.equal(LAYOUTS["moving_middle"].masks(IDS[some], TARGETS[some], seed=0), masks[some])


def test_the_code_has_a_smaller_small_middle() -> None:
    masks = VARIANTS["small_middle_as_coded"].masks(IDS[:3], TARGETS[:3], seed=0)
    assert masks[:, 18:32, 18:32].all()
    assert masks.sum(dim=(1, 2)).eq(14 * 14).all()


@pytest.mark.parametrize(("name", "moving"), [("moving_rare_time_one_axis", 0), ("moving_rare_feature_one_axis", 1)])
def test_on_one_axis_a_rare_box_moves_along_its_short_side(name: str, moving: int) -> None:
    axes = starts(VARIANTS[name].masks(IDS, TARGETS, seed=0))
    assert axes[moving].unique().tolist() == list(range(44))
    assert axes[1 - moving].eq(5).all()


def test_variants_have_names_of_their_own() -> None:
    assert not set(VARIANTS) & set(LAYOUTS)
    assert [layout.name for layout in VARIANTS.values()] == list(VARIANTS)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("middle", "a 30 by 30 box at step 10 and feature 10, raised or lowered by class"),
        ("moving_rare_time", "a 6 by 40 box at any step and any feature, raised or lowered by class"),
        ("positional_time", "a raised 20 by 20 box at any step and feature 29 or 1 by class"),
    ],
)
def test_a_layout_in_words(name: str, words: str) -> None:
    assert LAYOUTS[name].words == words
