"""What `salbench ranks` shows: average ranks of methods, the reliability of the metrics, and how far they agree."""

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..results.concordance import concordance
from ..results.derived import with_ratios
from ..results.leaderboard import Leaderboard
from ..results.paired import SIGNIFICANCE
from ..results.rank_plots import critical_difference_plot
from ..results.rank_summary import MetricRanks, rank_frame, rank_metrics
from ..results.reliability import RULE, reliability, without_unreliable
from ..results.scores import scores_in
from ..results.store import Store
from ..results.tables import MISSING
from .commands import STORE
from .inventory import inventory
from .planning import Plan
from .request import Request

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
    request: Request | str = "quick", *, store: Path = STORE, by: str = "saliency", keep_unreliable: bool = False
) -> Ranked:
    """Rank the methods of an earlier run by every metric; nothing is computed anew.

    Args:
        request: what was measured; a text is the name of a suite.
        store: the folder that keeps the measurements.
        by: "saliency" or "training".
        keep_unreliable: also rank by a metric on data and architectures where it is marked as unreliable.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: the store has no number of this plan.
        KeyError, EntriesError, ValueError: as for `Request.plan`; also an unknown `by`.
    """
    plan = (Request(suite=request) if isinstance(request, str) else request).plan()
    with Store(store, read_only=True) as opened:
        records = list(with_ratios(record for cell in inventory(plan, opened) for record in cell.records))
        if not records:
            raise LookupError(f"{store} has no results of suite {plan.suite!r}; `salbench run {plan.suite}` makes them")
        judged = reliability(records, read_scores=scores_in(opened))
    leaderboard = Leaderboard.from_records(records)
    trusted = (
        leaderboard if keep_unreliable else replace(leaderboard, cells=without_unreliable(leaderboard.cells, judged))
    )
    return Ranked(
        plan=plan,
        by=by,
        metrics=rank_metrics(trusted, by=by),
        reliability=judged,
        left_out=not keep_unreliable,
        concordance=concordance(leaderboard),
    )


def print_ranked(ranked: Ranked, console: Console) -> None:
    """Three tables and how to read them."""
    console.print(_grid(rank_frame(ranked.metrics), f"Average ranks of {ranked.by} methods"))
    unreliable = int((~ranked.reliability["reliable"].astype(bool)).sum())
    if unreliable:
        what = (
            "are left out of the ranks; --keep-unreliable ranks by them too" if ranked.left_out else "are in the ranks"
        )
        places = f"{unreliable} of {len(ranked.reliability)} metrics on a data set and architecture"
        console.print(Text(f"{places} are unreliable and {what}.", style="dim"))
    console.print(Text(NOTE, style="dim"))
    if len(ranked.reliability):
        console.print(_grid(reliability_by_metric(ranked.reliability), "\nReliability of the metrics"))
        console.print(Text(RULE, style="dim"))
    if len(ranked.concordance):
        console.print(_grid(ranked.concordance, "\nConcordance of the metrics of each family (Krippendorff's alpha)"))


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
    for name, table in tables.items():
        table.to_csv(folder / name, index=False, lineterminator="\n")
    files = [folder / name for name in tables]
    for item in ranked.metrics:
        if item.comparison is not None and not item.verdict.startswith("too few"):
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


def _grid(frame: pd.DataFrame, title: str) -> Table:
    grid = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in frame.columns:  # texts, so that no name from data is read as markup
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        grid.add_column(Text(str(name).replace("_", "\n")), justify="right" if numeric else "left", overflow="fold")
    for row in frame.itertuples(index=False):
        grid.add_row(*(Text(_shown(value)) for value in row))
    return grid


def _shown(value: object) -> str:
    if pd.isna(value):  # type: ignore[call-overload]
        return MISSING
    return f"{value:.3g}" if isinstance(value, float) else str(value)
