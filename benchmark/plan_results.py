"""What was measured of a plan, and what it sums up to."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeVar

import pandas as pd

from ..results.cell_intervals import cell_intervals
from ..results.choice import Choice
from ..results.chosen_tables import chosen_sheet, side_by_side
from ..results.derived import with_ratios
from ..results.effect_signs import signs
from ..results.formats.render import describe
from ..results.frame import to_frame
from ..results.kept_scores import kept_scores
from ..results.leaderboard import Leaderboard
from ..results.published import compare, relative
from ..results.published_tables import PublishedSheet, long_form, published_tables
from ..results.record import Record, Status
from ..results.reliability import reliability
from ..results.scores import ReadScores
from ..results.sheet import Sheet, sheet
from .command_line import command_line
from .missing import describe_missing, missing, shared_filters
from .planning import Plan
from .reference.known import FOLDER, WORD
from .request import Request
from .suite import Published, Suite

_Shown = TypeVar("_Shown", bound=Sheet)


@dataclass(frozen=True, kw_only=True)
class Results:
    """The records of a plan, and what they sum up to."""

    request: Request
    plan: Plan  # that answers it
    records: tuple[Record, ...]
    store: Path | None = None  # with the scores of single samples; without it intervals are over seeds alone
    reference: Path | None = None  # the folder of measurements that filled in for what the store lacks

    @property
    def suite(self) -> Suite:
        """What was asked, at its scale."""
        return self.request.chosen_suite

    def command_line(self, command: str, *more: str, only: Mapping[str, Sequence[str]] | None = None) -> str:
        """A command of the shell that asks for the same, with the same store and measurements.

        Args:
            command: "run", or one that shows what was measured.
            more: words that follow.
            only: filters in place of the request's.
        """
        filled = self._filled(command)
        return command_line(command, self.request, *filled, *more, store=self.store, only=only)

    def _filled(self, command: str) -> tuple[str, ...]:
        if self.reference is None:
            return ()
        if command == "run":
            return ("--against", WORD if self.reference == FOLDER else str(self.reference))
        return ("--reference",)

    @cached_property
    def comparisons(self) -> list[tuple[Published, pd.DataFrame]]:
        """Each published table that the suite answers, with our numbers beside it."""
        frame, compared = to_frame(self.numbers), []
        planned = _models(Request(suite=self.suite, seeds=self.request.seeds).plan()) if self.suite.published else None
        for table in self.suite.published:
            records, claims = frame, table.claims()
            if table.relative_to is not None:
                records, claims = relative(records, claims, base=table.relative_to)
            compared.append((table, compare(records, claims, obstacle=self.suite.obstacle, planned=planned)))
        return compared

    @cached_property
    def effects(self) -> list[tuple[Published, pd.DataFrame]]:
        """Each published table that claims effects of training methods, with these beside ours, if any."""
        found = [
            (table, signs(comparison, methods=table.methods)) for table, comparison in self.comparisons if table.methods
        ]
        return [(table, effects) for table, effects in found if len(effects)]

    @cached_property
    def leaderboard(self) -> Leaderboard:
        """Means over seeds, with their spread, their intervals, and what speaks against metrics."""
        return Leaderboard.from_records(self.numbers).with_evidence(
            intervals=cell_intervals(self.numbers, read_scores=self.read_scores),
            reliability=self.reliability,
        )

    @cached_property
    def reliability(self) -> pd.DataFrame:
        """Of each metric on each data set and architecture; see `results.reliability`."""
        return reliability(self.numbers, read_scores=self.read_scores)

    @cached_property
    def sheet(self) -> Sheet:
        """The leaderboard's tables, with what is missing of the plan."""
        board = self.leaderboard
        usual = sheet(
            board,
            self.caption(board.seeds),
            averages=side_by_side(self.numbers, board, read_scores=self.read_scores),
        )
        return self._with_gaps(usual)

    def chosen(self, choice: Choice) -> Sheet:
        """The same in another layout."""
        caption = self.caption(self.leaderboard.seeds, choice.options)
        found = chosen_sheet(self.numbers, self.leaderboard, choice, caption, read_scores=self.read_scores)
        return self._with_gaps(found)

    def published(self, *, most_rows: int | None = None) -> PublishedSheet:
        """The published tables that the suite answers, with our numbers beside them.

        Args:
            most_rows: that a table shows, beginning with those that are measured; None shows all.
        """
        board = Leaderboard.from_records(self.numbers)
        whole = long_form([(table.title, comparison) for table, comparison in self.comparisons])
        more = self.command_line("table", "--published")
        made = [
            published_tables(table.title, comparison, methods=table.methods, most_rows=most_rows, more=more)
            for table, comparison in self.comparisons
        ]
        found = PublishedSheet(
            caption=self.caption(board.seeds, "--published"),
            tables=tuple(chain.from_iterable(made)),
            cells=whole,
            metrics=tuple(metric for metric in board.metrics if metric.name in set(whole["metric"])),
            seeds=board.seeds,
        )
        return found if most_rows is not None else self._with_gaps(found)

    def caption(self, seeds: Sequence[int], options: str = "", *, command: str = "table") -> str:
        """What is shown, and how it is made again; it is handed on, so that it names no folder.

        Args:
            seeds: that are shown.
            options: that follow the request's.
            command: that shows it.
        """
        made_by = command_line(command, self.request, *self._filled(command), *shlex.split(options))
        return describe(seeds, self.plan.suite, command=made_by)

    def _with_gaps(self, found: _Shown) -> _Shown:
        gaps = missing(self.plan, self.records)
        command = self.command_line("run", only={**self.request.only, **shared_filters(gaps, self.plan)})
        return replace(found, missing=tuple(describe_missing(gaps, self.plan)), command=command)

    @cached_property
    def numbers(self) -> list[Record]:
        """The records, and the ratios of means that follow from them."""
        return with_ratios(self.records)

    @cached_property
    def read_scores(self) -> ReadScores:
        """From a record to the scores of single samples behind it, or None."""
        return kept_scores(self.store)

    @property
    def failures(self) -> list[Record]:
        """The records that failed."""
        return [record for record in self.records if record.status is Status.FAILED]


def _models(plan: Plan) -> pd.DataFrame:
    """A row for each model of a plan."""
    rows = [(item.dataset.name, item.architecture.name, item.training, item.seed) for item in plan.models]
    return pd.DataFrame(rows, columns=["dataset", "architecture", "training", "seed"])
