"""AUROC of the model: how well its probabilities rank the samples of a class before those of the others."""

import torch
from torch import Tensor

from .base import Case, Family, Metric, Need, Sign


def auroc(logits: Tensor, targets: Tensor) -> Tensor:
    """For each sample, the share of the other classes' samples that get less probability of its class.

    Ties count half. The mean over the samples of one class is the area under the ROC curve of that class against the
    rest, so the mean over all samples is the mean of these areas, each weighted by how often its class occurs. For two
    classes both areas are equal, and the mean is the usual binary one. A score depends on the samples of other classes:
    give the whole test split, and do not draw intervals from the spread of the scores.

    Args:
        logits: shape (N, K).
        targets: class indices, shape (N,).

    Returns:
        Shape (N,), in [0, 1], float64; higher is better, 0.5 by chance. NaN if no sample is of another class, and for
        logits that are NaN or +infinite, which are not counted as anyone's rival either.

    Source:
        fawcett2006introduction, section 9.2: one class against the rest, weighted by prevalence. The unweighted
        (macro) mean is that of the class means. Samples are ranked by the log-odds of the class, an increasing
        function of its probability, because probabilities near 1 are rounded to ties.
    """
    logits = logits.double()
    log_odds = _log_odds(logits - logits.amax(dim=1, keepdim=True))  # rows that differ by a shift only are ties
    known = ~torch.softmax(logits, dim=1).isnan().any(dim=1)
    scores = torch.full_like(log_odds[:, 0], torch.nan)
    for label in targets.unique().tolist():
        own = (targets == label) & known
        rivals = log_odds[(targets != label) & known, label].sort().values
        candidates = log_odds[own, label]
        beaten = torch.searchsorted(rivals, candidates)
        not_above = torch.searchsorted(rivals, candidates, right=True)
        scores[own] = (beaten + not_above).double() / (2 * len(rivals)) if len(rivals) else torch.nan
    return scores


def _log_odds(logits: Tensor) -> Tensor:
    """The log-odds ln p - ln(1 - p), shape (N, K), exact where p rounds to 1."""
    log_probabilities = logits.log_softmax(dim=1)
    top = logits.argmax(dim=1, keepdim=True)
    others = logits.scatter(1, top, -torch.inf).logsumexp(dim=1, keepdim=True)
    log_complements = torch.log1p(-log_probabilities.exp())  # fine for p up to 1/2
    return (log_probabilities - log_complements).scatter(1, top, logits.gather(1, top) - others)


def _score(case: Case) -> Tensor:
    logits, targets = case.require_predictions()
    return auroc(logits, targets)


AUROC = Metric(
    name="auroc",
    version=1,
    score=_score,
    higher_is_better=True,
    across_models=True,
    bounds=(0.0, 1.0),
    unit="area",
    family=Family.PERFORMANCE,
    needs=frozenset({Need.PREDICTIONS}),
    sign=Sign.UNUSED,
    description="area under the ROC curve of each class against the rest, weighted by the class's share",
    reference="fawcett2006introduction",
    independent=False,
)
