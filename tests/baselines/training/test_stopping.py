"""The published stopping rules: when training ends, and which weights it leaves."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from salbench.baselines.training import Regular, fit
from salbench.baselines.training.stopping import Stopping, accuracy
from salbench.datasets import Budget, Samples


def two_points() -> Samples:
    inputs = torch.tensor([[-1.0], [1.0]])
    return Samples(inputs=inputs, targets=torch.tensor([0, 1]), ids=torch.arange(2), fill=torch.zeros_like(inputs))


def line(weight: float) -> nn.Module:
    """Right about both points if the weight is positive, about none if it is negative."""
    model = nn.Linear(1, 2, bias=False)
    model.weight.data = torch.tensor([[-weight], [weight]])
    return model


def test_accuracy_is_the_share_of_right_answers_and_keeps_the_mode() -> None:
    model = line(1.0).train()
    flipped = replace(two_points(), targets=torch.tensor([0, 0]))
    assert (accuracy(model, two_points()), accuracy(model, flipped)) == (1.0, 0.5)
    assert model.training


def test_training_ends_once_the_watched_accuracy_reaches_its_goal() -> None:
    budget = Budget(epochs=50, optimizer="sgd", learning_rate=0.1, stop_accuracy=0.99)
    summaries = fit(line(-0.3), two_points(), recipe=Regular(), budget=budget, seed=0, watched=two_points())
    assert 1 < len(summaries) < 50
    assert [summary.accuracy for summary in summaries[-2:]] == [0.0, 1.0]


def test_the_training_accuracy_stops_it_too() -> None:
    never = replace(two_points(), targets=torch.tensor([1, 0]))
    budget = Budget(epochs=50, stop_accuracy=0.99)
    assert len(fit(line(1.0), two_points(), recipe=Regular(), budget=budget, seed=0, watched=never)) == 1


def test_patience_keeps_the_best_weights_and_gives_up() -> None:
    model = line(1.0)
    stopping = Stopping(Budget(epochs=9, patience=2), model)
    told = []
    for weight, seen in ((1.0, 0.5), (2.0, 0.9), (3.0, 0.9), (4.0, 0.8), (5.0, 1.0)):
        model.load_state_dict(line(weight).state_dict())
        told.append(stopping.after(seen, two_points()))
        if told[-1]:
            break
    assert told == [False, False, False, True]  # two epochs no better than the second
    stopping.restore_best()
    assert torch.equal(model.get_parameter("weight"), line(2.0).get_parameter("weight"))


def test_a_stopping_rule_needs_something_to_watch() -> None:
    with pytest.raises(ValueError, match="needs watched samples"):
        fit(line(1.0), two_points(), recipe=Regular(), budget=Budget(epochs=1, patience=1), seed=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stop_accuracy": 1.5}, r"\(0, 1\], got 1.5"),
        ({"patience": 0}, "at least 1, got 0"),
        ({"momentum": 0.9}, "belongs to the optimizer sgd, got 0.9 with adam"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(change: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Budget(**{"epochs": 1} | change)  # type: ignore[arg-type]
