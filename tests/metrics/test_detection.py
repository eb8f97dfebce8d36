import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score
from torch import Tensor

from salbench.metrics.detection import evidence_auroc, evidence_average_precision


def random_maps(seed: int, *, levels: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    maps = torch.randn(20, 60, generator=generator, dtype=torch.float64)
    return (maps * levels).round() if levels else maps, torch.rand(20, 60, generator=generator) < 0.3


def test_areas_by_hand() -> None:
    maps = torch.tensor([[0.9, -0.8, 0.3, 0.1]])
    masks = torch.tensor([[True, False, True, False]])
    assert evidence_auroc(maps, masks).tolist() == [0.75]  # of four pairs, the second unit beats the third
    assert evidence_average_precision(maps, masks).tolist() == pytest.approx([(1 + 2 / 3) / 2])


def test_ties_count_half_and_share_one_threshold() -> None:
    maps = torch.tensor([[2.0, 1.0, 1.0, 0.0]])
    masks = torch.tensor([[False, True, False, True]])
    assert evidence_auroc(maps, masks).tolist() == [0.5 / 4]
    assert evidence_average_precision(maps, masks).tolist() == pytest.approx([(1 / 3 + 2 / 4) / 2])


def test_a_constant_map_is_chance() -> None:
    masks = torch.tensor([[True, False, False, False, True]])
    for maps in (torch.zeros(1, 5), torch.full((1, 5), -3.0)):
        assert evidence_auroc(maps, masks).tolist() == [0.5]
        assert evidence_average_precision(maps, masks).tolist() == pytest.approx([0.4])


def test_empty_and_full_masks_are_nan() -> None:
    for maps in (torch.tensor([[0.1, 0.2]]), torch.zeros(1, 2), torch.ones(1, 1)):
        for mask in (torch.zeros_like(maps).bool(), torch.ones_like(maps).bool()):
            assert evidence_auroc(maps, mask).isnan().all()
            assert evidence_average_precision(maps, mask).isnan().all()


@pytest.mark.parametrize("levels", [0, 1, 3])
def test_equals_scikit_learn(levels: int) -> None:
    maps, masks = random_maps(0, levels=levels)
    found = zip(evidence_auroc(maps, masks).tolist(), evidence_average_precision(maps, masks).tolist(), strict=True)
    for row, (auroc, average) in enumerate(found):
        mask, scores = masks[row].numpy(), maps[row].abs().numpy()
        assert auroc == pytest.approx(roc_auc_score(mask, scores), abs=1e-12)
        assert average == pytest.approx(average_precision_score(mask, scores), abs=1e-12)


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_a_positive_scale_changes_nothing(scale: float) -> None:
    maps, masks = random_maps(1)
    assert torch.equal(evidence_auroc(maps * scale, masks), evidence_auroc(maps, masks))
    assert torch.equal(evidence_average_precision(maps * scale, masks), evidence_average_precision(maps, masks))


def test_a_tied_sample_does_not_disturb_the_others() -> None:
    maps, masks = random_maps(2)
    for area in (evidence_auroc, evidence_average_precision):
        alone = area(maps, masks)
        among = area(torch.cat([torch.zeros_like(maps), maps.flip(0)]), torch.cat([masks, masks.flip(0)]))
        assert torch.equal(among[20:].flip(0), alone)


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1, max_size=12))
def test_both_stay_in_bounds_and_inverting_the_order_mirrors_the_roc(units: list[tuple[int, bool]]) -> None:
    maps = torch.tensor([[float(value) for value, _ in units]])
    masks = torch.tensor([[inside for _, inside in units]])
    auroc, average = evidence_auroc(maps, masks), evidence_average_precision(maps, masks)
    assert (auroc.isnan() | (auroc >= 0) & (auroc <= 1)).all()
    assert (average.isnan() | (average > 0) & (average <= 1)).all()
    mirrored = evidence_auroc(4 - maps.abs(), masks)
    torch.testing.assert_close(mirrored, 1 - auroc, equal_nan=True)


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 4\)"):
        evidence_auroc(torch.ones(2, 3), torch.ones(2, 4).bool())


def test_a_map_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="must be finite, got NaN or infinity in 1 of 1"):
        evidence_auroc(torch.tensor([[torch.nan, 1.0]]), torch.tensor([[True, False]]))
