"""Rotation against scipy and numpy."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from salbench.baselines.training.rotation import rotate


@pytest.mark.parametrize("size", [(28, 28), (8, 8), (9, 9), (12, 7)], ids=str)
@pytest.mark.parametrize("degrees", [5.0, 10.0, 15.0, 20.0, 30.0, -20.0])
def test_it_is_the_rotation_of_order_zero_in_scipy(size: tuple[int, int], degrees: float) -> None:
    images = torch.rand(2, 3, *size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    turned = rotate(images, degrees).numpy()
    expected = ndimage.rotate(images.numpy(), degrees, axes=(3, 2), reshape=False, order=0, mode="grid-constant")
    differing = (turned != expected).mean()
    assert differing <= 2 / turned[0, 0].size  # a pixel that came from just between two may go to either


def test_a_quarter_turn_is_counter_clockwise() -> None:
    image = torch.arange(12.0).view(1, 1, 3, 4)[..., :3]
    assert np.array_equal(rotate(image, 90.0)[0, 0].numpy(), np.rot90(image[0, 0].numpy()))


def test_no_turn_changes_nothing() -> None:
    images = torch.rand(2, 1, 6, 5)
    assert torch.equal(rotate(images, 0.0), images)


def test_what_comes_from_outside_is_zero() -> None:
    turned = rotate(torch.ones(1, 1, 20, 20), 20.0)[0, 0]
    assert turned.unique().tolist() == [0.0, 1.0]
    assert turned[0, 0] == turned[0, -1] == turned[-1, 0] == turned[-1, -1] == 0


def test_it_can_be_differentiated() -> None:
    images = torch.rand(1, 2, 5, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda tensor: rotate(tensor, 15.0), images)
