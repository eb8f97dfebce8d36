"""Tables with what is said of all of them: what every text format writes out."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from . import reliability, summary
from .best import MARKS
from .intervals import CONFIDENCE
from .leaderboard import GROUP, Leaderboard, MetricColumn
from .resampling import RESAMPLES
from .tables import MISSING, Head, Table, TableCell, TableRow, format_number, tables

SIDE_BY_SIDE = "Training methods side by side"
INTERVALS = (
    f"Mean [{CONFIDENCE:.0%} interval], by Student's t over seeds, by {RESAMPLES:,} bootstrap resamples where samples "
    "are drawn too; where there is none, mean ± standard deviation over seeds."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What is written out.

    `cells` are the numbers in long form, `metrics` and `seeds` all that are among them; `averages` is a table of
    training methods side by side, if there are several; `missing` names what of a plan is not there, and `command`
    what makes it.
    """

    caption: str
    tables: tuple[Table, ...]
    cells: pd.DataFrame
    metrics: tuple[MetricColumn, ...]
    seeds: tuple[int, ...]
    averages: Table | None = None
    missing: tuple[str, ...] = ()
    command: str = ""

    @property
    def intervals(self) -> str:
        """How to read the numbers."""
        return INTERVALS

    @property
    def marks(self) -> str:
        """How to read bold values and the marks of headers."""
        marked = bool((self.cells["unreliable"] != "").any())
        return f"{MARKS} ‡: {reliability.RULE.removeprefix('Unreliable: ')}" if marked else MARKS

    @property
    def rule(self) -> str:
        """How to read the numbers in full."""
        return f"{self.intervals} {self.marks}"

    @property
    def whole(self) -> tuple[Table, ...]:
        """All tables, the averages last."""
        return self.tables if self.averages is None else (*self.tables, self.averages)

    @property
    def gaps(self) -> tuple[str, ...]:
        """What is missing, a line each, and the command that makes it."""
        return (*self.missing, f"To fill in: {self.command}") if self.missing else ()


def sheet(
    leaderboard: Leaderboard,
    caption: str,
    *,
    averages: Table | None = None,
    missing: Sequence[str] = (),
    command: str = "",
) -> Sheet:
    """A leaderboard as it is usually shown: a table for each data set and architecture.

    Args:
        leaderboard: what to show.
        caption: how it was made, in plain text.
        averages: training methods side by side, with intervals; None makes them of the leaderboard, without.
        missing: lines about what is not there.
        command: that makes it.
    """
    return Sheet(
        caption=caption,
        tables=tuple(tables(leaderboard)),
        cells=leaderboard.cells,
        metrics=leaderboard.metrics,
        seeds=leaderboard.seeds,
        averages=averages or _side_by_side(leaderboard),
        missing=tuple(missing),
        command=command,
    )


def _side_by_side(leaderboard: Leaderboard) -> Table | None:
    averages = summary.summary(leaderboard)
    if averages.empty:
        return None
    there = set(averages["metric"])
    metrics = [metric for metric in leaderboard.metrics if metric.name in there]
    rows = []
    for names, row in averages.groupby([*GROUP, "training"], observed=True):
        texts = {
            metric: format_number(mean, decimals)
            for metric, mean, decimals in zip(row["metric"], row["mean"], row["decimals"], strict=True)
        }
        shown = [texts.get(metric.name, MISSING) for metric in metrics]
        cells = tuple(TableCell(text=text, spread=text, short=text) for text in shown)
        rows.append(TableRow(names=tuple(map(str, names)), seeds=len(leaderboard.seeds), cells=cells))
    return Table(
        title=SIDE_BY_SIDE,
        keys=(*GROUP, "training"),
        heads=tuple(map(Head.of, metrics)),
        competitors=tuple(rows),
        controls=(),
        notes=(summary.RULE,),
    )
