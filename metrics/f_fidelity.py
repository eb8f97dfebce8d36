"""F-Fidelity: few random units of the relevant part are removed from a model that is used to missing ones."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..datasets.base import Modality, Samples
from ..datasets.randomness import uniform
from .accuracy import defined_correctness
from .base import Case, Family, Metric, Need, Sign
from .forwards import outputs_in_chunks
from .protocol import TENTHS
from .ranking import relevance_ranks
from .units import expand_units, relevance_maps

DRAWS = 3
CHUNK = 128  # rows a forward


class Fidelity(NamedTuple):
    """How much correctness is lost, each of shape (N,), in [-1, 1]."""

    plus: Tensor  # without random units of the relevant part; higher is better
    minus: Tensor  # without random units of the other part; lower is better


def f_fidelity(
    finetuned: nn.Module,
    samples: Samples,
    attributions: Tensor,
    modality: Modality,
    *,
    removed_fraction: float = 0.5,
    most_removed: float = 0.1,
    seed: int = 0,
) -> Fidelity:
    """Loss of correctness when random units inside, or outside, of the relevant part are replaced by the fill.

    For each size s of the relevant part (10, 20, …, 90 % of the units) a random share of it is removed, at most a
    tenth of the whole input, which is what the model was fine-tuned on: no input is further from the training data
    than that, whatever the map. The scores are means over the sizes and over three draws.

    Args:
        finetuned: the model after `RandomMasking`, in eval mode.
        samples: N samples.
        attributions: larger in absolute value is more relevant, shape (N, *F).
        modality: decides what one unit is.
        removed_fraction: share of the part that is removed (alpha), in (0, 1].
        most_removed: share of all units that is never exceeded (beta), in (0, 1].
        seed: of the draws and of the order among equally relevant units.

    Returns:
        Both losses of correctness, which may be negative where the model is right by luck; NaN where a logit is.

    Raises:
        ValueError: a fraction outside (0, 1], or a model in training mode.

    Source:
        zheng2024ffidelity, equations 6 and 7 in words: FFid+ and FFid- with alpha 0.5 and beta 0.1, averaged here over
        the sizes, which they plot. A count is rounded down, at least one.
    """
    for name, value in (("removed_fraction", removed_fraction), ("most_removed", most_removed)):
        if not 0 < value <= 1:
            raise ValueError(f"{name} must lie in (0, 1], got {value}")
    ranks = relevance_ranks(relevance_maps(attributions, modality), samples.ids, seed=seed)
    units = ranks.shape[1]
    tops = [max(1, units * percent // 100) for percent in TENTHS]
    parts = [(top, relevant) for top in tops for relevant in (True, False)]
    clean = _correct(finetuned, samples, lambda start, stop: samples.inputs[start:stop])
    lost = {True: torch.zeros_like(clean), False: torch.zeros_like(clean)}
    for draw in range(DRAWS):
        order = uniform(samples.ids, (units,), seed=seed, purpose=f"f-fidelity {draw}")
        for top, relevant in parts:
            inside = (ranks < top) if relevant else (ranks >= top)
            size = top if relevant else units - top
            count = max(1, int(min(removed_fraction * size, most_removed * units)))
            drawn = order.masked_fill(~inside, 2.0).topk(min(count, size), dim=1, largest=False).indices
            chosen = torch.zeros_like(inside).scatter_(1, drawn, value=True)
            correct = _correct(finetuned, samples, _replaced(samples, chosen, modality))
            lost[relevant] += (clean - correct) / (DRAWS * len(tops))
    return Fidelity(lost[True], lost[False])


def _replaced(samples: Samples, chosen: Tensor, modality: Modality) -> Callable[[int, int], Tensor]:
    shape = samples.inputs.shape[1:]

    def rows(start: int, stop: int) -> Tensor:
        removed = expand_units(chosen[start:stop], shape, modality)
        return torch.where(removed, samples.fill[start:stop], samples.inputs[start:stop])

    return rows


def _correct(model: nn.Module, samples: Samples, rows: Callable[[int, int], Tensor]) -> Tensor:
    return defined_correctness(outputs_in_chunks(model, rows, len(samples), CHUNK), samples.targets)


def _case_scores(case: Case) -> Fidelity:
    given = (case.require_finetuned(), case.samples, case.attributions, case.modality)
    return case.once("f_fidelity", lambda: f_fidelity(*given, seed=case.seed))


def _declare(name: str, score: Callable[[Case], Tensor], description: str, *, higher: bool) -> Metric:
    return Metric(
        name=name,
        version=2,  # 1: fine-tuned on inputs that could lack more than the share
        score=score,
        higher_is_better=higher,
        across_models=True,
        bounds=(-1.0, 1.0),
        unit="share of right answers",
        family=Family.FAITHFULNESS,
        needs=frozenset({Need.FINETUNED}),
        modalities=frozenset({Modality.IMAGE, Modality.SERIES, Modality.TABULAR}),
        sign=Sign.ABSOLUTE,
        description=description,
        reference="zheng2024ffidelity",
        ignores_removable=True,
    )


F_FIDELITY_PLUS = _declare(
    "f_fidelity_plus",
    lambda case: _case_scores(case).plus,
    "loss of accuracy without random units of the relevant part, of a model fine-tuned on random masks",
    higher=True,
)
F_FIDELITY_MINUS = _declare(
    "f_fidelity_minus",
    lambda case: _case_scores(case).minus,
    "loss of accuracy without random units of the irrelevant part, of a model fine-tuned on random masks",
    higher=False,
)
