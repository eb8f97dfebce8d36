"""Calibration error: how far the model's confidence is from its accuracy."""

import torch
from torch import Tensor

from .accuracy import correctness
from .base import Case, Family, Metric, Need, Sign

BINS = 15


def calibration_error(logits: Tensor, targets: Tensor, *, bins: int = BINS) -> Tensor:
    """Each sample's part of the expected calibration error: |accuracy - confidence| of the bin that it lies in.

    A bin's gap counts once for each of its samples, so the mean over samples is exactly the expected calibration
    error, Σ (samples in the bin / N) · |accuracy - confidence|. One score alone says nothing of its sample, and hangs
    on all others: give the whole test split, and do not draw intervals from the spread of the scores.

    Args:
        logits: shape (N, K).
        targets: class indices, shape (N,).
        bins: number of bins of equal width, open below and closed above, over the confidence, which is the largest
            probability.

    Returns:
        Shape (N,), in [0, 1], float64; lower is better. NaN for logits that are NaN or +infinite; such samples are in
        no bin.

    Raises:
        ValueError: fewer than one bin.

    Source:
        guo2017calibration, section 2, the expected calibration error.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    confidence = torch.softmax(logits.double(), dim=1).amax(dim=1)
    known = ~confidence.isnan()
    gaps = torch.where(known, correctness(logits, targets).double() - confidence, 0.0)
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64, device=logits.device)
    places = torch.bucketize(confidence, edges[1:-1])
    zeros = torch.zeros_like(edges[1:])
    total = zeros.scatter_add(0, places, gaps)
    count = zeros.scatter_add(0, places, known.double())
    return (total / count).abs()[places].masked_fill(~known, torch.nan)


def _score(case: Case) -> Tensor:
    logits, targets = case.require_predictions()
    return calibration_error(logits, targets)


CALIBRATION_ERROR = Metric(
    name="calibration_error",
    version=1,
    score=_score,
    higher_is_better=False,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="probability",
    family=Family.PERFORMANCE,
    needs=frozenset({Need.PREDICTIONS}),
    sign=Sign.UNUSED,
    description="expected gap between the model's confidence and its accuracy, in 15 bins",
    reference="guo2017calibration",
    independent=False,
)
