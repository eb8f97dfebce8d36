"""Two training methods, or two saliency methods, metric by metric: paired differences with intervals and tests."""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import pandas as pd

from .intervals import (
    CONFIDENCE,
    FEWEST_SEEDS,
    Interval,
    grouped_interval,
    grouped_sample_interval,
    grouped_seed_interval,
)
from .paired import SIGNIFICANCE, holm, out_of_reach, rank_biserial, signed_rank_p
from .pairs import PairedGroup, paired_groups
from .record import Record
from .reliability import Place, place_of
from .scores import ReadScores

COLUMNS = [
    "metric",
    "higher_is_better",
    "first",
    "second",
    "difference",
    "low",
    "high",
    "source",
    "p",
    "corrected_p",
    "effect",
    "pairs",
    "verdict",
]
TIED, TOO_FEW = "tied", "too few seeds"
RULE = (
    "A pair is two models of one data set, architecture and seed (with --by saliency: two maps of one model), each the "
    "mean over what both share. "
    f"Interval: {CONFIDENCE:.0%} of the difference, over what its source says. p: Wilcoxon signed-rank test, corrected "
    "for the number of metrics (Holm). Effect: rank-biserial correlation, from -1 to 1. "
    f"Better: corrected p ≤ {SIGNIFICANCE:g} and an interval without zero. Too few seeds: fewer than {FEWEST_SEEDS}, "
    f"or so few pairs that no difference could pass the test."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two methods differ in.

    `table` has one row a metric, with the means of both over the pairs (`first`, `second`), the `difference` first
    minus second and its interval (`low`, `high`, `source`), `p` and `corrected_p`, the `effect` size, the number of
    `pairs` and the `verdict`; values are never negated, so that a negative difference is good where lower is better.
    `left_out` has the reason for each metric that is not compared; `unreliable` says for metrics of the table on how
    many data sets and architectures they were left out because they are marked there.
    """

    first: str
    second: str
    by: str
    table: pd.DataFrame
    left_out: dict[str, str]
    unreliable: dict[str, str]


def compare_methods(
    records: Iterable[Record],
    first: str,
    second: str,
    *,
    by: str,
    read_scores: ReadScores,
    unreliable: Container[Place] = frozenset(),
) -> Comparison:
    """Compare two methods wherever both were measured.

    Saliency methods of one model are averaged before anything is tested, for they are no independent trials; what one
    of the two lacks for any seed is left out for both. Controls do not count when training methods are compared.

    Args:
        records: of any entries, metrics and seeds.
        first: the name of a training or saliency method.
        second: the name of another.
        by: "training" or "saliency", what the names are of.
        read_scores: from a record to its scores of single samples, see `kept_scores`.
        unreliable: data sets, architectures and metrics whose numbers are left out, see `reliability.unreliable`.

    Returns:
        Metrics in the order of the records.

    Raises:
        ValueError: two equal names, or another `by`.
    """
    if by not in ("training", "saliency"):
        raise ValueError(f"by must be training or saliency, got {by!r}")
    if first == second:
        raise ValueError(f"two different methods must be given, got {first!r} twice")
    left_out: dict[str, str] = {}
    doubtful: dict[str, str] = {}
    rows = []
    for metric, every in _by_metric(records, {first, second}, by).items():
        found = [record for record in every if place_of(record) not in unreliable]
        asked, kept = ({place_of(record) for record in group} for group in (every, found))
        if not kept:
            left_out[metric] = "unreliable (‡) wherever it was measured"
            continue
        if kept < asked:
            doubtful[metric] = f"{len(asked) - len(kept)} of {len(asked)}"
        obstacle = _obstacle(found, by)
        groups = [] if obstacle else paired_groups(found, first, second, by, read_scores)
        if groups:
            rows.append(_row(metric, found[0].higher_is_better, groups))
        else:
            left_out[metric] = obstacle or _why_no_pair(found)
    table = pd.DataFrame(_judged(rows, first, second), columns=COLUMNS)
    shown = {metric: said for metric, said in doubtful.items() if metric not in left_out}
    return Comparison(first=first, second=second, by=by, table=table, left_out=left_out, unreliable=shown)


def _by_metric(records: Iterable[Record], names: set[str], by: str) -> dict[str, list[Record]]:
    metrics: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        if getattr(record, by) in names and not (by == "training" and record.control):
            metrics[record.metric].append(record)
    return metrics


def _obstacle(records: list[Record], by: str) -> str:
    if by == "training" and not records[0].across_models:
        return "its scale depends on the model, so that two models cannot be compared"
    if by == "saliency" and records[0].family == "performance":
        return "it is of the model, whatever explains it"
    return ""


def _why_no_pair(records: list[Record]) -> str:
    notes = dict.fromkeys(record.note for record in records if record.note)
    return "; ".join(notes) or "both were never measured together"


def _row(metric: str, higher_is_better: bool, groups: list[PairedGroup]) -> dict[str, Any]:
    pairs = np.concatenate([group.pairs for group in groups])
    interval = _interval(groups)
    return {
        "metric": metric,
        "higher_is_better": higher_is_better,
        "first": fmean(group.first.mean() for group in groups),
        "second": fmean(group.second.mean() for group in groups),
        "difference": fmean(group.pairs.mean() for group in groups),
        "low": interval.low,
        "high": interval.high,
        "source": interval.source,
        "p": signed_rank_p(pairs),
        "effect": rank_biserial(pairs),
        "pairs": len(pairs),
        "fewest": min(len(group.pairs) for group in groups),
    }


def _interval(groups: list[PairedGroup]) -> Interval:
    """Over seeds and samples; over seeds alone where no scores of samples are kept; else over samples alone."""
    enough = all(len(group.pairs) >= FEWEST_SEEDS for group in groups)
    scores = [group.differences for group in groups if group.differences is not None]
    if len(scores) < len(groups):
        return grouped_seed_interval([group.pairs for group in groups])
    names = [group.dataset for group in groups]
    return (
        grouped_interval(scores, names=names) if enough else grouped_sample_interval(scores, names=names, unit="pair")
    )


def _judged(rows: list[dict[str, Any]], first: str, second: str) -> list[dict[str, Any]]:
    ps, pairs = [row["p"] for row in rows], [row["pairs"] for row in rows]
    judged = []
    for row, corrected, unreachable in zip(rows, holm(ps), out_of_reach(ps, pairs), strict=True):
        if unreachable or row["fewest"] < FEWEST_SEEDS:
            verdict = TOO_FEW
        elif corrected <= SIGNIFICANCE and (row["low"] > 0 or row["high"] < 0):
            verdict = f"{first if (row['difference'] > 0) == row['higher_is_better'] else second} better"
        else:
            verdict = TIED
        judged.append({**row, "corrected_p": corrected, "verdict": verdict})
    return judged
