"""Runs a plan in several processes of this machine, a model at a time each, with the numbers of a single process."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, NamedTuple

import torch

from ...results.errors import StoreError
from ...results.store import Store
from ..planning import Plan
from ..request import Request
from .events import Event, Listener
from .inline import Engine
from .stacking import MOST, stacks
from .watch import Casualties, Watch, overdue_reason

LOOK_SECONDS = 0.2  # between two looks at the clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Where and how many workers run; each writes to the store what it has finished, and SQLite keeps them in turn."""

    store: Store
    data: Path
    device: torch.device
    workers: int
    task_seconds: float | None = None  # how long one task may take; None: as long as it takes
    listener: Listener = lambda event: None

    def run(self, plan: Plan, request: Request, places: Sequence[int] | None = None) -> None:
        """Do all the work of the plan.

        The workers make the plan from the request for themselves, because what a plan holds, such as functions of a
        file that the user named, cannot be sent to another process. A model whose worker dies is tried once more; a
        task that takes too long is ended with its worker. Either way the others go on.

        Args:
            plan: the work.
            request: what makes it.
            places: of the models to work on; None takes all.

        Raises:
            StoreError: a worker could not use the store.
        """
        casualties = Casualties(plan=plan, store=self.store, listener=self.listener, device=str(self.device))
        places = range(len(plan.models)) if places is None else places
        left: deque[_Order] = deque(self._stacks(plan, places))  # a model can be worked on once its stack is trained
        in_stacks = {place for stack in left if isinstance(stack, tuple) for place in stack}
        left.extend(place for place in places if place not in in_stacks)
        settings = (request, self.store.folder, self.data, self.device)
        workers: list[_Worker] = []
        try:
            while left or workers:
                while left and len(workers) < self.workers:
                    workers.append(_Worker(settings, Watch(limit=self.task_seconds)))
                    workers[-1].give(left.popleft())
                wait([worker.line for worker in workers], timeout=LOOK_SECONDS)
                for worker in list(workers):
                    if not self._attend(worker, left, casualties):
                        workers.remove(worker)
        finally:
            for worker in workers:
                worker.kill()

    def _stacks(self, plan: Plan, places: Sequence[int]) -> list[tuple[int, ...]]:
        """Models to be trained at once, in stacks small enough that each worker can have one."""
        stacked = sum(plan.models[place].budget.stacked for place in places)
        most = min(MOST, max(2, -(-stacked // self.workers)))
        return [tuple(stack) for stack in stacks(plan, places, most=most)]

    def _attend(self, worker: "_Worker", left: "deque[_Order]", casualties: Casualties) -> bool:
        """Hear what a worker has to say; False if it has ended."""
        try:
            while worker.line.poll():
                message = worker.line.recv()
                if isinstance(message, Event):
                    worker.watch(message)
                    self.listener(message)
                elif isinstance(message, StoreError):
                    raise message
                elif isinstance(message, _Broken):
                    worker.kill()
                    for place in worker.places:
                        casualties.fail(place, f"its worker failed: {message.reason}")
                    return False
                elif left or worker.stack:
                    left.extendleft(reversed(worker.stack))
                    worker.give(left.popleft())
                else:
                    worker.dismiss()
                    return False
        except (EOFError, ConnectionError):
            cause = _cause(worker.kill())
            left.extend(place for place in worker.places if casualties.died(place, cause))
            return False
        if worker.watch.overdue:
            reason = overdue_reason(worker.watch.at, self.task_seconds)
            worker.kill()
            for place in worker.places:
                casualties.fail(place, reason)
            return False
        return True


_Order = int | tuple[int, ...]  # the place of a model to do whole, or those of models to train in a stack


class _Broken(NamedTuple):
    """A worker met an error that belongs to no task, and ends."""

    reason: str


@dataclass(slots=True)
class _Worker:
    """One process, the line to it, and the model that it is at."""

    settings: tuple[Request, Path, Path, torch.device]
    watch: Watch
    order: "_Order" = ()  # what it is at
    line: Connection = field(init=False)
    process: SpawnProcess = field(init=False)

    def __post_init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.line, other_end = context.Pipe()
        self.process = context.Process(target=_work, args=(*self.settings, other_end), daemon=True)
        with _interrupts_ignored():
            self.process.start()
        other_end.close()  # so that the line ends with the process

    def give(self, order: "_Order") -> None:
        self.order = order
        self.watch.clear()
        with suppress(OSError):  # it has just died; the next look at the line finds out
            self.line.send(order)

    @property
    def stack(self) -> tuple[int, ...]:
        """The models that it trains at once, if it does."""
        return self.order if isinstance(self.order, tuple) else ()

    @property
    def places(self) -> tuple[int, ...]:
        """The models that it is at."""
        return self.order if isinstance(self.order, tuple) else (self.order,)

    def dismiss(self) -> None:
        """Let the process end, as there is nothing left to do."""
        self.line.close()
        self.process.join(timeout=10.0)
        self.kill()

    def kill(self) -> int | None:
        """End the process.

        Returns:
            The exit status if it had ended by itself, a negative number if by a signal.
        """
        self.line.close()
        if self.process.exitcode is None and not self.process.is_alive():
            self.process.join()
        died_alone = self.process.exitcode
        self.process.kill()
        self.process.join()
        return self.process.exitcode if died_alone is None else died_alone


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """What is started meanwhile ignores Ctrl-C, which reaches the whole group, from its start: the driver decides."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        hint = ", mostly for lack of memory; --workers 1 needs the least" if code == -signal.SIGKILL else ""
        return f"ended by signal {-code}{hint}"
    return f"ended with exit status {code}"


def default_workers(device: torch.device, models: int) -> int:
    """One process a core and model, each of one thread; a single one on a GPU."""
    from joblib import cpu_count  # counts the cores that a container or a scheduler leaves to this process

    return 1 if device.type == "cuda" else max(1, min(cpu_count(), models))


def _work(request: Request, store: Path, data: Path, device: torch.device, line: Any) -> None:
    """One worker: take the next model until there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # if the driver could not say so, in a thread of another program
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        plan = request.plan()
        with Store(store) as opened:
            engine = Engine(store=opened, data=data, device=device, listener=line.send)
            while True:
                order: _Order = line.recv()
                if isinstance(order, tuple):
                    engine.train_stack(plan, order)
                else:
                    engine.run_model(plan, plan.models[order])
                line.send(None)
    except EOFError:
        return
    except StoreError as error:
        line.send(type(error)(*error.args))
    except Exception as error:
        line.send(_Broken(f"{type(error).__name__}: {error}"))
    threading.Event().wait()  # until the driver ends this process: what was sent must not be lost


def _end_with_parent() -> None:
    """A driver that was killed leaves no workers behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
