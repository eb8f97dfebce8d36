"""Says how far a long training is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..baselines.training.fit import EpochSummary
from .wording import duration

SECONDS = 10.0  # least time between two reports; a training that is shorter makes none


@dataclass(slots=True, kw_only=True)
class EpochReporter:
    """Called after each epoch."""

    say: Callable[[str], object]
    epochs: int  # at most; a stopping rule may end the training before
    clock: Callable[[], float] = time.monotonic
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        self._last = self.clock()

    def __call__(self, summary: EpochSummary) -> None:
        """Say it, unless it was said a moment ago or the training is at its end."""
        now = self.clock()
        if now - self._last < SECONDS or summary.epoch >= self.epochs:
            return
        self._last = now
        seen = "" if summary.accuracy is None else f", accuracy {summary.accuracy:.3f}"
        left = duration((self.epochs - summary.epoch) * summary.seconds)
        self.say(f"epoch {summary.epoch} of {self.epochs}{seen}, about {left} to the last")
