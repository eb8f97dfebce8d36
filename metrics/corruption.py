"""Accuracy of the model itself on corrupted inputs: correctness at each strength, and the area under it."""

from collections.abc import Callable, Hashable, Sequence

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from .accuracy import correctness
from .base import Case, Family, Metric, Need, Sign
from .forwards import check_eval_mode

_ROWS = 256  # samples a forward


def corrupted_correctness(
    model: nn.Module, samples: Samples, corrupt: Callable[[Samples, float], Tensor], levels: Sequence[float]
) -> Tensor:
    """Is the model right on inputs corrupted with rising strength?

    Args:
        model: maps (N, *F) to logits (N, K); in eval mode.
        samples: N samples.
        corrupt: gives the corrupted inputs (N, *F) of samples at a level above 0, each from its own id.
        levels: strengths; at 0 the inputs are whole.

    Returns:
        1 or 0, shape (len(levels), N), float32; NaN logits are wrong.

    Raises:
        ValueError: a model in training mode.
    """
    check_eval_mode(model)
    parts = [samples[start : start + _ROWS] for start in range(0, len(samples), _ROWS)]
    with torch.no_grad():
        rows = [
            torch.cat(
                [correctness(model(corrupt(part, level) if level else part.inputs), part.targets) for part in parts]
            )
            for level in levels
        ]
    return torch.stack(rows)


def area_under(correct: Tensor, levels: Sequence[float]) -> Tensor:
    """Trapezoid of correctness (L, N) over the levels, shape (N,); its mean is the area under the accuracy curve."""
    return torch.trapezoid(correct, x=torch.tensor(levels, dtype=correct.dtype, device=correct.device), dim=0)


def declare(
    name: str,
    correct: Callable[[nn.Module, Samples, int], Tensor],
    levels: Sequence[float],
    *,
    column: str,
    unit: str,
    modalities: frozenset[Modality],
    description: str,
) -> Metric:
    """The metric of a kind of corruption.

    Args:
        name: of the metric.
        correct: gives the correctness (L, N) of a model on samples, with a seed.
        levels: the strengths.
        column: what a level is called in the curve.
        unit: of the area.
        modalities: those that can be corrupted so.
        description: one line.
    """
    key: Hashable = ("corrupted", name)

    def found(case: Case) -> Tensor:
        return case.once(key, lambda: correct(case.require_model(), case.samples, case.seed))

    return Metric(
        name=name,
        version=1,
        score=lambda case: area_under(found(case), levels),
        higher_is_better=True,
        across_models=True,
        bounds=(0.0, levels[-1]),
        unit=unit,
        family=Family.ROBUSTNESS,
        needs=frozenset({Need.MODEL}),
        modalities=modalities,
        sign=Sign.UNUSED,
        description=description,
        reference="xaiconstrained",
        curve=lambda case: {column: list(levels), "accuracy": found(case).mean(dim=1).tolist()},
    )
