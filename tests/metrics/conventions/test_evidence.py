"""AUP and AUR under their other definitions: by hand, against scikit-learn, and at their ends."""

import numpy as np
import pytest
import torch
from scipy.integrate import trapezoid
from sklearn.metrics import precision_recall_curve

from salbench.metrics import Rule, precision_recall
from salbench.metrics.conventions.evidence import permuted_columns, threshold_areas, unweighted_precision_recall

IDS = torch.arange(4)
GENERATOR = torch.Generator().manual_seed(0)
MAPS = torch.rand(4, 30, generator=GENERATOR, dtype=torch.float64)
MASKS = torch.rand(4, 30, generator=GENERATOR) < 0.3


def test_unweighted_by_hand() -> None:
    maps, masks = torch.tensor([[5.0, -4.0, 3.0, 2.0, 1.0]]), torch.tensor([[False, True, False, False, True]])
    precision, recall = unweighted_precision_recall(maps, masks, IDS[:1], seed=0)
    # the top 1, 1, 2, 2, 3, 3, 4, 4, 5 of five units
    assert precision[0].tolist() == pytest.approx([0, 0, 1 / 2, 1 / 2, 1 / 3, 1 / 3, 1 / 4, 1 / 4, 2 / 5])
    assert recall[0].tolist() == [0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1]


def test_unweighted_precision_of_the_box_first_is_one_where_weights_agree() -> None:
    maps = MAPS * MASKS + MASKS  # evidence in 1 to 2, the rest at 0
    own, _ = unweighted_precision_recall(maps, MASKS, IDS, seed=0)
    weighted = precision_recall(maps, MASKS, IDS, rule=Rule.COUNT, seed=0).precision
    assert (own[:, 0] == 1).all()
    assert (weighted >= own - 1e-12).all()  # what has no relevance weighs nothing


def test_unweighted_empty_mask_is_nan() -> None:
    precision, recall = unweighted_precision_recall(MAPS, torch.zeros_like(MASKS), IDS, seed=0)
    assert precision.isnan().all()
    assert recall.isnan().all()


@pytest.mark.parametrize("levels", [None, 5], ids=["distinct", "tied"])
def test_thresholds_agree_with_scikit_learn(levels: int | None) -> None:
    maps = MAPS if levels is None else (MAPS * levels).round()
    low, high = maps.amin(dim=1, keepdim=True), maps.amax(dim=1, keepdim=True)
    scaled = ((maps - low) / (high - low)).flatten().numpy()
    precision, recall, thresholds = precision_recall_curve(MASKS.flatten().numpy(), scaled)
    found = threshold_areas(maps, MASKS)
    assert found[0].item() == pytest.approx(trapezoid(precision[:-1], thresholds))
    assert found[1].item() == pytest.approx(trapezoid(recall[:-1], thresholds))


def test_thresholds_of_constant_maps_and_empty_masks_are_nan() -> None:
    for maps, masks in ((torch.ones(4, 30), MASKS), (MAPS, torch.zeros_like(MASKS))):
        assert all(area.isnan() for area in threshold_areas(maps, masks))


def test_columns_are_permuted_alike_for_all_samples_and_times() -> None:
    maps = torch.arange(2 * 3 * 7).view(2, 3, 7)
    found = permuted_columns(maps, seed=1)
    assert not torch.equal(found, maps)
    assert torch.equal(found.sort(dim=2).values, maps)
    columns = found[0, 0]
    assert torch.equal(found, maps[..., columns])
    assert not np.array_equal(columns, permuted_columns(maps, seed=2)[0, 0])
