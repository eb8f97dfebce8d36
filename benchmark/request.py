"""A question to the benchmark in plain data, from which any process can make the same plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .engines.stacking import with_compilation, with_stacks
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
    stacked: bool = False  # like models trained together, wherever their training can be stacked
    compiled: bool = False  # models trained through torch.compile

    @property
    def name(self) -> str:
        """Of the suite."""
        return self.suite if isinstance(self.suite, str) else self.suite.name

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
            ValueError: nothing is left to do, a name means two things, or models are to be stacked and compiled.
        """
        if self.stacked and self.compiled:
            raise ValueError("a stacked training cannot be compiled; ask for one of the two")
        suite = self.chosen_suite
        known = find_entries(self.entries)
        plan = make_plan(suite, known.installed, extra=known.named, seeds=self.seeds, only=self.only)
        if self.compiled:
            plan = replace(plan, models=tuple(with_compilation(model) for model in plan.models))
        if self.stacked:
            plan = replace(plan, models=with_stacks(plan.models))
        return plan
