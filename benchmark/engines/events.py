"""What a run tells about itself while it works."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of task, in the order in which they follow each other."""

    PREPARE = "prepare"  # train what a model starts from, or several models at once
    TRAIN = "train"  # one a model
    EXPLAIN = "explain"  # one an entry, as are the next two
    PERTURB = "perturb"
    RETRAIN = "retrain"  # several an entry, if a metric asks for them
    MEASURE = "measure"


class State(StrEnum):
    """How far a task is."""

    WAITING = "waiting"  # another process is doing the same
    STARTED = "started"
    UNDER_WAY = "under way"  # the note says how far it is
    DONE = "done"
    CACHED = "cached"  # its outcome was in the store
    FAILED = "failed"  # the note says why
    DROPPED = "dropped"  # not tried, because the task before it failed
    CHANGED = "changed"  # a lost artifact came out different; the note says what must be measured anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One task changed its state."""

    kind: Kind
    name: str  # of the model or entry, with the seed
    state: State
    seconds: float = 0.0
    note: str = ""


Listener = Callable[[Event], None]


def both(first: Listener, second: Listener) -> Listener:
    """A listener that tells two others."""

    def tell(event: Event) -> None:
        first(event)
        second(event)

    return tell
