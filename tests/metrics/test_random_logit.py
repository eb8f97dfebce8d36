from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import Case
from salbench.metrics.random_logit import RANDOM_LOGIT, other_classes, random_logit


def samples_of(targets: list[int], features: int = 3) -> Samples:
    inputs = torch.zeros(len(targets), features)
    return Samples(inputs=inputs, targets=torch.tensor(targets), ids=torch.arange(len(targets)), fill=inputs)


def rows_of_weights(model: nn.Module, samples: Samples) -> Tensor:
    """The gradient of a linear model: the row of its weights for the class."""
    return model.get_parameter("weight").detach()[samples.targets]


def linear(*rows: list[float]) -> nn.Module:
    model = nn.Linear(len(rows[0]), len(rows))
    model.weight.data = torch.tensor(rows)
    return model.eval()


def scores(model: nn.Module, samples: Samples, explain: Callable[[nn.Module, Samples], Tensor]) -> Tensor:
    return random_logit(model, samples, explain(model, samples), explain, Modality.TABULAR)


def test_similarity_of_two_classes_by_hand() -> None:
    samples = samples_of([0, 1])
    # ranks 1, 2, 3 against 2, 1, 3: 1 - 6 · 2 / 24
    assert scores(linear([1.0, 2.0, 3.0], [5.0, -1.0, 7.0]), samples, rows_of_weights).tolist() == [0.5, 0.5]


def test_evidence_for_one_of_two_classes_is_evidence_against_the_other() -> None:
    samples = samples_of([0, 1])
    assert scores(linear([1.0, -2.0, 3.0], [-1.0, 2.0, -3.0]), samples, rows_of_weights).tolist() == [-1.0, -1.0]


def test_a_map_that_ignores_the_class_scores_exactly_one(modality: Modality, make_case: Callable[..., Case]) -> None:
    case = make_case(modality)
    blind = replace(case, attributions=case.samples.inputs, explain=lambda model, samples: samples.inputs)
    assert RANDOM_LOGIT.score(blind).tolist() == [1.0] * 6
    explain = case.require_explain()
    seeing = replace(case, attributions=explain(case.require_model(), case.samples))
    assert RANDOM_LOGIT.score(seeing).mean() < 0.5


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_other_class_is_any_but_the_target(classes: int) -> None:
    samples = samples_of([each % classes for each in range(3000)])
    steps = (other_classes(samples, classes) - samples.targets) % classes
    counts = torch.bincount(steps, minlength=classes)
    assert counts[0] == 0
    assert (counts[1:] > 0.8 * 3000 / (classes - 1)).all()
    if classes == 10:
        assert not torch.equal(steps, (other_classes(samples, classes, seed=1) - samples.targets) % classes)


def test_one_class_and_a_constant_map_and_one_unit_are_nan() -> None:
    assert scores(linear([1.0, 2.0, 3.0]), samples_of([0]), rows_of_weights).isnan().all()
    assert scores(linear([1.0, 2.0, 3.0], [4.0, 4.0, 4.0]), samples_of([0]), rows_of_weights).isnan().all()
    assert scores(linear([1.0], [2.0]), samples_of([0], features=1), rows_of_weights).isnan().all()


def test_one_class_has_no_other() -> None:
    with pytest.raises(ValueError, match="classes must be at least 2, got 1"):
        other_classes(samples_of([0]), 1)


def test_a_sample_scores_the_same_in_any_order_and_alone(make_case: Callable[..., Case]) -> None:
    case = make_case(Modality.SERIES)
    found, order = RANDOM_LOGIT.score(case), torch.tensor([3, 0, 5, 1, 4, 2])
    shuffled = make_case(Modality.SERIES, case.samples[order], case.attributions[order])
    torch.testing.assert_close(RANDOM_LOGIT.score(shuffled), found[order])
    alone = make_case(Modality.SERIES, case.samples[2:3], case.attributions[2:3])
    torch.testing.assert_close(RANDOM_LOGIT.score(alone), found[2:3])
    assert ((found >= -1) & (found <= 1)).all()


def test_a_model_in_training_mode_is_refused_and_left_as_it_was() -> None:
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 2)).train()
    samples = replace(samples_of([0, 1]), inputs=torch.ones(2, 3))
    with pytest.raises(ValueError, match="eval mode"):
        random_logit(model, samples, samples.inputs, lambda model, samples: samples.inputs, Modality.TABULAR)
    assert model.get_buffer("0.running_mean").tolist() == [0.0] * 3
