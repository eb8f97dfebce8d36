"""ERASER's pair as published: tokens are deleted, the text gets shorter, and queries and separators stay."""

from typing import Literal, get_args

import torch
from torch import Tensor

from ..datasets.base import Modality
from .base import Case, Family, Metric, Sign
from .eraser import THRESHOLDS
from .probability import probability_drop
from .protocol import Fill, Protocol

Averaging = Literal["code", "paper"]

DELETED = Protocol(
    name="eraser_deleted",
    most=THRESHOLDS,
    least=(*sorted(100 - percent for percent in THRESHOLDS), 100),  # 100 leaves no token, the paper's k = 0
    fill=Fill.DELETE,
    rounds_kept_up=True,
)


def eraser_comprehensiveness(clean: Tensor, removed: Tensor, *, averaging: Averaging = "code") -> Tensor:
    """Drop of the predicted class's probability once the top 1, 5, 10, 20, 50 % of the tokens are deleted.

    Of n removable tokens, n · p / 100 are deleted, rounded up.

    Args:
        clean: logits of the whole texts, shape (N, K); the class is their largest.
        removed: logits without the top tokens, one row of texts a threshold, shape (B, N, K).
        averaging: "code" divides the sum over the thresholds by |B|; "paper" by |B| + 1, because it starts at k = 0,
            where nothing is deleted and the drop is 0: with five thresholds, 5/6 of the code's number.

    Returns:
        Shape (N,), in [-1, 1]; higher is better.

    Raises:
        ValueError: shapes that do not agree, or an unknown averaging.

    Source:
        deyoung2020eraser, section 4.2, and its public code, which deletes tokens, keeps the query and the separators,
        and has no term for k = 0.
    """
    _check(averaging)
    drops = _drops(clean, removed)
    return drops.sum(dim=0) / (len(drops) + (averaging == "paper"))


def eraser_sufficiency(
    clean: Tensor, kept: Tensor, empty: Tensor | None = None, *, averaging: Averaging = "code"
) -> Tensor:
    """Drop of the predicted class's probability if only the top 1, 5, 10, 20, 50 % of the tokens are kept.

    Of n removable tokens, n · p / 100 are kept, rounded up, in their order, with the query and the separators.

    Args:
        clean: logits of the whole texts, shape (N, K); the class is their largest.
        kept: logits with the top tokens alone, one row of texts a threshold, shape (B, N, K).
        empty: logits without any removable token, shape (N, K); only "paper" reads it.
        averaging: "code" is the mean over the thresholds. "paper" starts at k = 0, where nothing is kept: the drop
            from the whole text to the one without its tokens is added, and the sum divided by |B| + 1. The paper
            does not say so; it is what its formula means when a rationale of no tokens is kept.

    Returns:
        Shape (N,), in [-1, 1]; lower is better.

    Raises:
        ValueError: shapes that do not agree, an unknown averaging, or "paper" without `empty`.

    Source:
        deyoung2020eraser, section 4.2, and its public code.
    """
    _check(averaging)
    if averaging == "code":
        return _drops(clean, kept).mean(dim=0)
    if empty is None:
        raise ValueError("averaging 'paper' needs the logits of the texts without any token, got none")
    return _drops(clean, torch.cat([empty.unsqueeze(0), kept])).mean(dim=0)


def _check(averaging: str) -> None:
    if averaging not in get_args(Averaging):
        raise ValueError(f"averaging must be one of {get_args(Averaging)}, got {averaging!r}")


def _drops(clean: Tensor, perturbed: Tensor) -> Tensor:
    if perturbed.shape[1:] != clean.shape or perturbed.ndim != 3:
        raise ValueError(f"perturbed logits must have shape (B, *{tuple(clean.shape)}), got {tuple(perturbed.shape)}")
    return probability_drop(clean, perturbed, clean.argmax(dim=-1))


def _comprehensiveness(case: Case, averaging: Averaging) -> Tensor:
    curves = case.require_curves(DELETED)
    return eraser_comprehensiveness(curves.clean, curves.most, averaging=averaging)


def _sufficiency(case: Case, averaging: Averaging) -> Tensor:
    curves = case.require_curves(DELETED)
    kept = torch.stack([curves.at(100 - percent, most_relevant_first=False) for percent in THRESHOLDS])
    empty = curves.at(100, most_relevant_first=False)
    return eraser_sufficiency(curves.clean, kept, empty, averaging=averaging)


def _declare(averaging: Averaging, *, keeps: bool) -> Metric:
    name = "eraser_sufficiency" if keeps else "eraser_comprehensiveness"
    change = "keeping only" if keeps else "deleting"
    return Metric(
        name=name if averaging == "code" else f"{name}_paper",
        version=1,
        score=lambda case: (_sufficiency if keeps else _comprehensiveness)(case, averaging),
        higher_is_better=not keeps,
        across_models=False,
        bounds=(-1.0, 1.0),
        unit="probability",
        family=Family.FAITHFULNESS,
        protocols=(DELETED,),
        modalities=frozenset({Modality.TEXT}),  # nothing else gets shorter
        sign=Sign.ABSOLUTE,
        description=f"drop of the predicted class's probability on {change} the top 1, 5, 10, 20, 50 % of the tokens"
        + (", and none; divided by 6" if averaging == "paper" else ""),
        reference="deyoung2020eraser",
    )


ERASER_COMPREHENSIVENESS = _declare("code", keeps=False)
ERASER_SUFFICIENCY = _declare("code", keeps=True)
ERASER_COMPREHENSIVENESS_PAPER = _declare("paper", keeps=False)
ERASER_SUFFICIENCY_PAPER = _declare("paper", keeps=True)
