import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from salbench.metrics.spearman import spearman

ROWS = st.integers(2, 12).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(-3, 3), min_size=size, max_size=size)] * 2)
)


def test_correlation_by_hand() -> None:
    maps = torch.tensor([[1.0, 2.0, 3.0, 4.0]]).expand(4, -1)
    others = torch.tensor([[10.0, 20.0, 30.0, 99.0], [4.0, 3.0, 2.0, 1.0], [2.0, 1.0, 4.0, 3.0], [0.0, 0.0, 5.0, 5.0]])
    # 1 - 6 · Σd² / (n³ - n) without ties; with ties the ranks 1.5, 1.5, 3.5, 3.5 give 4 / √(5 · 4)
    assert spearman(maps, others).tolist() == pytest.approx([1.0, -1.0, 1 - 6 * 4 / 60, 4 / 20**0.5])


@given(ROWS.filter(lambda rows: all(len(set(row)) > 1 for row in rows)))
def test_equals_scipy_with_ties(rows: tuple[list[int], list[int]]) -> None:
    maps, others = torch.tensor([rows[0]]).float(), torch.tensor([rows[1]]).float()
    assert spearman(maps, others).item() == pytest.approx(spearmanr(*rows).statistic, abs=1e-12)


def test_equal_rankings_score_exactly_one() -> None:
    maps = torch.randn(20, 3072, generator=torch.Generator().manual_seed(0))
    assert spearman(maps, maps).tolist() == [1.0] * 20
    assert spearman(maps, 8 * maps).tolist() == [1.0] * 20
    assert spearman(maps, -maps).tolist() == [-1.0] * 20


def test_a_constant_map_and_one_unit_are_nan() -> None:
    flat, slope = torch.ones(1, 3), torch.tensor([[1.0, 2.0, 3.0]])
    assert spearman(flat, slope).isnan().all()
    assert spearman(slope, flat).isnan().all()
    assert spearman(torch.tensor([[1.0]]), torch.tensor([[2.0]])).isnan().all()


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 4\)"):
        spearman(torch.ones(2, 3), torch.ones(2, 4))
