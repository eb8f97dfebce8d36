"""Ranges are those of channels, over all samples."""

import pytest
import torch

from salbench.baselines.training.input_range import channel_range


@pytest.mark.parametrize(
    ("shape", "kept"), [((4, 3, 5, 6), (1, 3, 1, 1)), ((4, 5, 3), (1, 1, 3)), ((4, 3), (1, 3))], ids=str
)
def test_each_channel_has_its_own(shape: tuple[int, ...], kept: tuple[int, ...]) -> None:
    scale = torch.tensor([1.0, 2.0, 4.0]).view(kept)
    inputs = scale * torch.rand(shape, generator=torch.Generator().manual_seed(0))
    low, high = channel_range(inputs)
    assert low.shape == high.shape == kept
    assert ((low <= inputs) & (inputs <= high)).all()
    assert (inputs == low).sum() == (inputs == high).sum() == 3


def test_other_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"of 4, 3 or 2 axes, got \(4,\)"):
        channel_range(torch.zeros(4))
