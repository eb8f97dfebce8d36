import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import precision_score, recall_score

from salbench.metrics import Rule, precision_recall

IDS = torch.tensor([5])
MAPS = torch.tensor([[3.0, -4.0, 0.0, 2.0, 1.0]])  # s = 0.75, 1, 0, 0.5, 0.25
MASKS = torch.tensor([[False, True, False, False, True]])  # 1.25 in the evidence, 2.5 in all


def test_count_by_hand() -> None:
    precision, recall = precision_recall(MAPS, MASKS, IDS, rule=Rule.COUNT, seed=0)
    # the top 1, 1, 2, 2, 3, 3, 4, 4, 5 units
    first, second, third, all_but_one = 1.0, 1 / 1.75, 1 / 2.25, 1.25 / 2.5
    expected = [first, first, second, second, third, third, all_but_one, all_but_one, 0.5]
    assert precision[0].tolist() == pytest.approx(expected)
    assert recall[0].tolist() == pytest.approx([0.8] * 6 + [1.0] * 3)


def test_mass_by_hand() -> None:
    precision, recall = precision_recall(MAPS, MASKS, IDS, rule=Rule.MASS, seed=0)
    # 0.25, 0.5, …, 2.25 of the sums 1, 1.75, 2.25, 2.5, 2.5
    assert precision[0].tolist() == pytest.approx([1.0] * 4 + [1 / 1.75] * 3 + [1 / 2.25] * 2)
    assert recall[0].tolist() == pytest.approx([0.8] * 9)


def mass_rule(weights: NDArray[np.float64], mask: NDArray[np.bool_], share: float) -> tuple[float, float]:
    """The rule of the published code for one sample, unit by unit; weights without ties."""
    positive = np.zeros(len(weights), dtype=bool)
    for unit in np.argsort(-weights):
        positive[unit] = True
        if weights[positive].sum() >= share * weights.sum():
            break
    found = weights[positive & mask].sum()
    return found / weights[positive].sum(), found / weights[mask].sum()


def test_mass_takes_a_share_that_is_hit_exactly() -> None:
    """The top five of 3, 2, 2, 2, 1, 0, 0 hold 10 of 10, the top four 9: 90 % of all, and all of it evidence."""
    maps = torch.tensor([[3.0, 2.0, 2.0, 2.0, 1.0, 0.0, 0.0]])
    masks = torch.tensor([[True, True, True, True, False, False, False]])
    precision, recall = precision_recall(maps, masks, IDS, rule=Rule.MASS, seed=0)
    assert precision[0].tolist() == pytest.approx([1.0] * 9)
    assert recall[0, -1] == pytest.approx(1.0)


def test_mass_equals_a_plain_loop() -> None:
    generator = torch.Generator().manual_seed(0)
    maps = torch.randn(20, 30, generator=generator, dtype=torch.float64)
    masks = torch.rand(20, 30, generator=generator) < 0.3
    found = precision_recall(maps, masks, torch.arange(20), rule=Rule.MASS, seed=0)
    scaled = maps.abs() - maps.abs().amin(dim=1, keepdim=True)
    for row in range(20):
        for point in range(9):
            expected = mass_rule(scaled[row].numpy(), masks[row].numpy(), (point + 1) / 10)
            assert (found.precision[row, point].item(), found.recall[row, point].item()) == pytest.approx(expected)


def test_count_equals_scikit_learn_with_sample_weights() -> None:
    generator = torch.Generator().manual_seed(1)
    maps = torch.rand(1, 20, generator=generator, dtype=torch.float64)
    masks = torch.rand(1, 20, generator=generator) < 0.4
    found = precision_recall(maps, masks, IDS, rule=Rule.COUNT, seed=0)
    weights = (maps - maps.min())[0].numpy()
    for point in range(9):
        positive = maps[0] >= maps[0].sort(descending=True).values[2 * (point + 1) - 1]
        given_to = {"y_true": masks[0].numpy(), "y_pred": positive.numpy(), "sample_weight": weights}
        assert found.precision[0, point].item() == pytest.approx(precision_score(**given_to))
        assert found.recall[0, point].item() == pytest.approx(recall_score(**given_to))


@pytest.mark.parametrize("rule", list(Rule))
def test_what_is_undefined_is_nan(rule: Rule) -> None:
    constant = precision_recall(torch.ones(1, 4), MASKS[:, :4], IDS, rule=rule, seed=0)
    assert constant.precision.isnan().all()
    assert constant.recall.isnan().all()
    no_evidence = precision_recall(MAPS, torch.zeros_like(MASKS), IDS, rule=rule, seed=0)
    assert no_evidence.precision.isnan().all()
    assert no_evidence.recall.isnan().all()
    weightless = precision_recall(MAPS, torch.tensor([[False, False, True, False, False]]), IDS, rule=rule, seed=0)
    assert weightless.precision.tolist() == [[0.0] * 9]
    assert weightless.recall.isnan().all()
    one_feature = precision_recall(torch.ones(1, 1), torch.ones(1, 1, dtype=torch.bool), IDS, rule=rule, seed=0)
    assert one_feature.precision.isnan().all()


@pytest.mark.parametrize("rule", list(Rule))
def test_ties_at_the_cut_follow_seed_and_id(rule: Rule) -> None:
    maps = torch.tensor([[1.0] * 9 + [0.0]]).expand(400, -1)
    masks = (torch.arange(10) < 3).expand(400, -1)
    precision, _ = precision_recall(maps, masks, torch.arange(400), rule=rule, seed=0)
    assert precision[:, 0].mean().item() == pytest.approx(3 / 9, abs=0.1)  # the top unit is one of nine
    again, _ = precision_recall(maps, masks, torch.arange(399, -1, -1), rule=rule, seed=0)
    assert torch.equal(again.flip(0), precision)


@given(st.lists(st.integers(0, 20), min_size=2, max_size=15).filter(lambda values: len(set(values)) > 1))
def test_recall_only_grows_and_both_stay_in_bounds(values: list[int]) -> None:
    maps = torch.tensor([values]).double()
    masks = (torch.arange(len(values)) % 2 == 0).expand_as(maps)
    for rule in Rule:
        precision, recall = precision_recall(maps, masks, IDS, rule=rule, seed=0)
        assert ((precision >= 0) & (precision <= 1)).all()
        assert recall.isnan().all() or (recall.diff(dim=1) >= 0).all()


def test_shapes_must_agree() -> None:
    with pytest.raises(ValueError, match=r"\(1, 5\).*\(1, 4\)"):
        precision_recall(MAPS, MASKS[:, :4], IDS, rule=Rule.COUNT, seed=0)
