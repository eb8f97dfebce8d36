"""Right for the right reasons: input gradients must be small where an annotation says that nothing matters."""

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ...datasets.base import Samples
from ..models import log_of_sigmoid, output_of
from .base import Recipe, TrainingState, refuse_words
from .twice_differentiable import twice_differentiable

Form = Literal["published", "normalized", "standardized"]
PenalizedOutput = Literal[
    "sum_log_probability", "max_log_probability", "max_probability", "sum_probability", "log_probability", "probability"
]
Norm = Literal["l2", "l1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RightForRightReasons(Recipe):
    """Cross entropy, plus lambda_1 times the squared input gradients that `Samples.irrelevant` forbids.

    A batch without any annotation costs and gives what regular training does, but for the weights' own penalty.

    Three forms, with A the annotation and g the gradient of the penalized output at each input:

    * "published": sum of errors + lambda_1 · sum of A g² + lambda_2 · sum of squared parameters. These are sums over
      the batch, so lambda_1 means something only together with the scale of the inputs, the batch size and the number
      of ones.
    * "normalized": mean error + lambda_1 · mean of g² over the ones of A in the batch + the last term as it is.
    * "standardized": mean error + lambda_1 · mean over the batch of the sum of A (deviation · g)² + the last term as it
      is, where deviation is that of a feature over the training samples: the squared change of the output for a change
      that is usual there. Neither the scale or origin of any feature nor the batch size changes the loss, though an
      optimizer's steps still depend on the scale: do scale the inputs. A feature that never varies is free.

    Source:
        ross2017right, section 2.1. From the public code: the gradient is that of the sum over classes of the
        log-probabilities; biases count as weights; "normalized", which was used for learning with less data, and the
        other outputs, of which the sum of probabilities is always 1 and so without effect. Ours: "standardized", L1 for
        any form, and the target's own probability and log-probability. In a model with batch normalization the gradient
        of an output reaches the other samples of its batch, and is summed over them.
    """

    reference: ClassVar[str] = "ross2017right"

    penalty_weight: float = 1000.0  # lambda_1
    parameter_weight: float = 1e-4  # lambda_2
    form: Form = "published"
    norm: Norm = "l2"  # squares of gradients, or magnitudes
    output: PenalizedOutput = "sum_log_probability"

    def __post_init__(self) -> None:
        for name in ("penalty_weight", "parameter_weight"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")
        for name, choices in (("form", Form), ("norm", Norm), ("output", PenalizedOutput)):
            if getattr(self, name) not in get_args(choices):
                raise ValueError(f"{name} must be one of {get_args(choices)}, got {getattr(self, name)!r}")

    @property
    def version(self) -> int:  # type: ignore[override]  # of the settings, as few of them train another model
        """2 for the probability and the log-probability of one class, which were rounded where a model is certain."""
        return 1 if self.output.startswith("sum_") else 2

    def passes(self, model: nn.Module) -> int:
        """What a step with an annotation needs at least, in forward passes; a regular step needs 3.

        A backward pass counts 1 if it ends in the inputs, 2 if it also ends in the weights: the forward pass and the
        input gradient take 1 + 1, the way back through both takes 2 + 2.
        """
        return 6 if self.penalty_weight else 3

    def start(self, samples: Samples, state: TrainingState) -> None:
        """Remember the deviation of each feature, for the form "standardized".

        Raises:
            ValueError: inputs that are word ids, or an annotation of inputs that an augmentation moves away from it.
        """
        refuse_words(self, samples)
        if state.augmented and self.penalty_weight and samples.irrelevant is not None:
            raise ValueError(
                f"{type(self).__name__} needs an annotation that stays with its inputs, got inputs that are augmented; "
                "train on a data set without augmentation"
            )
        if self.form == "standardized" and samples.irrelevant is not None:
            state.memory["deviation"] = samples.inputs[:].std(dim=0, correction=0)  # `[:]` reads what is lazy

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """Error of the predictions, of the reasons, and size of the parameters."""
        reduction = "sum" if self.form == "published" else "mean"
        if batch.irrelevant is None or not self.penalty_weight or not batch.irrelevant.any():
            error = cross_entropy(model(batch.inputs), batch.targets, reduction=reduction)
        else:
            inputs = batch.inputs.detach().requires_grad_()
            with twice_differentiable(model):
                logits = model(inputs)
                explained = penalized_output(logits, batch.targets, self.output).sum()
                (gradients,) = torch.autograd.grad(explained, inputs, create_graph=True)
            error = cross_entropy(logits, batch.targets, reduction=reduction)
            error = error + self.penalty_weight * self._penalty(gradients, batch.irrelevant, state)
        if not self.parameter_weight:
            return error
        squares = [parameter.square().sum() for parameter in model.parameters() if parameter.requires_grad]
        return error + self.parameter_weight * torch.stack(squares).sum()

    def _penalty(self, gradients: Tensor, irrelevant: Tensor, state: TrainingState) -> Tensor:
        if self.form == "standardized":
            gradients = gradients * state.memory["deviation"]
        sizes = gradients.square() if self.norm == "l2" else gradients.abs()
        total = torch.where(irrelevant, sizes, 0).sum()
        if self.form == "published":
            return total
        return total / (irrelevant.sum() if self.form == "normalized" else len(gradients))


def penalized_output(logits: Tensor, targets: Tensor, output: PenalizedOutput) -> Tensor:
    """The number of each sample whose input gradient is penalized.

    Args:
        logits: shape (N, K).
        targets: class indices, shape (N,).
        output: a sum over the classes, that of the likeliest class, or that of the target.

    Returns:
        Shape (N,).
    """
    if output == "sum_log_probability":
        return logits.log_softmax(dim=1).sum(dim=1)
    if output == "sum_probability":
        return logits.softmax(dim=1).sum(dim=1)
    classes = logits.detach().argmax(dim=1) if output.startswith("max_") else targets
    log_probability = log_of_sigmoid(output_of(logits, classes, "log_odds"))
    return log_probability if output.endswith("log_probability") else log_probability.exp()
