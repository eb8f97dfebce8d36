"""A task whose outcome is kept: found by its key, made if it is not there, its tensors read back when needed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any, NamedTuple

from torch import Tensor

from ...results.errors import DamagedArtifact, MissingArtifact
from ...results.store import TaskStore
from .events import Event, Kind, Listener, State


class OutcomeChangedError(Exception):
    """A lost artifact was made again and came out different, so what was made from it must be made again too."""


class Made(NamedTuple):
    """What a task leaves behind."""

    artifacts: dict[str, dict[str, Tensor]]
    facts: dict[str, Any]  # plain data worth keeping beside them


@dataclass(kw_only=True)
class Step:
    """One task of a run. Nothing is done before its outcome is asked for."""

    store: TaskStore
    listener: Listener
    kind: Kind
    name: str
    key: str
    make: Callable[[], Made]

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The digests of the artifacts, and the facts."""
        known = self.store.outcome(self.key)
        if known is None:
            with self.store.working_on(self.key, waiting=self.wait):
                known = self.store.outcome(self.key)  # another process may just have done it
                if known is None:
                    return self._work()
        self.tell(State.CACHED)
        return known

    def digest(self, artifact: str) -> str:
        """Content hash of one artifact."""
        digest: str = self.outcome["artifacts"][artifact]
        return digest

    def tensors(self, artifact: str) -> dict[str, Tensor]:
        """One artifact; made again if the store lost it.

        Raises:
            OutcomeChangedError: it is not the same as before, as can happen on a GPU.
        """
        digest = self.digest(artifact)
        try:
            return self.store.get(digest)
        except (MissingArtifact, DamagedArtifact):
            if self._work()["artifacts"][artifact] != digest:
                raise OutcomeChangedError(f"{self.kind} {self.name}") from None
            return self.store.get(digest)

    def wait(self) -> None:
        """Tell that somebody else is at it."""
        self.tell(State.WAITING)

    def tell(self, state: State, *, seconds: float = 0.0, note: str = "") -> None:
        """Tell how far it is."""
        self.listener(Event(kind=self.kind, name=self.name, state=state, seconds=seconds, note=note))

    def _work(self) -> dict[str, Any]:
        self.tell(State.STARTED)
        started = perf_counter()
        made = self.make()
        return self.keep(made, seconds=lambda: perf_counter() - started)

    def keep(self, made: Made, *, seconds: Callable[[], float]) -> dict[str, Any]:
        """Commit what the task has left behind, and tell that it is done.

        Args:
            made: its tensors and facts.
            seconds: what it took, asked once the tensors are written.
        """
        digests = {name: self.store.put(tensors) for name, tensors in made.artifacts.items()}
        taken = seconds()
        outcome = {"task": self.kind, "name": self.name, "seconds": taken, "artifacts": digests, **made.facts}
        self.store.commit(outcomes={self.key: outcome})
        self.store.drop_checkpoints(self.key)
        self.tell(State.DONE, seconds=outcome["seconds"])
        return outcome
