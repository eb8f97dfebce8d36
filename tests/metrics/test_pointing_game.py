import pytest
import torch

from salbench.metrics.pointing_game import pointing_game


def test_peak_inside_the_mask_scores_one() -> None:
    maps = torch.tensor([[0.1, -0.9, 0.0], [0.8, 0.1, 0.1]])
    masks = torch.tensor([[False, True, False], [False, True, False]])
    assert pointing_game(maps, masks).tolist() == [1.0, 0.0]


def test_of_equal_peaks_the_share_inside_counts() -> None:
    masks = torch.tensor([[True, False, False, True]])
    assert pointing_game(torch.tensor([[2.0, -2.0, 1.0, 0.0]]), masks).tolist() == [0.5]
    assert pointing_game(torch.zeros(1, 4), masks).tolist() == [0.5]


def test_empty_mask_is_nan_and_full_mask_is_one() -> None:
    assert pointing_game(torch.ones(1, 3), torch.zeros(1, 3).bool()).isnan().all()
    assert pointing_game(torch.rand(1, 3), torch.ones(1, 3).bool()).tolist() == [1.0]
    assert pointing_game(torch.zeros(1, 1), torch.ones(1, 1).bool()).tolist() == [1.0]


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_neither_scale_nor_order_changes_anything(scale: float) -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(50, 9, generator=generator)
    masks = torch.rand(50, 9, generator=generator) < 0.4
    scores = pointing_game(maps, masks)
    torch.testing.assert_close(pointing_game(maps * scale, masks), scores, equal_nan=True)
    torch.testing.assert_close(pointing_game(maps.flip(0), masks.flip(0)).flip(0), scores, equal_nan=True)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 4\)"):
        pointing_game(torch.ones(2, 3), torch.zeros(2, 4).bool())
