"""Average ranks of methods for the page: a critical-difference diagram for each metric that has enough to rank."""

from dataclasses import replace
from typing import Any

from ..leaderboard import Leaderboard
from ..rank_summary import MetricRanks, fewest_blocks, rank_metrics
from .script import number

FEWEST_METHODS = 3  # two are compared by a paired test
MOST_METHODS = 40  # more cannot be read in one diagram
RANKED = {"saliency": "saliency methods", "training": "training methods"}


def ranks_payload(leaderboard: Leaderboard) -> dict[str, Any]:
    """The rank comparisons that can be drawn.

    Blocks in which the metric is unreliable are left out.

    Args:
        leaderboard: of one plan, with its evidence.

    Returns:
        `diagrams`, each with the `metric`, what it ranks (`by`), `average` ranks from best to worst as pairs, `blocks`,
        those `left_out` because a method lacks there, the methods that it is `without` because few blocks have them,
        Friedman's `p`, Nemenyi's `difference`, `groups` of methods that cannot be told apart, and the `verdict` in
        words; and `absent`, the metrics without a diagram, by what they would rank and the reason.
    """
    trusted = replace(leaderboard, cells=leaderboard.cells[leaderboard.cells["unreliable"] == ""])
    diagrams: list[dict[str, Any]] = []
    absent: dict[str, dict[str, list[str]]] = {}
    for by, what in RANKED.items():
        methods = trusted.cells.loc[~trusted.cells["control"], by].nunique()
        if methods > MOST_METHODS:
            reason = f"too many methods to draw: {methods}, at most {MOST_METHODS}"
            absent[what] = {reason: [metric.name for metric in trusted.metrics]}
            continue
        for ranks in rank_metrics(trusted, by=by):
            reason = _obstacle(ranks)
            if reason:
                absent.setdefault(what, {}).setdefault(reason, []).append(ranks.metric.name)
            else:
                diagrams.append({"by": what} | _plain(ranks))
    return {"diagrams": diagrams, "absent": absent}


def _obstacle(ranks: MetricRanks) -> str:
    """Why there is no diagram; empty if there can be one."""
    found = ranks.comparison
    if found is None:
        return ranks.verdict
    methods = len(found.average)
    if methods < FEWEST_METHODS:
        return f"too few methods: {methods}, {FEWEST_METHODS} needed"
    return ranks.verdict if found.blocks < fewest_blocks(methods) else ""


def _plain(ranks: MetricRanks) -> dict[str, Any]:
    found = ranks.comparison
    if found is None:
        raise ValueError(f"{ranks.metric.name} ranks nothing")
    return {
        "metric": ranks.metric.name,
        "average": [[name, number(rank)] for name, rank in found.average.items()],
        "blocks": found.blocks,
        "left_out": found.left_out,
        "without": ranks.absent,
        "p": number(found.p),
        "difference": number(found.critical_difference),
        "groups": found.groups,
        "verdict": ranks.verdict,
    }
