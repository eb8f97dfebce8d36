"""The ranks of methods under every metric of a leaderboard, and what may be concluded from so many blocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from math import factorial, isnan

import pandas as pd

from .leaderboard import Leaderboard, MetricColumn
from .paired import SIGNIFICANCE
from .ranks import RankComparison, compare_ranks, critical_difference, rank_table, with_most_cells
from .tables import MISSING


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRanks:
    """What one metric says of all methods."""

    metric: MetricColumn
    comparison: RankComparison | None  # None where nothing can be ranked
    verdict: str  # in words: the best and who is tied with it, or why nothing can be said
    absent: tuple[str, ...] = ()  # methods that too few blocks have; with them there would be less to compare
    unshared: tuple[str, ...] = ()  # see `ranks.RankTable`

    @property
    def enough(self) -> bool:
        """Are there as many methods and blocks as an order needs?"""
        return self.comparison is not None and self.comparison.blocks >= fewest_blocks(len(self.comparison.average))


def fewest_blocks(methods: int, *, level: float = SIGNIFICANCE) -> int:
    """How many blocks it takes before any two of so many methods can be told apart, however clear the order.

    Args:
        methods: at least two.
        level: of the tests.

    Returns:
        The least number for which one order in all blocks has a chance of no more than `level`, and for which the
        first and the last method lie a critical difference apart.

    Raises:
        ValueError: fewer than two methods.

    Source:
        Ours, from the null distribution of friedman's ranks in demsar2006statistical, section 3.2.2: all orders of a
        block are equally likely, so that all blocks have one order in (methods!)^(1 - blocks) of the cases.
    """
    if methods < 2:
        raise ValueError(f"ranks need two methods, got {methods}")
    return next(
        blocks
        for blocks in count(2)
        if factorial(methods) ** (blocks - 1) >= 1 / level
        and critical_difference(methods, blocks, level=level) <= methods - 1
    )


def rank_metrics(leaderboard: Leaderboard, *, by: str = "saliency") -> list[MetricRanks]:
    """Rank the methods by each metric that can tell them apart.

    Args:
        leaderboard: of any entries; its controls are left out.
        by: "saliency" or "training", what is ranked.

    Returns:
        One for each metric, but for metrics of performance where saliency methods are ranked: those are the model's.

    Raises:
        ValueError: an unknown `by`.
    """
    if by not in ("saliency", "training"):
        raise ValueError(f"by must be saliency or training, got {by!r}")
    return [
        _ranks(leaderboard, metric, by)
        for metric in leaderboard.metrics
        if by == "training" or metric.family != "performance"
    ]


def rank_frame(ranks: Iterable[MetricRanks]) -> pd.DataFrame:
    """A row a metric: metric (with its arrow), blocks, left_out, p, critical_difference, a column a method, verdict."""
    rows = []
    methods: dict[str, None] = {}
    for item in ranks:
        found = item.comparison
        row: dict[str, object] = {"metric": f"{item.metric.name} {item.metric.arrow}", "verdict": item.verdict}
        if found is not None:
            methods |= dict.fromkeys(found.average)
            row |= {"blocks": found.blocks, "left_out": found.left_out, "p": found.p, **found.average}
            row["critical_difference"] = found.critical_difference
        rows.append(row)
    columns = ["metric", "blocks", "left_out", "p", "critical_difference", *methods, "verdict"]
    return pd.DataFrame(rows, columns=columns).astype({"blocks": "Int64", "left_out": "Int64"})


def ranks_in_words(ranks: Iterable[MetricRanks]) -> pd.DataFrame:
    """A row a metric that can be read with any number of methods: metric, average_ranks (best first), verdict."""
    rows = []
    for item in ranks:
        found, ranked, tested = item.comparison, "", ""
        if found is not None:
            ranked = ", ".join(f"{name} {rank:.3g}" for name, rank in found.average.items())
            left_out = f" and {found.left_out} left out" if found.left_out else ""
            if item.absent:
                left_out += f", without {', '.join(item.absent)}"
            if item.unshared:
                left_out += f", not on {', '.join(item.unshared)}"
            p = MISSING if isnan(found.p) else f"{found.p:.3g}"
            tested = f" ({found.blocks} blocks{left_out}, p {p}, critical difference {found.critical_difference:.3g})"
        rows.append((f"{item.metric.name} {item.metric.arrow}", ranked, item.verdict + tested))
    return pd.DataFrame(rows, columns=["metric", "average_ranks", "verdict"])


def _ranks(leaderboard: Leaderboard, metric: MetricColumn, by: str) -> MetricRanks:
    if by == "training" and not metric.across_models:
        return MetricRanks(
            metric=metric, comparison=None, verdict="not compared: its scale depends on each model's outputs"
        )
    scores, unshared = rank_table(leaderboard, metric.name, by=by)
    measured = with_most_cells(scores.dropna(axis="columns", how="all"))
    absent = tuple(str(name) for name in scores if name not in measured and scores[name].notna().any())
    methods, blocks = measured.shape[1], len(measured.dropna())
    if methods < 2:
        return MetricRanks(metric=metric, comparison=None, verdict=f"too few methods: {methods}, 2 needed")
    needed = fewest_blocks(methods)
    if not blocks:
        return MetricRanks(metric=metric, comparison=None, verdict=f"too few blocks: 0, {needed} needed")
    comparison = compare_ranks(measured, higher_is_better=metric.higher_is_better)
    verdict = f"too few blocks: {blocks}, {needed} needed" if blocks < needed else verdict_of(comparison)
    return MetricRanks(metric=metric, comparison=comparison, verdict=verdict, absent=absent, unshared=unshared)


def verdict_of(comparison: RankComparison, *, level: float = SIGNIFICANCE) -> str:
    """The best method and those within a critical difference of it, or that no two can be told apart.

    As demsar2006statistical asks, methods are only told apart where Friedman's test finds that they are not all alike;
    of two methods, where the sign test does.
    """
    names = list(comparison.average)
    lead = comparison.average[names[0]]
    near = [name for name in names[1:] if comparison.average[name] - lead < comparison.critical_difference]
    alike = comparison.p > level
    apart = comparison.average[names[-1]] - lead >= comparison.critical_difference
    if alike or not apart:
        return "tied: no two can be told apart"
    return f"best: {names[0]}" + (f", tied with {', '.join(near)}" if near else "")
