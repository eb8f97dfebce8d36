"""Find another explanation: models trained one after another, each forbidden what all before it looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from ...datasets.base import Budget, Samples
from ...metrics.forwards import rows_a_forward
from ..models import evaluation, output_of
from .base import Predecessor, Recipe, TrainingState
from .fit import fit
from .right_reasons import RightForRightReasons
from .stopping import accuracy

CUTOFF = 0.67  # c


class Round(NamedTuple):
    """One model and what it looks at."""

    model: nn.Module  # in eval mode
    annotation: Tensor  # A, what this model was forbidden to look at, bool, shape (N, *F)
    mask: Tensor  # M_c, its large gradients over the training samples, bool, shape (N, *F)
    train_accuracy: float  # in [0, 1]
    test_accuracy: float


def large_gradients(model: nn.Module, inputs: Tensor, *, cutoff: float = CUTOFF) -> Tensor:
    """Where a prediction is most sensitive: |g| > c · max |g| of the sample.

    Args:
        model: maps (N, *F) to logits (N, K); its mode is left as it was.
        inputs: shape (N, *F).
        cutoff: c, in [0, 1).

    Returns:
        M_c, bool, shape (N, *F); a row of zero gradients has no ones.

    Raises:
        ValueError: cutoff outside [0, 1).

    Source:
        ross2017right, section 2.2; strictly above, as in the public code, where g is the gradient of the predicted
        class's probability. Departure, exact: g is the gradient of that class's log-odds, which is the same up to a
        positive factor for each sample, and does not vanish in float32 where the model is certain.
    """
    if not 0 <= cutoff < 1:
        raise ValueError(f"cutoff must lie in [0, 1), got {cutoff}")
    masks = [torch.zeros_like(inputs[:0], dtype=torch.bool)]
    with evaluation(model), torch.enable_grad():
        for part in inputs.split(rows_a_forward(inputs)):
            rows = part.detach().requires_grad_()
            logits = model(rows)
            explained = output_of(logits, logits.detach().argmax(dim=1), "log_odds").sum()
            sizes = torch.autograd.grad(explained, rows)[0].abs()
            largest = sizes.flatten(1).amax(dim=1).view(-1, *[1] * (sizes.ndim - 1))
            masks.append(sizes > cutoff * largest)
    return torch.cat(masks)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherExplanation(RightForRightReasons):
    """Right for the right reasons, with the union of the predecessors' large gradients as the annotation.

    The annotation of the samples is not looked at. Without a predecessor this is regular training.

    >>> second = AnotherExplanation(penalty_weight=1e3, after=AnotherExplanation())
    >>> third = AnotherExplanation(penalty_weight=1e6, after=second)

    Source:
        ross2017right, section 2.2.
    """

    reference: ClassVar[str] = "ross2017right"

    cutoff: float = CUTOFF  # c
    after: "AnotherExplanation | None" = None  # how the model before this one is trained

    @property
    def predecessor(self) -> Predecessor | None:
        """The model before this one, which has predecessors of its own."""
        return None if self.after is None else Predecessor(self.after)

    def start(self, samples: Samples, state: TrainingState) -> None:
        """Remember the union of all masks, for each sample id."""
        union = _nowhere(samples)
        annotation = union if state.predecessors else None
        RightForRightReasons.start(self, replace(samples, irrelevant=annotation), state)
        for model in state.predecessors:
            union |= large_gradients(model, samples.inputs, cutoff=self.cutoff)
        order = samples.ids.argsort()
        state.memory["ids"], state.memory["irrelevant"] = samples.ids[order], union[order]

    def loss(self, model: nn.Module, batch: Samples, state: TrainingState) -> Tensor:
        """As for right for the right reasons."""
        places = torch.searchsorted(state.memory["ids"], batch.ids)
        annotated = replace(batch, irrelevant=state.memory["irrelevant"][places])
        return RightForRightReasons.loss(self, model, annotated, state)


def find_another_explanation(
    samples: Samples,
    test: Samples,
    build: Callable[[], nn.Module],
    budget: Budget,
    *,
    recipe: RightForRightReasons | Sequence[RightForRightReasons] | None = None,
    rounds: int = 3,
    cutoff: float = CUTOFF,
    seed: int = 0,
    stop_below: float = 0.0,
    on_round: Callable[[int, Round], None] = lambda number, found: None,
) -> list[Round]:
    """Train models until no other explanation is left, each from scratch and with the same seed.

    Args:
        samples: for training; their own annotation is not looked at. `salbench.datasets.frame_samples` makes them of
            a data frame, and `Samples(inputs=…, targets=…, ids=…, fill=…)` of tensors.
        test: for the test accuracy alone.
        build: makes an untrained model that maps (N, *F) to logits (N, K), on the device of the samples.
        budget: how each model is trained.
        recipe: the penalty, or one for each round, of which the first has nothing to forbid; None takes the published.
        rounds: how many models at most, at least 1.
        cutoff: c of `large_gradients`, in [0, 1).
        seed: of the initial weights and of the training, for every model.
        stop_below: end after the first model with a training accuracy below this.
        on_round: called after each round with its number, from 0.

    Returns:
        The rounds, first to last.

    Raises:
        ValueError: fewer than one round, recipes that are not one for each round, an `AnotherExplanation` among them,
            or cutoff outside [0, 1).
        FloatingPointError: a penalty that makes the loss overflow.

    Source:
        ross2017right, section 2.2. The public toy experiment has lambda_1 = 1e3 in round 1 and 1e6 in round 2.
    """
    if rounds < 1:
        raise ValueError(f"rounds must be at least 1, got {rounds}")
    if not 0 <= cutoff < 1:
        raise ValueError(f"cutoff must lie in [0, 1), got {cutoff}")
    chosen = recipe or RightForRightReasons()
    recipes: Sequence[Recipe] = [chosen] * rounds if isinstance(chosen, Recipe) else chosen
    if len(recipes) != rounds:
        raise ValueError(f"recipe must be one for all or one for each of {rounds} rounds, got {len(recipes)}")
    if any(isinstance(each, AnotherExplanation) for each in recipes):
        raise ValueError(
            "recipe must be a RightForRightReasons, got AnotherExplanation, which looks at no round's annotation; "
            "pass RightForRightReasons with its settings"
        )
    found: list[Round] = []
    annotation = _nowhere(samples)
    for number, penalty in enumerate(recipes):
        model = _built(build, seed)
        fit(model, replace(samples, irrelevant=annotation), recipe=penalty, budget=budget, seed=seed)
        mask = large_gradients(model, samples.inputs, cutoff=cutoff)
        found.append(Round(model, annotation, mask, accuracy(model, samples), accuracy(model, test)))
        on_round(number, found[-1])
        if found[-1].train_accuracy < stop_below:
            break
        annotation = annotation | mask
    return found


def _nowhere(samples: Samples) -> Tensor:
    """The annotation that forbids nothing, also of inputs that are read lazily."""
    return torch.zeros(samples.inputs.shape, dtype=torch.bool, device=samples.inputs.device)


def _built(build: Callable[[], nn.Module], seed: int) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return build()
