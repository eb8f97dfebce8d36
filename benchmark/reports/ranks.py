"""What `salbench ranks` shows: average ranks of methods, the reliability of the metrics, and how far they agree."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.text import Text

from ...results.concordance import concordance
from ...results.paired import SIGNIFICANCE
from ...results.plots.ranks import critical_difference_plot
from ...results.rank_summary import MetricRanks, rank_frame, rank_metrics, ranks_in_words
from ...results.reliability import RULE, without_unreliable
from ..command_line import STORE
from ..commands import table
from ..plan_results import Results
from ..planning import Plan
from ..request import Request
from .print_frame import print_frame

NOTE = (
    "Ranks: 1 is best; the mean over blocks, which are data sets and architectures, and models too for metrics with †. "
    "p: Friedman's test, approximate below ten blocks; of two methods the exact sign test. Tied: closer than Nemenyi's "
    f"critical difference at {SIGNIFICANCE:g}, or p above it. "
    "Too few blocks: no order of the methods, however clear, could pass both."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Ranks, and what speaks for the metrics behind them."""

    plan: Plan
    by: str
    metrics: list[MetricRanks]
    reliability: pd.DataFrame
    left_out: bool  # were unreliable metrics left out of the ranks
    concordance: pd.DataFrame


def ranks(
    request: Request | str = "quick",
    *,
    store: Path = STORE,
    reference: Path | None = None,
    by: str = "saliency",
    keep_unreliable: bool = False,
) -> Ranked:
    """Rank the methods of an earlier run by every metric; nothing is computed anew.

    Args:
        request: what was measured; a text is the name of a suite.
        store: the folder that keeps the measurements.
        reference: a folder of others that fill in, as for `table`.
        by: "saliency" or "training".
        keep_unreliable: also rank by a metric on data and architectures where it is marked as unreliable.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: the store has no number of this plan.
        KeyError, EntriesError, ValueError: as for `Request.plan`; also an unknown `by`.
    """
    return ranked(table(request, store=store, reference=reference), by=by, keep_unreliable=keep_unreliable)


def ranked(results: Results, *, by: str, keep_unreliable: bool = False) -> Ranked:
    """`ranks` of results that are at hand."""
    judged = results.reliability
    leaderboard = results.leaderboard
    trusted = (
        leaderboard if keep_unreliable else replace(leaderboard, cells=without_unreliable(leaderboard.cells, judged))
    )
    return Ranked(
        plan=results.plan,
        by=by,
        metrics=rank_metrics(trusted, by=by),
        reliability=judged,
        left_out=not keep_unreliable,
        concordance=concordance(leaderboard),
    )


def print_ranked(ranked: Ranked, console: Console) -> None:
    """Three tables and how to read them."""
    print_frame(ranks_in_words(ranked.metrics), console, f"Average ranks of {ranked.by} methods")
    unreliable = int((~ranked.reliability["reliable"].astype(bool)).sum())
    if unreliable:
        what = (
            "are left out of the ranks; --keep-unreliable ranks by them too" if ranked.left_out else "are in the ranks"
        )
        places = f"{unreliable} of {len(ranked.reliability)} metrics on a data set and architecture"
        console.print(Text(f"{places} are unreliable and {what}.", style="dim"))
    console.print(Text(NOTE, style="dim"))
    if len(ranked.reliability):
        print_frame(reliability_by_metric(ranked.reliability), console, "\nReliability of the metrics")
        console.print(Text(RULE, style="dim"))
    if len(ranked.concordance):
        title = "\nConcordance of the metrics of each family (Krippendorff's alpha)"
        print_frame(ranked.concordance, console, title)


def write_ranked(ranked: Ranked, folder: Path) -> list[Path]:
    """The tables as CSV, and a critical-difference diagram of each metric with enough blocks as PNG and PDF.

    Args:
        ranked: what to write.
        folder: made if needed.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = {
        "ranks.csv": rank_frame(ranked.metrics),
        "reliability.csv": ranked.reliability,
        "concordance.csv": ranked.concordance,
    }
    for name, frame in tables.items():
        frame.to_csv(folder / name, index=False, lineterminator="\n")
    files = [folder / name for name in tables]
    for item in ranked.metrics:
        if item.comparison is not None and item.enough:
            title = f"{item.metric.name}, {ranked.by} methods of suite {ranked.plan.suite}"
            files += critical_difference_plot(item.comparison, folder / f"ranks_{item.metric.name}", title=title)
    return files


def reliability_by_metric(judged: pd.DataFrame) -> pd.DataFrame:
    """The reliability table summed up: metric, `reliable` ("5 of 6"), means of placed, halves and seeds, reasons."""
    rows = []
    for metric, found in judged.groupby("metric", sort=False):
        good = found["reliable"].astype(bool)
        faults = found[~good]
        places = faults["dataset"].astype(str).str.split("@").str[0] + "/" + faults["architecture"].astype(str)
        rows.append(
            {
                "metric": str(metric),
                "reliable": f"{int(good.sum())} of {len(found)}",
                **{column: found[column].mean() for column in ("placed", "halves", "seeds")},
                "because": "; ".join(f"{place}: {why}" for place, why in zip(places, faults["reason"], strict=True)),
            }
        )
    return pd.DataFrame(rows)
