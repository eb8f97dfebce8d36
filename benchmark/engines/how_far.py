"""Says how far a long training or a long set of maps is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ...baselines.training.fit import EpochSummary
from ..wording import duration

SECONDS = 10.0  # least time between two reports; what is shorter makes none


@dataclass(slots=True, kw_only=True)
class HowFar:
    """Reports on one task while it works, now and then, and not at its end."""

    say: Callable[[str], object]
    total: int  # epochs at most, as a stopping rule may end a training before; or samples
    clock: Callable[[], float] = time.monotonic
    _first: float = field(init=False)
    _last: float = field(init=False)

    def __post_init__(self) -> None:
        self._first = self._last = self.clock()

    def epoch(self, summary: EpochSummary) -> None:
        """An epoch is over."""
        if self._is_time(summary.epoch):
            seen = "" if summary.accuracy is None else f", accuracy {summary.accuracy:.3f}"
            left = duration((self.total - summary.epoch) * summary.seconds)
            self.say(f"epoch {summary.epoch} of {self.total}{seen}, about {left} to the last")

    def samples(self, done: int, before: int = 0) -> None:
        """So many samples of a split are explained by now, and so many of the splits before it."""
        done += before
        if self._is_time(done):
            left = duration((self.total - done) * (self._last - self._first) / done)
            self.say(f"{done:,} of {self.total:,} samples, about {left} left")

    def _is_time(self, done: int) -> bool:
        now = self.clock()
        if now - self._last < SECONDS or done >= self.total:
            return False
        self._last = now
        return True
