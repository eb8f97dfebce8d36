import pytest
import torch

from salbench.metrics.irrelevant import irrelevant_mass, irrelevant_share

MAPS = torch.tensor([[1.0, -0.7, 0.6, 0.1, 0.0]])
IRRELEVANT = torch.tensor([[False, True, True, False, True]])


def test_share_by_hand() -> None:
    assert irrelevant_share(MAPS, IRRELEVANT).tolist() == [0.5]  # 1.0 and -0.7 are large
    assert irrelevant_share(MAPS, IRRELEVANT, cutoff=0.05).tolist() == [0.5]  # two of four
    assert irrelevant_share(MAPS, IRRELEVANT, cutoff=0.0).tolist() == [0.5]  # zeros are never large


def test_the_cutoff_is_strict() -> None:
    maps = torch.tensor([[4.0, 2.0]])
    assert irrelevant_share(maps, torch.tensor([[False, True]]), cutoff=0.5).tolist() == [0.0]


def test_mass_by_hand() -> None:
    assert irrelevant_mass(MAPS, IRRELEVANT).tolist() == pytest.approx([1.3 / 2.4])


def test_a_constant_map_has_the_share_of_the_annotation() -> None:
    for score in (irrelevant_share, irrelevant_mass):
        assert score(torch.full((1, 5), -2.0), IRRELEVANT).tolist() == pytest.approx([0.6])
        assert score(torch.ones(1, 1), torch.ones(1, 1).bool()).tolist() == [1.0]


def test_without_annotation_or_relevance_it_is_nan() -> None:
    for score in (irrelevant_share, irrelevant_mass):
        assert score(MAPS, torch.zeros_like(IRRELEVANT)).isnan().all()
        assert score(torch.zeros_like(MAPS), IRRELEVANT).isnan().all()


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_neither_scale_nor_order_changes_anything(scale: float) -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(50, 9, generator=generator)
    irrelevant = torch.rand(50, 9, generator=generator) < 0.4
    for score in (irrelevant_share, irrelevant_mass):
        expected = score(maps, irrelevant)
        torch.testing.assert_close(score(maps * scale, irrelevant), expected, equal_nan=True)
        torch.testing.assert_close(score(maps.flip(0), irrelevant.flip(0)).flip(0), expected, equal_nan=True)


def test_dwelling_on_what_does_not_matter_scores_worse() -> None:
    generator = torch.Generator().manual_seed(0)
    irrelevant = (torch.arange(20) < 10).expand(500, -1)
    chance = torch.rand(500, 20, generator=generator)
    for score in (irrelevant_share, irrelevant_mass):
        right, middle, wrong = (
            score(maps, irrelevant).mean().item() for maps in (chance * ~irrelevant, chance, chance * irrelevant)
        )
        assert (right, wrong) == (0, 1)
        assert middle == pytest.approx(0.5, abs=0.03)


def test_what_is_not_allowed_is_said() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\), got 1"):
        irrelevant_share(MAPS, IRRELEVANT, cutoff=1.0)
    with pytest.raises(ValueError, match=r"\(1, 5\).*\(1, 4\)"):
        irrelevant_mass(MAPS, IRRELEVANT[:, :4])
