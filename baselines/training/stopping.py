"""The stopping rules of published code, which look at the test split; sound budgets have none of them."""

import copy
from typing import Any

import torch
from torch import nn

from ...datasets.base import Budget, Samples
from ...metrics.forwards import rows_a_forward


def accuracy(model: nn.Module, samples: Samples) -> float:
    """Share of the samples that the model classifies rightly in eval mode, in [0, 1]; its mode is left as it was."""
    training = model.training
    model.eval()
    with torch.inference_mode():
        rows = rows_a_forward(samples.inputs)
        parts = (samples[start : start + rows] for start in range(0, len(samples), rows))
        right = sum(int((model(part.inputs).argmax(dim=1) == part.targets).sum()) for part in parts)
    model.train(training)
    return right / len(samples)


class Stopping:
    """When a training ends before its last epoch, and which weights it leaves.

    Source:
        ismail2020benchmarking, whose code stops once the training or the test accuracy reaches 99 %, and
        ismail2021improving, whose code keeps the weights with the best test accuracy and gives up after `patience`
        epochs without a better one. Departure: checked after each epoch, not after every third step.
    """

    def __init__(self, budget: Budget, model: nn.Module) -> None:
        self._budget = budget
        self._model = model
        self._best = -1.0
        self._waited = 0
        self._weights: dict[str, Any] | None = None

    def after(self, watched: float, samples: Samples) -> bool:
        """Is it time to stop, with this accuracy on the watched samples?

        Args:
            watched: accuracy on the watched samples, in [0, 1].
            samples: the training samples, asked only where the watched ones do not decide.
        """
        goal, patience = self._budget.stop_accuracy, self._budget.patience
        if patience is not None:
            self._waited = 0 if watched > self._best else self._waited + 1
            if not self._waited:
                self._best, self._weights = watched, copy.deepcopy(self._model.state_dict())
            if self._waited >= patience:
                return True
        return goal is not None and (watched >= goal or accuracy(self._model, samples) >= goal)

    def taken(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The best weights so far, if any, and what else it remembers as plain data."""
        return self._weights or {}, {"best": self._best, "waited": self._waited}

    def put_back(self, weights: dict[str, Any], facts: dict[str, Any]) -> None:
        """Go back to what `taken` gave."""
        self._weights = weights or None
        self._best, self._waited = facts["best"], facts["waited"]

    def restore_best(self) -> None:
        """Give the model the weights of its best epoch, where the budget asks for them."""
        if self._weights is not None:
            self._model.load_state_dict(self._weights)
