"""Watches workers: which task each is at, for how long, and what becomes of a model whose worker died."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ...results.store import Store
from ..inventory import inventory
from ..planning import Model, Plan
from .events import Event, Kind, Listener, State
from .modelrun import failed_records

TRIES = 2  # of a model whose worker dies; the second death is most likely the model's own doing


@dataclass(slots=True, kw_only=True)
class Watch:
    """The tasks that one worker has begun; a task may begin another that it needs, so they lie in a stack.

    Time is taken from a clock that nobody can set.
    """

    limit: float | None  # seconds for one task; None: as long as it takes
    clock: Callable[[], float] = time.monotonic
    _begun: list[tuple[Event, float]] = field(default_factory=list)
    _waiting: bool = False

    def __call__(self, event: Event) -> None:
        """Note one event of the worker."""
        self._waiting = event.state is State.WAITING
        if event.state is State.STARTED:
            self._begun.append((event, self.clock()))
        elif event.state not in {State.WAITING, State.UNDER_WAY}:
            while self._begun and any((it.kind, it.name) == (event.kind, event.name) for it, _ in self._begun):
                self._begun.pop()
            if self._begun:  # what the outer task had to wait for is not its own time
                self._begun[-1] = (self._begun[-1][0], self.clock())

    def clear(self) -> None:
        """The worker begins another model."""
        self._begun.clear()
        self._waiting = False

    @property
    def at(self) -> Event | None:
        """The task that it is at."""
        return self._begun[-1][0] if self._begun else None

    @property
    def overdue(self) -> bool:
        """Has its task taken longer than it may? Waiting for another process does not count."""
        if self.limit is None or not self._begun or self._waiting:
            return False
        return self.clock() - self._begun[-1][1] > self.limit


def overdue_reason(task: Event | None, limit: float | None) -> str:
    """What is written into the records of a model that was given up."""
    what = f"{task.kind} {task.name}" if task else "a task"
    return f"{what} took longer than {(limit or 0.0) / 60:.3g} min, the limit of --task-minutes"


@dataclass(slots=True, kw_only=True)
class Casualties:
    """Writes down which models could not be finished, and why."""

    plan: Plan
    store: Store
    listener: Listener
    device: str
    tries: int = TRIES
    _deaths: dict[int, int] = field(default_factory=dict)  # by the model's place in the plan

    def died(self, place: int, reason: str) -> bool:
        """A worker died at a model. Should the model be tried again? If not, it is recorded as failed."""
        self._deaths[place] = self._deaths.get(place, 0) + 1
        if self._deaths[place] < self.tries:
            return True
        self.fail(place, f"its worker died {self._deaths[place]} times: {reason}")
        return False

    def fail(self, place: int, reason: str) -> None:
        """Record as failed whatever of a model has not been measured."""
        model: Model = self.plan.models[place]
        alone = Plan(
            suite=self.plan.suite,
            title=self.plan.title,
            models=(model,),
            metrics=self.plan.metrics,
            samples=self.plan.samples,
        )
        open_cells = [cell for cell in inventory(alone, self.store) if cell.missing]
        for cell in open_cells:
            missing = {metric.name for metric in cell.missing}
            records = failed_records(self.plan, model, cell.method, reason, device=self.device)
            self.store.commit(records=[record for record in records if record.metric in missing])
        name = f"{model.name} seed {model.seed}"
        trained = bool(open_cells) and open_cells[0].weights is not None
        if not trained:
            self.listener(Event(kind=Kind.TRAIN, name=name, state=State.FAILED, note=reason))
        for number, cell in enumerate(open_cells):
            state = State.FAILED if trained and not number else State.DROPPED
            entry = f"{model.name}/{cell.method.name} seed {model.seed}"
            self.listener(Event(kind=Kind.MEASURE, name=entry, state=state, note=reason))
