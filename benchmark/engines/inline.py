"""Runs a plan in this process: what the store has is taken from it, the rest is done and committed task by task."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ...results.errors import StoreError
from ...results.record import Record
from ...results.store import TaskStore
from ..planning import Model, Plan
from .chain import Chain
from .events import Event, Kind, Listener, State
from .freed_memory import keep_freed_memory
from .modelrun import ModelRun
from .stacking import stacks, train_together
from .step import OutcomeChangedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where and how plans are run."""

    store: TaskStore
    data: Path  # the folder that holds all data
    device: torch.device
    listener: Listener = lambda event: None
    stop_on_failure: bool = False  # raise the first error instead of recording it

    def __post_init__(self) -> None:
        keep_freed_memory()

    def run(self, plan: Plan) -> list[Record]:
        """All records of the plan in its order, measured now or before.

        A task that fails leaves failed records with the reason, and the others go on. Whatever is finished is
        committed at once, so that a run that was killed goes on from there.

        Raises:
            StoreError: the store cannot be used any more.
        """
        self.train_stacks(plan, range(len(plan.models)))
        return [record for model in plan.models for record in self.run_model(plan, model)]

    def train_stacks(self, plan: Plan, places: Sequence[int]) -> None:
        """Train at once those of the models whose budget is stacked and that the store lacks.

        Args:
            plan: the work.
            places: of the models to look at.

        Raises:
            StoreError: the store cannot be used any more.
        """
        for group in stacks(plan, places):
            self.train_stack(plan, group)

    def train_stack(self, plan: Plan, places: Sequence[int]) -> None:
        """Train models that can share a stack; one that fails is left to `run_model`, which says why."""
        with _one_thread(), _deterministic(self.device):
            train_together([replace(self._chain(plan, plan.models[place]), listener=self._tell) for place in places])

    def run_model(self, plan: Plan, model: Model) -> list[Record]:
        """The records of one model; errors as for `run`."""
        with _one_thread(), _deterministic(self.device):
            return self._run_model(plan, model)

    def _run_model(self, plan: Plan, model: Model) -> list[Record]:
        for _ in range(2):
            chain = self._chain(plan, model)
            try:
                return ModelRun(plan=plan, chain=chain, stop_on_failure=self.stop_on_failure).records()
            except OutcomeChangedError as error:  # the store now holds the new outcome; what depends on it is made anew
                note = f"{error} came out different from what was lost or taken over: its numbers are measured anew"
                self.listener(Event(kind=Kind.PREPARE, name=chain.name(), state=State.CHANGED, note=note))
        raise StoreError(f"the artifacts of {model.name} come out different each time; use --device cpu")

    def _tell(self, event: Event) -> None:
        """A training that is done ahead is no task of the plan that is over: its model finds it in the store."""
        self.listener(replace(event, kind=Kind.PREPARE))

    def _chain(self, plan: Plan, model: Model) -> Chain:
        return Chain(
            model=model,
            explain_count=plan.samples,
            store=self.store,
            data=self.data,
            device=self.device,
            listener=self.listener,
        )


@contextmanager
def _one_thread() -> Iterator[None]:
    """One thread a process: sums are then taken in one order, so that the numbers do not depend on the machine's cores.

    The models of a benchmark are many and mostly small, so the cores are better used by several processes.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _deterministic(device: torch.device) -> Iterator[None]:
    """Kernels of a GPU that give equal numbers in every run, where there are any; torch warns about the others.

    The CPU has no others. cuBLAS must be told before it is first used, by CUBLAS_WORKSPACE_CONFIG.
    """
    if device.type == "cpu":
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    cudnn = torch.backends.cudnn
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    try:
        with cudnn.flags(cudnn.enabled, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])
