import pytest
import torch

from salbench.metrics.relevance_mass import relevance_mass


def test_share_by_hand() -> None:
    maps = torch.tensor([[3.0, -4.0, 0.0, 1.0]])
    masks = torch.tensor([[False, True, False, True]])
    assert relevance_mass(maps, masks).tolist() == [5 / 8]


def test_a_constant_map_has_the_share_of_the_mask() -> None:
    assert relevance_mass(torch.full((1, 4), -2.0), torch.tensor([[True, False, False, False]])).tolist() == [0.25]


def test_what_is_undefined_is_nan() -> None:
    masks = torch.tensor([[True, False], [False, False], [True, True]])
    maps = torch.tensor([[0.0, 0.0], [1.0, 1.0], [1.0, 2.0]])
    scores = relevance_mass(maps, masks)
    assert scores.isnan().tolist() == [True, True, False]
    assert scores[2] == 1.0


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_neither_scale_nor_order_changes_anything(scale: float) -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(50, 9, generator=generator)
    masks = torch.rand(50, 9, generator=generator) < 0.4
    scores = relevance_mass(maps, masks)
    torch.testing.assert_close(relevance_mass(maps * scale, masks), scores, equal_nan=True)
    torch.testing.assert_close(relevance_mass(maps.flip(0), masks.flip(0)).flip(0), scores, equal_nan=True)


def test_mass_inside_and_outside_make_one() -> None:
    generator = torch.Generator().manual_seed(1)
    maps = torch.randn(200, 30, generator=generator)
    masks = torch.rand(200, 30, generator=generator) < 0.5
    torch.testing.assert_close(relevance_mass(maps, masks) + relevance_mass(maps, ~masks), torch.ones(200).double())
    assert relevance_mass(maps, torch.ones_like(masks)).tolist() == [1.0] * 200


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 4\)"):
        relevance_mass(torch.ones(2, 3), torch.zeros(2, 4).bool())
