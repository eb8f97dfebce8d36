"""Runs a plan in several processes of this machine, a model at a time each, with the numbers of a single process."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty
from typing import Any

import torch

from ..results.store import Store
from .engine import Engine
from .events import Event, Listener
from .planning import Plan
from .request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Where and how many workers run; each writes to the store what it has finished, and SQLite keeps them in turn."""

    store: Path
    data: Path
    device: torch.device
    workers: int
    listener: Listener = lambda event: None

    def run(self, plan: Plan, request: Request) -> None:
        """Do all the work of the plan.

        The workers make the plan from the request for themselves, because what a plan holds, such as functions of a
        file that the user named, cannot be sent to another process.

        Raises:
            RuntimeError: a worker died; what it had finished is in the store.
        """
        context = multiprocessing.get_context("spawn")
        places, events = context.Queue(), context.Queue()
        for place in range(len(plan.models)):
            places.put(place)
        for _ in range(self.workers):
            places.put(None)
        settings = (request, self.store, self.data, self.device)
        processes = [
            context.Process(target=_work, args=(*settings, places, events), daemon=True) for _ in range(self.workers)
        ]
        for process in processes:
            process.start()
        try:
            self._listen(processes, events)
        finally:
            for process in processes:
                process.terminate()
        dead = [process.exitcode for process in processes if process.exitcode]
        if dead:
            raise RuntimeError(
                f"{len(dead)} of {self.workers} workers died (exit status {dead[0]}; -9 is mostly lack of memory); "
                "the same command goes on from what is stored, and --workers 1 needs the least memory"
            )

    def _listen(self, processes: Sequence[BaseProcess], events: "multiprocessing.Queue[Event]") -> None:
        """Pass on the workers' events until all of them have ended."""
        while True:
            running = any(process.is_alive() for process in processes)
            try:
                while True:
                    self.listener(events.get(timeout=0.2))
            except Empty:
                if not running:
                    return


def default_workers(device: torch.device, models: int) -> int:
    """One process a core and model, each of one thread; a single one on a GPU."""
    from joblib import cpu_count  # counts the cores that a container or a scheduler leaves to this process

    return 1 if device.type == "cuda" else max(1, min(cpu_count(), models))


def _work(request: Request, store: Path, data: Path, device: torch.device, places: Any, events: Any) -> None:
    """One worker: take the next model until there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the driver decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    plan = request.plan()
    with Store(store) as opened:
        engine = Engine(store=opened, data=data, device=device, listener=events.put)
        while (place := places.get()) is not None:
            engine.run_model(plan, plan.models[place])
    events.close()
    events.join_thread()  # the last events must be out before the process ends


def _end_with_parent() -> None:
    """A driver that was killed leaves no workers behind."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
