from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from scipy.integrate import trapezoid

from salbench.datasets import Modality
from salbench.datasets.randomness import uniform
from salbench.metrics import AUP_COUNT, AUR_DIFF_MASS, AUR_MASS, Case, Rule, above_random, aup, aur, precision_recall

COUNT, UNITS, BOX = 200, 2500, 225
IDS = torch.arange(COUNT)
MASKS = (torch.arange(UNITS) < BOX).expand(COUNT, -1)
RANDOM = uniform(IDS, (UNITS,), seed=0, purpose="test maps")


def test_areas_by_hand() -> None:
    maps, masks = torch.tensor([[3.0, -4.0, 0.0, 2.0, 1.0]]), torch.tensor([[False, True, False, False, True]])
    # recall 0.8 at six points and 1 at three (see test_evidence): 0.1 · (4.8 + 3 - (0.8 + 1) / 2)
    assert aur(maps, masks, IDS[:1], rule=Rule.COUNT).item() == pytest.approx(0.69)
    # precision 1 at four points, 1/1.75 at three and 1/2.25 at two
    expected = 0.1 * (4 + 3 / 1.75 + 2 / 2.25 - (1 + 1 / 2.25) / 2)
    assert aup(maps, masks, IDS[:1], rule=Rule.MASS).item() == pytest.approx(expected)


@pytest.mark.parametrize("rule", list(Rule))
def test_a_random_map_has_the_share_of_the_box_as_precision(rule: Rule) -> None:
    assert aup(RANDOM, MASKS, IDS, rule=rule).mean().item() == pytest.approx(0.8 * BOX / UNITS, abs=2e-3)


def test_a_random_map_has_the_recall_that_the_rule_implies() -> None:
    by_count = 0.8 - (0.9**3 - 0.1**3) / 3
    assert aur(RANDOM, MASKS, IDS, rule=Rule.COUNT).mean().item() == pytest.approx(by_count, abs=5e-3)
    assert aur(RANDOM, MASKS, IDS, rule=Rule.MASS).mean().item() == pytest.approx(0.4, abs=5e-3)


def test_perfect_focus() -> None:
    focused = RANDOM * MASKS
    assert aup(focused, MASKS, IDS, rule=Rule.COUNT).tolist() == pytest.approx([0.8] * COUNT)
    assert aur(focused, MASKS, IDS, rule=Rule.COUNT).tolist() == pytest.approx([0.8] * COUNT)
    assert aup(focused, MASKS, IDS, rule=Rule.MASS).tolist() == pytest.approx([0.8] * COUNT)
    # by mass, recall does not reward focus: it is as high as for a random map
    assert aur(focused, MASKS, IDS, rule=Rule.MASS).mean().item() == pytest.approx(0.4, abs=5e-3)


@pytest.mark.parametrize("rule", list(Rule))
def test_the_difference_is_zero_for_random_maps_and_the_ceiling_for_focus(rule: Rule) -> None:
    for score in (aup, aur):
        assert above_random(score, RANDOM, MASKS, IDS, rule=rule).mean().item() == pytest.approx(0.0, abs=5e-3)
    gain = above_random(aup, RANDOM * MASKS, MASKS, IDS, rule=rule).mean().item()
    assert gain == pytest.approx(0.8 - 0.8 * BOX / UNITS, abs=2e-3)


def test_the_difference_repeats_and_follows_the_seed() -> None:
    first, again = (above_random(aur, RANDOM, MASKS, IDS, rule=Rule.COUNT, seed=3) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, above_random(aur, RANDOM, MASKS, IDS, rule=Rule.COUNT, seed=4))


@pytest.mark.parametrize("rule", list(Rule))
def test_the_published_order_of_means_gives_the_same_number(rule: Rule) -> None:
    maps = RANDOM.clone()
    maps[3] = 1.0  # constant: undefined
    maps[5] = (~MASKS[5]).float() * RANDOM[5]  # no weight on the evidence: recall undefined
    precision, recall = precision_recall(maps, MASKS, IDS, rule=rule, seed=0)
    for score, points in ((aup, precision), (aur, recall)):
        published = trapezoid(points.nanmean(dim=0).numpy(), dx=0.1)
        assert score(maps, MASKS, IDS, rule=rule).nanmean().item() == pytest.approx(published)


def test_the_curve_is_what_the_score_integrates(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.IMAGE)
    for metric, measure in ((AUP_COUNT, "precision"), (AUR_MASS, "recall")):
        assert metric.curve is not None
        curve = metric.curve(case)
        area = trapezoid(curve[measure], [percent / 100 for percent in curve["percent"]])
        assert metric.score(case).nanmean().item() == pytest.approx(area)
    assert AUR_DIFF_MASS.curve is None


def test_the_seed_of_the_case_is_that_of_the_random_ranking(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    first, second = (AUR_DIFF_MASS.score(replace(case, seed=seed)) for seed in (0, 1))
    assert not torch.equal(first, second)
    assert torch.equal(AUR_MASS.score(replace(case, seed=1)), AUR_MASS.score(case))  # no ties, so no draw
