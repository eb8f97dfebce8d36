"""Runs a plan in this process: what the store has is taken from it, the rest is done and committed task by task."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from ..results.errors import StoreError
from ..results.record import Record
from ..results.store import Store
from .chain import Chain
from .events import Listener
from .modelrun import ModelRun
from .planning import Model, Plan
from .step import OutcomeChangedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where and how plans are run."""

    store: Store
    data: Path  # the folder that holds all data
    device: torch.device
    listener: Listener = lambda event: None
    stop_on_failure: bool = False  # raise the first error instead of recording it

    def run(self, plan: Plan) -> list[Record]:
        """All records of the plan in its order, measured now or before.

        A task that fails leaves failed records with the reason, and the others go on. Whatever is finished is
        committed at once, so that a run that was killed goes on from there.

        Raises:
            StoreError: the store cannot be used any more.
        """
        return [record for model in plan.models for record in self.run_model(plan, model)]

    def run_model(self, plan: Plan, model: Model) -> list[Record]:
        """The records of one model; errors as for `run`."""
        with _one_thread():
            return self._run_model(plan, model)

    def _run_model(self, plan: Plan, model: Model) -> list[Record]:
        for _ in range(2):
            chain = Chain(
                model=model,
                explain_count=plan.samples,
                store=self.store,
                data=self.data,
                device=self.device,
                listener=self.listener,
            )
            try:
                return ModelRun(plan=plan, chain=chain, stop_on_failure=self.stop_on_failure).records()
            except OutcomeChangedError:
                continue  # the store now holds the new outcome; what hangs on it is made from that
        raise StoreError(f"the artifacts of {model.name} come out different each time; use --device cpu")


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
