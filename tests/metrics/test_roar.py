import pytest
import torch

from salbench.datasets import Modality, Samples
from salbench.metrics import Case, Metric, Predictions
from salbench.metrics.roar import KEEP_AREA, ROAR, ROAR_AREA_ENTRIES, ROAR_AREA_MEAN, XCL_ROAR_AREA

RIGHT, WRONG = torch.tensor([[2.0, 0.0]]), torch.tensor([[0.0, 2.0]])


def make_case(metric: Metric, answers: str) -> Case:
    """One sample, and at 0 % and each further share a model that is right (r) or wrong (w) about it."""
    inputs = torch.ones(1, 1, 2, 2)
    targets = torch.tensor([0])
    samples = Samples(inputs=inputs, targets=targets, ids=torch.tensor([0]), fill=torch.zeros_like(inputs))
    (retraining,) = metric.retrainings
    logits = {"r": RIGHT, "w": WRONG}
    shares = (0, *retraining.percents)
    predictions = {p: Predictions(logits[answer], targets) for p, answer in zip(shares, answers, strict=True)}
    return Case(samples=samples, attributions=inputs, modality=Modality.IMAGE, retrained={retraining: predictions})


@pytest.mark.parametrize(
    ("metric", "answers", "area"),
    [
        (ROAR, "rrrwww", 10 * 100 + 20 * 100 + 20 * 50),
        (ROAR_AREA_ENTRIES, "wrwwrr", 10 * 50 + 20 * 50 + 20 * 50 + 20 * 100),
        (ROAR_AREA_MEAN, "rrwwwwwwww", 10 * 100 + 10 * 50),
        (KEEP_AREA, "rwwrrr", 20 * 50 + 20 * 100 + 20 * 100),  # right once half of the units are kept
        (XCL_ROAR_AREA, "rrrww", 20 * 100 + 30 * 100 + 30 * 50),
    ],
)
def test_area_by_hand(metric: Metric, answers: str, area: float) -> None:
    assert metric.score(make_case(metric, answers)).tolist() == [area]


def test_the_curve_begins_with_whole_samples() -> None:
    assert ROAR.curve is not None
    columns = ROAR.curve(make_case(ROAR, "rrrwww"))
    assert columns == {"percent": [0, 10, 30, 50, 70, 90], "accuracy": [100, 100, 100, 0, 0, 0]}


def test_where_units_are_kept_it_begins_with_the_first_share() -> None:
    assert KEEP_AREA.curve is not None
    assert KEEP_AREA.curve(make_case(KEEP_AREA, "rwwrrr")) == {
        "percent": [10, 30, 50, 70, 90],
        "accuracy": [0, 0, 100, 100, 100],
    }


def test_models_of_other_settings_do_not_serve() -> None:
    case = make_case(ROAR, "rrrrrr")
    assert KEEP_AREA.obstacle(case) == "needs models trained anew under 'keep', which this case does not have"
    with pytest.raises(ValueError, match="no models trained anew under 'keep'"):
        KEEP_AREA.score(case)
