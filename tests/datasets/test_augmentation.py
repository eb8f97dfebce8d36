"""Random flips and crops."""

import pytest
import torch
from torch import Tensor

from salbench.datasets.augmentation import flip_and_crop


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def inputs() -> Tensor:
    return torch.arange(1.0, 1 + 500 * 2 * 4 * 5).view(500, 2, 4, 5)


def test_without_padding_an_image_is_itself_or_its_mirror_image(inputs: Tensor) -> None:
    changed = flip_and_crop(inputs, generator(), padding=0)
    same = (changed == inputs).flatten(1).all(dim=1)
    mirrored = (changed == inputs.flip(3)).flatten(1).all(dim=1)
    assert (same ^ mirrored).all()
    assert 0.4 < mirrored.float().mean() < 0.6


def test_every_crop_is_a_window_of_the_padded_image_and_all_windows_occur(inputs: Tensor) -> None:
    changed = flip_and_crop(inputs, generator(), padding=1, border=(-1.0, -2.0))
    seen = set()
    for original, crop in zip(inputs, changed, strict=True):
        frame = torch.tensor([-1.0, -2.0])[:, None, None].expand(2, 6, 7).clone()
        frame[:, 1:5, 1:6] = original
        windows = {
            (flip, top, left): (frame.flip(2) if flip else frame)[:, top : top + 4, left : left + 5]
            for flip in (False, True)
            for top in range(3)
            for left in range(3)
        }
        places = [place for place, window in windows.items() if torch.equal(window, crop)]
        assert len(places) == 1
        seen.add(places[0])
    assert len(seen) == 18


def test_equal_generators_give_equal_images(inputs: Tensor) -> None:
    assert torch.equal(flip_and_crop(inputs, generator(3)), flip_and_crop(inputs, generator(3)))
    assert not torch.equal(flip_and_crop(inputs, generator(3)), flip_and_crop(inputs, generator(4)))


def test_the_batch_itself_is_not_changed(inputs: Tensor) -> None:
    before = inputs.clone()
    flip_and_crop(inputs, generator())
    assert torch.equal(inputs, before)
