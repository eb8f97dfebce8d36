"""A perturbation curve in one number, by any of the known definitions: what is read, and how it is summed."""

from collections.abc import Callable, Sequence
from enum import StrEnum

import torch
from torch import Tensor

from .base import Case
from .curves import Curves
from .probability import class_probability
from .protocol import SHARED, TENTHS, Protocol

WITH_ZERO = (0, *TENTHS)


class Output(StrEnum):
    """What is read off the logits of one class."""

    PROBABILITY = "probability"  # p, after softmax
    LOGIT = "logit"  # z, before it
    LOG_ODDS = "log odds"  # log p - log (1 - p)


class Change(StrEnum):
    """How a perturbed output y_k stands to the clean one y_0."""

    HEIGHT = "height"  # y_k
    DROP = "drop"  # y_0 - y_k
    RELATIVE_HEIGHT = "relative height"  # y_k / y_0
    RELATIVE_DROP = "relative drop"  # 1 - y_k / y_0


class Summary(StrEnum):
    """How the points of a curve become one number."""

    MEAN = "mean"
    TRAPEZOID = "trapezoid"  # over the shares removed, divided by their range
    UNIT_STEPS = "unit steps"  # trapezoid with a distance of 1 between points: longer grids give more


def class_outputs(logits: Tensor, classes: Tensor, output: Output) -> Tensor:
    """What the model says of one class a sample.

    Args:
        logits: shape (..., N, K).
        classes: class indices, shape (N,).
        output: what is read.

    Returns:
        Shape (..., N), float64.
    """
    if output is Output.PROBABILITY:
        return class_probability(logits, classes)
    logits = logits.double()
    index = classes.unsqueeze(-1).expand(*logits.shape[:-1], 1)
    chosen = logits.gather(-1, index).squeeze(-1)
    if output is Output.LOGIT:
        return chosen
    others = logits.scatter(-1, index, -torch.inf)
    return chosen - others.logsumexp(dim=-1)


def curve_scores(
    curves: Curves,
    classes: Tensor,
    *,
    percents: Sequence[int],
    most_relevant_first: bool,
    output: Output = Output.PROBABILITY,
    change: Change = Change.DROP,
    summary: Summary = Summary.MEAN,
) -> Tensor:
    """One number a sample from its perturbation curve.

    Args:
        curves: logits of N samples.
        classes: the class that is watched, shape (N,): the true or the predicted one.
        percents: of the units removed, the points of the curve; 0 is the whole input.
        most_relevant_first: which curve.
        output: what is read off the logits.
        change: what it is set against.
        summary: what becomes of the points.

    Returns:
        Shape (N,), float64; NaN where a logit is.

    Raises:
        ValueError: a percent that is not on the curves' grid, or a single point for a trapezoid.

    Source:
        samek2017evaluating, equation 12, is a mean of drops; petsiuk2018rise a trapezoid of heights; xaiconstrained
        a trapezoid of relative drops.
    """
    if summary is not Summary.MEAN and len(percents) < 2:
        raise ValueError(f"a trapezoid needs two percents, got {tuple(percents)}")
    logits = torch.stack([curves.at(percent, most_relevant_first=most_relevant_first) for percent in percents])
    clean, points = (class_outputs(found, classes, output) for found in (curves.clean, logits))
    if change is Change.DROP:
        points = clean - points
    elif change is not Change.HEIGHT:
        points = points / clean
        points = 1 - points if change is Change.RELATIVE_DROP else points
    return summed(points, percents, summary)


def summed(points: Tensor, percents: Sequence[int], summary: Summary) -> Tensor:
    """Points (S, N) at these percents as one number a sample, shape (N,)."""
    if summary is Summary.MEAN:
        return points.mean(dim=0)
    if summary is Summary.UNIT_STEPS:
        return torch.trapezoid(points, dim=0)
    places = torch.tensor(sorted(percents), dtype=points.dtype, device=points.device)
    ordered = points if percents[0] <= percents[-1] else points.flip(0)
    return torch.trapezoid(ordered, places, dim=0) / (places[-1] - places[0])


def curve_score(
    most_relevant_first: bool,
    percents: Sequence[int] = WITH_ZERO,
    *,
    output: Output = Output.PROBABILITY,
    change: Change = Change.DROP,
    summary: Summary = Summary.MEAN,
    predicted: bool = False,
    right_only: bool = False,
    factor: float = 1.0,
    protocol: Protocol = SHARED,
) -> Callable[[Case], Tensor]:
    """`curve_scores` of a case.

    Args:
        most_relevant_first: which curve.
        percents: as for `curve_scores`.
        output: likewise.
        change: likewise.
        summary: likewise.
        predicted: watch the class that the model predicts, not the true one.
        right_only: leave out samples that the model gets wrong.
        factor: of all scores.
        protocol: whose curves are read.
    """

    def score(case: Case) -> Tensor:
        curves, targets = case.require_curves(protocol), case.samples.targets
        said = curves.clean.argmax(dim=-1)
        found = factor * curve_scores(
            curves,
            said if predicted else targets,
            percents=percents,
            most_relevant_first=most_relevant_first,
            output=output,
            change=change,
            summary=summary,
        )
        return found.masked_fill(said != targets, torch.nan) if right_only else found

    return score
