from collections.abc import Callable

import pytest
import torch

from salbench.datasets import Modality
from salbench.metrics import AOPC_LERF, AOPC_MORF, SHARED, Case, Curves, Metric, aopc


def two_class_logits(probabilities: list[float]) -> torch.Tensor:
    """Logits (S, 1, 2) in which class 1 has the given probabilities."""
    likely = torch.tensor(probabilities, dtype=torch.float64)
    return torch.stack([(1 - likely).log(), likely.log()], dim=1).unsqueeze(1)


def test_mean_drop_by_hand_with_the_zero_at_the_start() -> None:
    # 0.9 whole; 0.1 less each 10 %, so the drops are 0, 0.1, …, 0.8 and 0.8 again at 90 %
    tenths = [0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.1]
    curves = Curves(
        clean=two_class_logits([0.9])[0],
        most=two_class_logits([0.5, 0.5, *tenths]),  # what happens at 1 and 5 % does not count
        least=two_class_logits([0.9] * 9 + [0.1, 0.1]),  # nor at 95 and 99 %
    )
    assert aopc(curves, torch.tensor([1]), most_relevant_first=True).item() == pytest.approx(4.4 / 10)
    assert aopc(curves, torch.tensor([0]), most_relevant_first=True).item() == pytest.approx(-4.4 / 10)
    assert aopc(curves, torch.tensor([1]), most_relevant_first=False).item() == pytest.approx(0.0)


def test_a_model_that_never_changes_has_no_area() -> None:
    curves = Curves(
        clean=torch.ones(2, 3),
        most=torch.ones(len(SHARED.most), 2, 3),
        least=torch.ones(len(SHARED.least), 2, 3),
    )
    assert aopc(curves, torch.tensor([0, 2]), most_relevant_first=True).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("metric", [AOPC_MORF, AOPC_LERF], ids=lambda metric: metric.name)
def test_the_curve_is_what_the_score_summarizes(metric: Metric, make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    assert metric.curve is not None
    curve = metric.curve(case)
    probabilities = curve["probability"]
    assert len(curve["percent"]) == len(probabilities) == 10
    mean_drop = sum(probabilities[0] - probability for probability in probabilities) / 10
    assert metric.score(case).mean().item() == pytest.approx(mean_drop)


def test_a_nan_logit_leaves_its_sample_undefined() -> None:
    curves = Curves(clean=torch.ones(2, 3), most=torch.ones(11, 2, 3), least=torch.ones(11, 2, 3))
    curves.most[5, 0, 1] = torch.nan
    assert aopc(curves, torch.tensor([0, 0]), most_relevant_first=True).isnan().tolist() == [True, False]
