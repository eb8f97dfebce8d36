"""What the cells of a table hold before means are taken, and what of it all of them have."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .choice import Choice
from .leaderboard import Leaderboard
from .record import Record, Status

Names = tuple[Any, ...]
_MODELS = {"dataset", "architecture", "training"}


@dataclass(slots=True)
class Mean:
    """What is known of one cell."""

    record: Record  # any of them, for what the metric declares
    found: defaultdict[Names, dict[int, Record]] = field(default_factory=lambda: defaultdict(dict))
    absent: list[tuple[Names, Record]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Records by the cell that they belong to.

    `means` have the names of a cell, those of `fixed` and whether it is a control, as keys; `left_out` has reasons and
    the metrics that they are about by what tells tables apart; `expected` the seeds of each data set, architecture and
    metric, and is empty where seeds are kept apart.
    """

    fixed: tuple[str, ...]
    means: dict[Names, Mean]
    left_out: dict[Names, dict[str, list[str]]]
    expected: dict[Names, set[int]]

    def full(self, mean: Mean) -> set[Names]:
        """What of a cell has a value for every seed."""
        full = set()
        for names, seeds in mean.found.items():
            if seeds:
                record = next(iter(seeds.values()))
                wanted = self.expected.get((record.dataset, record.architecture, record.metric), set(seeds))
                if wanted <= set(seeds):
                    full.add(names)
        return full

    def shared(self, members: Iterable[Mean]) -> tuple[list[Names], list[Names]]:
        """What all competitors have that have anything, in order of appearance, and all that any was asked for."""
        everyone = list(members)
        competitors = [mean for mean in everyone if not mean.record.control] or everyone
        every = list(dict.fromkeys(names for mean in competitors for names in mean.found))
        held = [full for mean in competitors if (full := self.full(mean))]
        common = set.intersection(*held) if held else set()
        return [names for names in every if names in common], every


def collect(records: Iterable[Record], leaderboard: Leaderboard, choice: Choice, fixed: tuple[str, ...]) -> Collected:
    """Put records where they belong, but those over which no mean is taken.

    Args:
        records: of any entries, metrics and seeds.
        leaderboard: of these records, with the marks of unreliable metrics.
        choice: over what means are taken.
        fixed: the keys of a cell.
    """
    board = leaderboard.cells
    marked = set(
        board.loc[board["unreliable"] != "", ["dataset", "architecture", "metric"]].itertuples(index=False, name=None)
    )
    over_models = not _MODELS.isdisjoint(choice.averaged)
    means: dict[Names, Mean] = {}
    left_out: defaultdict[Names, dict[str, list[str]]] = defaultdict(dict)
    expected: defaultdict[Names, set[int]] = defaultdict(set)
    for record in records:
        place = (record.dataset, record.architecture, record.metric)
        reason = ""
        if over_models and not record.across_models:
            reason = "not averaged, for their scale depends on the model (†)"
        elif place in marked:
            reason = f"left out as unreliable (‡) on {record.dataset}/{record.architecture}"
        if reason:
            metrics = left_out[tuple(getattr(record, key) for key in choice.tables)].setdefault(reason, [])
            if record.metric not in metrics:
                metrics.append(record.metric)
        elif not (record.control and "saliency" in choice.averaged):
            if choice.over_seeds:
                expected[place].add(record.seed)
            names = (*(getattr(record, key) for key in fixed), record.control)
            mean = means.setdefault(names, Mean(record))
            one = tuple(getattr(record, key) for key in choice.averaged)
            of_seeds = mean.found[one]
            if record.status is Status.OK and record.value is not None and np.isfinite(record.value):
                of_seeds[record.seed] = record
            else:
                mean.absent.append((one, record))
    return Collected(fixed=fixed, means=means, left_out=dict(left_out), expected=dict(expected))
