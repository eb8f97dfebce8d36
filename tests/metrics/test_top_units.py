import numpy as np
import pytest
import torch

from salbench.metrics.top_units import relevance_rank, top_k_intersection

MAPS = torch.tensor([[0.5, -0.9, 0.1, 0.7, 0.3, 0.2, 0.0, 0.05, 0.02, 0.01, 0.03]])  # the order 1, 3, 0, 4, 5, …
IDS = torch.tensor([7])


def mask_of(*units: int, count: int = 11) -> torch.Tensor:
    return torch.isin(torch.arange(count), torch.tensor(units))[None]


def test_rank_by_hand() -> None:
    assert relevance_rank(MAPS, mask_of(1, 0, 6), IDS).tolist() == pytest.approx([2 / 3])  # top 3 are 1, 3, 0
    assert relevance_rank(MAPS, mask_of(3), IDS).tolist() == [0.0]
    assert relevance_rank(MAPS, mask_of(1, 3), IDS).tolist() == [1.0]


def test_top_k_by_hand() -> None:
    assert top_k_intersection(MAPS, mask_of(3, 6, 7), IDS).tolist() == [0.5]  # k = 2, rounded up from 1.1
    assert top_k_intersection(MAPS, mask_of(3), IDS).tolist() == [1.0]  # one of one is all that could be
    assert top_k_intersection(MAPS, mask_of(3, 0, 8), IDS, percent=50).tolist() == pytest.approx([2 / 3])  # k = 6
    assert top_k_intersection(MAPS[:, :3], mask_of(1, count=3), IDS).tolist() == [1.0]  # k is at least 1


def test_empty_mask_is_nan_and_full_mask_is_one() -> None:
    for score in (relevance_rank, top_k_intersection):
        assert score(MAPS, torch.zeros_like(MAPS).bool(), IDS).isnan().all()
        assert score(MAPS, torch.ones_like(MAPS).bool(), IDS).tolist() == [1.0]
        assert score(torch.zeros(1, 1), torch.ones(1, 1).bool(), IDS).tolist() == [1.0]


def test_equals_sets_of_a_plain_sort() -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(30, 47, generator=generator)
    masks = torch.rand(30, 47, generator=generator) < 0.1
    ids = torch.arange(30)
    rank, top = relevance_rank(maps, masks, ids).numpy(), top_k_intersection(maps, masks, ids).numpy()
    for row in range(30):
        order = np.argsort(-maps[row].abs().numpy())
        evidence = set(np.flatnonzero(masks[row].numpy()))
        if not evidence:
            assert np.isnan(rank[row])
            assert np.isnan(top[row])
            continue
        assert rank[row] == pytest.approx(len(evidence & set(order[: len(evidence)])) / len(evidence))
        assert top[row] == pytest.approx(len(evidence & set(order[:5])) / min(5, len(evidence)))


@pytest.mark.parametrize("score", [relevance_rank, top_k_intersection])
def test_a_constant_map_scores_by_chance_and_by_seed_and_id_alone(score: object) -> None:
    assert callable(score)
    ids = torch.arange(2000)
    masks = mask_of(0, 1, 2, count=10).expand(2000, -1)
    scores = score(torch.ones(2000, 10), masks, ids)
    assert scores.mean().item() == pytest.approx(0.3, abs=0.03)
    assert torch.equal(score(torch.ones(2000, 10), masks, ids.flip(0)).flip(0), scores)
    assert torch.equal(score(torch.ones(3, 10), masks[:3], ids[:3]), scores[:3])
    assert not torch.equal(score(torch.ones(2000, 10), masks, ids, seed=1), scores)


@pytest.mark.parametrize("scale", [1e-12, 1e-30, 1e30])
def test_a_positive_scale_changes_nothing(scale: float) -> None:
    for score in (relevance_rank, top_k_intersection):
        assert torch.equal(score(MAPS * scale, mask_of(1, 0, 6), IDS), score(MAPS, mask_of(1, 0, 6), IDS))


def test_what_is_not_allowed_is_said() -> None:
    with pytest.raises(ValueError, match="1 to 100, got 0"):
        top_k_intersection(MAPS, mask_of(1), IDS, percent=0)
    with pytest.raises(ValueError, match=r"\(1, 11\).*\(1, 4\)"):
        relevance_rank(MAPS, mask_of(1, count=4), IDS)
