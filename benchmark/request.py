"""A question to the benchmark in plain data, from which any process can make the same plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .planning import Plan, make_plan
from .registry import find_entries, find_suite
from .suite import Suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to measure."""

    suite: str | Suite = "quick"
    entries: Sequence[Path] = ()  # Python files whose entries are added to the suite's; they are executed
    seeds: Sequence[int] | None = None  # of training; None takes the suite's
    small: bool = False  # the suite at its small scale
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)  # names to keep, by a key of FILTER_KEYS

    @property
    def chosen_suite(self) -> Suite:
        """The suite at the scale that is asked for.

        Raises:
            KeyError: an unknown name; the message gives the nearest one.
            ValueError: the suite has one scale.
        """
        suite = find_suite(self.suite) if isinstance(self.suite, str) else self.suite
        if not self.small:
            return suite
        if suite.small is None:
            raise ValueError(f"suite {suite.name!r} has one scale; leave out --scale small")
        return suite.small

    def plan(self) -> Plan:
        """The work that answers it.

        Raises:
            KeyError: an unknown name; the message gives the nearest one.
            EntriesError: an entries file that cannot be used.
            ValueError: nothing is left to do, or a name means two things.
        """
        suite = self.chosen_suite
        known = find_entries(self.entries)
        return make_plan(suite, known.installed, extra=known.named, seeds=self.seeds, only=self.only)
