"""The live display of a run: what is done, what came from the store, what failed, and how long it will still take."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from statistics import fmean
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from ..engines.events import Event, Kind, State
from ..planning import Model, Plan
from ..wording import duration

FINISHED = (State.DONE, State.CACHED, State.FAILED, State.DROPPED)


class _Bar(Progress):
    """One line for what is done, and one below it for what is worked on."""

    def get_renderables(self) -> Iterator[RenderableType]:
        """Both lines."""
        yield self.make_tasks_table(self.tasks)
        yield from (Text(task.description, style="dim", overflow="ellipsis", no_wrap=True) for task in self.tasks)


class RunProgress:
    """A listener that draws a bar and prints one line for each finished model.

    Where the output is not a terminal only the lines are printed, so that a log file reads well.
    """

    def __init__(self, plan: Plan, console: Console) -> None:
        self._console = console
        self._left = {_name(model): 1 + len(model.methods) for model in plan.models}
        self._seconds: defaultdict[str, float] = defaultdict(float)  # spent on each model and seed
        self._spent: defaultdict[str, list[float]] = defaultdict(list)  # on each model, a number a seed
        self._states: defaultdict[str, Counter[State]] = defaultdict(Counter)
        self._bar = _Bar(
            SpinnerColumn(),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[counts]}"),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=sum(self._left.values()), left="", counts="")

    def __call__(self, event: Event) -> None:
        """Show one event."""
        model, _, rest = event.name.rpartition(" seed ")
        name = f"{'/'.join(model.split('/')[:3])} seed {rest}"
        self._seconds[name] += event.seconds
        if event.state is State.FAILED:
            self._console.print(f"[red]failed[/red]  {escape(event.name)}: {escape(event.note)}", soft_wrap=True)
        if event.state is State.CHANGED:
            self._console.print(f"[yellow]changed[/yellow] {escape(event.note)}", soft_wrap=True)
        if event.state in {State.STARTED, State.UNDER_WAY}:
            how_far = f": {event.note}" if event.note else ""
            self._bar.update(self._task, description=f"{event.kind} {event.name}{how_far}")
        if event.kind in {Kind.TRAIN, Kind.MEASURE} and event.state in FINISHED:
            self._left[name] -= 1
            self._states[name][event.state] += 1
            if not self._left[name]:
                self._finish(name)
            total = sum(self._states.values(), Counter())
            counts = ", ".join(f"{total[state]} {state}" for state in FINISHED if total[state])
            self._bar.update(self._task, advance=1, counts=counts, left=self._time_left())

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def _finish(self, name: str) -> None:
        """Say in one line how a model and its maps went."""
        states = self._states[name]
        if states[State.DONE]:
            self._spent[_without_seed(name)].append(self._seconds[name])
        if set(states) == {State.CACHED}:
            return  # a finished run again would print nothing but these
        counts = ", ".join(f"{count} {state}" for state, count in states.items())
        self._console.print(f"{escape(name)}: {counts} [dim]{self._seconds[name]:.1f} s", highlight=False)

    def _time_left(self) -> str:
        """An estimate from the seeds of the same model, or from all models where there is none yet."""
        spent = [seconds for group in self._spent.values() for seconds in group]
        if not spent:
            return ""
        left = sum(
            fmean(self._spent.get(_without_seed(name)) or spent) for name, tasks in self._left.items() if tasks > 0
        )
        return f"about {duration(left)} left"


def _name(model: Model) -> str:
    return f"{model.name} seed {model.seed}"


def _without_seed(name: str) -> str:
    return name.rpartition(" seed ")[0]
