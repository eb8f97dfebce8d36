from collections.abc import Callable

import pytest
import torch

from salbench.datasets import Modality
from salbench.metrics import SHARED, Case, Curves, Metric, aopc
from salbench.metrics.deletion_insertion import DELETION_AUC, INSERTION_AUC, deletion_auc, insertion_auc


def two_class_logits(probabilities: list[float]) -> torch.Tensor:
    """Logits (S, 1, 2) in which class 1 has the given probabilities."""
    likely = torch.tensor(probabilities, dtype=torch.float64)
    return torch.stack([(1 - likely).log(), likely.log()], dim=1).unsqueeze(1)


def test_areas_by_hand() -> None:
    tenths = [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1]
    curves = Curves(
        clean=two_class_logits([0.9])[0],
        most=two_class_logits([0.5, 0.5, *tenths]),  # what happens at 1 and 5 % does not count
        least=two_class_logits([0.9] * 8 + [0.3] + [0.1, 0.1]),  # nor at 95 and 99 %
    )
    # half the ends: 0.45 + (0.8 + 0.7 + … + 0.2 + 0.1) + 0.05, over the nine steps
    assert deletion_auc(curves, torch.tensor([1])).item() == pytest.approx((0.45 + 3.6 + 0.05) / 9)
    # top 10 % alone: 0.3, then 0.9 eight times and whole
    assert insertion_auc(curves, torch.tensor([1])).item() == pytest.approx((0.15 + 8 * 0.9 + 0.45) / 9)
    assert insertion_auc(curves, torch.tensor([0])).item() == pytest.approx((0.35 + 8 * 0.1 + 0.05) / 9)


def test_a_model_that_never_changes_keeps_its_probability_and_a_nan_logit_is_nan() -> None:
    curves = Curves(clean=torch.ones(2, 4), most=torch.ones(11, 2, 4), least=torch.ones(11, 2, 4))
    assert deletion_auc(curves, torch.tensor([0, 1])).tolist() == [0.25, 0.25]
    assert insertion_auc(curves, torch.tensor([0, 1])).tolist() == [0.25, 0.25]
    curves.most[5, 0, 1] = curves.least[5, 1, 1] = torch.nan
    assert deletion_auc(curves, torch.tensor([0, 1])).isnan().tolist() == [True, False]
    assert insertion_auc(curves, torch.tensor([0, 1])).isnan().tolist() == [False, True]


def test_the_areas_read_the_points_of_aopc_with_half_ends(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    curves, targets = case.require_curves(), case.samples.targets
    index = targets[:, None]
    for area, most_relevant_first in ((deletion_auc, True), (insertion_auc, False)):
        clean, last = (
            curves.at(percent, most_relevant_first=most_relevant_first).softmax(1).gather(1, index).squeeze(1)
            for percent in (0, 90)
        )
        mean = clean - aopc(curves, targets, most_relevant_first=most_relevant_first)  # of the ten points
        torch.testing.assert_close(area(curves, targets), (10 * mean - clean / 2 - last / 2) / 9)


@pytest.mark.parametrize("metric", [DELETION_AUC, INSERTION_AUC], ids=lambda metric: metric.name)
def test_the_curve_is_what_the_score_summarizes(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    assert metric.curve is not None
    assert metric.protocols == (SHARED,)
    curve = metric.curve(case)
    first = 0 if metric is DELETION_AUC else 10
    assert curve["percent"] == [float(percent) for percent in range(first, first + 100, 10)]
    clean = case.require_curves().clean.softmax(dim=1).gather(1, case.samples.targets[:, None]).mean().item()
    assert curve["probability"][0 if metric is DELETION_AUC else -1] == pytest.approx(clean)
    area = torch.trapezoid(torch.tensor(curve["probability"]), torch.tensor(curve["percent"])) / 90
    assert metric.score(case).mean().item() == pytest.approx(area.item())
