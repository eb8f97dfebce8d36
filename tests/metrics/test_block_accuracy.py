from collections.abc import Callable

import pytest
import torch
from scipy.integrate import trapezoid
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case
from salbench.metrics.block_accuracy import BLOCK_ACCURACY_AREA, HALF_SIDES, block_correctness, with_blocks

COUNT = 2000


class Dark(nn.Module):
    """Class 0 if less than a share of the pixels is bright."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, inputs: Tensor) -> Tensor:
        evidence = (inputs >= 0.5).flatten(1).double().mean(dim=1) - self.share
        return torch.stack([-evidence, evidence], dim=1)


def dark_images(count: int, *shape: int) -> Samples:
    """Black images with one white pixel in the corner, so that the range is [0, 1]; class 0."""
    inputs, ids = torch.zeros(count, *shape), torch.arange(count)
    inputs[:, 0, 0, 0] = 1.0
    return Samples(inputs=inputs, targets=torch.zeros_like(ids), ids=ids, fill=torch.zeros_like(inputs))


def sides(images: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """First row, height, first column and width of each block, read in the second channel, black elsewhere."""
    bright = images[:, 1] > 0
    rows, columns = bright.any(dim=2), bright.any(dim=1)
    assert torch.equal(bright, rows[:, :, None] & columns[:, None, :])  # a full rectangle
    return rows.int().argmax(dim=1), rows.sum(dim=1), columns.int().argmax(dim=1), columns.sum(dim=1)


@pytest.mark.parametrize("largest", [6, 12])
def test_blocks_are_squares_of_all_sizes_and_places(largest: int) -> None:
    images = with_blocks(dark_images(COUNT, 2, 28, 28), largest)
    top, height, left, width = sides(images)
    assert torch.equal(height, width)
    assert sorted(set(height.tolist())) == list(range(4, 2 * largest + 1, 2))  # side 2h for h = 2, …, m
    counts = torch.bincount(height // 2)[2:]
    assert (counts > 0.7 * COUNT / (largest - 1)).all()
    smallest = height == 4
    for start in (top[smallest], left[smallest]):
        assert start.min() == 0
        assert (start + 4).max() == 28


def test_a_block_has_one_bright_value() -> None:
    images = with_blocks(dark_images(COUNT, 3, 28, 28), 8)
    values = images[:, 1].flatten(1).amax(dim=1)  # the second channel is black elsewhere
    assert 0.5 <= values.min() < 0.51
    assert 0.99 < values.max() < 1.0
    assert values.mean().item() == pytest.approx(0.75, abs=0.01)
    for channel in (images[:, 1], images[:, 2]):
        assert (((channel == values[:, None, None]) | (channel == 0)).flatten(1).all(dim=1)).all()


def test_values_follow_the_range_of_normalized_images() -> None:
    samples = dark_images(50, 1, 28, 28)
    normalized = Samples(
        inputs=(samples.inputs - 0.1307) / 0.3081, targets=samples.targets, ids=samples.ids, fill=samples.fill
    )
    torch.testing.assert_close(with_blocks(normalized, 8), (with_blocks(samples, 8) - 0.1307) / 0.3081)


@pytest.mark.parametrize(("side", "smallest", "greatest"), [(2, 2, 2), (8, 2, 6), (14, 2, 12), (56, 8, 48)])
def test_blocks_scale_with_the_image(side: int, smallest: int, greatest: int) -> None:
    _, height, _, width = sides(with_blocks(dark_images(500, 2, side, side), 12))
    assert torch.equal(height, width)
    assert (height.min().item(), height.max().item()) == (smallest, greatest)


def test_the_shorter_side_decides() -> None:
    top, height, left, width = sides(with_blocks(dark_images(COUNT, 2, 28, 90), 12))
    assert torch.equal(height, width)
    assert height.max() == 24
    assert (top + height).max() == 28
    assert (left + width).max() == 90


def test_correctness_by_hand() -> None:
    # a share of a half is more than a block of 2 · 8, (16 / 28)² = 0.33, and less than one of 2 · 10, 0.51
    correct = block_correctness(Dark(0.5).eval(), dark_images(COUNT, 1, 28, 28)).mean(dim=1)
    # h in {10, …, m} is wrong: none of 5 or 7 values, 1 of 9, 3 of 11
    assert correct.tolist() == pytest.approx([1, 1, 1, 8 / 9, 8 / 11], abs=0.03)


def test_score_of_models_that_never_and_always_fall_for_the_block() -> None:
    samples = dark_images(3, 1, 28, 28)

    def score(share: float) -> list[float]:
        model = Dark(share).eval()
        case = Case(samples=samples, attributions=samples.inputs, modality=Modality.IMAGE, model=model)
        return BLOCK_ACCURACY_AREA.score(case).tolist()

    assert score(0.9) == [12.0] * 3  # no block covers so much
    assert score(0.01) == [3.0] * 3  # every one does: half of the step from 0 to 6
    assert all(3.0 <= value <= 12.0 for value in score(0.3))


def test_the_mean_is_the_area_under_the_curve(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.IMAGE)
    assert BLOCK_ACCURACY_AREA.curve is not None
    curve = BLOCK_ACCURACY_AREA.curve(case)
    assert curve["largest half-side"] == list(HALF_SIDES)
    expected = trapezoid(curve["accuracy"], curve["largest half-side"])
    assert BLOCK_ACCURACY_AREA.score(case).mean().item() == pytest.approx(expected)


def test_a_sample_is_given_the_same_block_in_any_order_and_alone() -> None:
    samples, order = dark_images(20, 1, 28, 28), torch.randperm(20)
    images = with_blocks(samples, 8)
    assert torch.equal(with_blocks(samples[order], 8), images[order])
    assert torch.equal(with_blocks(samples[4:5], 8), images[4:5])
    assert not torch.equal(with_blocks(samples, 8, seed=1), images)


def test_only_images_have_blocks(make_case: Callable[..., Case]) -> None:
    obstacle = BLOCK_ACCURACY_AREA.obstacle(make_case(Modality.SERIES))
    assert obstacle == "not defined for series data, only for image"


def test_images_too_small_are_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 2x2.*1x9"):
        with_blocks(dark_images(1, 1, 1, 9), 6)
    with pytest.raises(ValueError, match=r"largest in 2 to 14, got 28x28 and 15"):
        with_blocks(dark_images(1, 1, 28, 28), 15)
