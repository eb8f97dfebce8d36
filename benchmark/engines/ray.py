"""Runs a plan on a Ray cluster: tasks placed by CPU and GPU, the numbers of a single process, one writer."""

import asyncio
import secrets
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import (
    GetTimeoutError,
    NodeDiedError,
    OutOfMemoryError,
    OwnerDiedError,
    RayError,
    RayTaskError,
    TaskCancelledError,
    WorkerCrashedError,
)
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ...results.errors import DamagedArtifact, MissingArtifact, StoreError
from ...results.store import Store
from ..planning import Plan
from ..request import Request
from .events import Event, Listener
from .ray_worker import Order, differences, node_versions, work
from .watch import Casualties, Watch, overdue_reason

CONNECT_SECONDS = 5.0  # for the first sign of a cluster
PROBE_SECONDS = 120.0  # for a node to start a process and import salbench
TRIES = 4  # of a model: machines of a cluster come and go
_DEATHS = (WorkerCrashedError, NodeDiedError, OutOfMemoryError, OwnerDiedError, TaskCancelledError)


@dataclass(frozen=True, slots=True, kw_only=True)
class RayCluster:
    """Which cluster, and how its nodes are used."""

    store: Store
    data: Path | None  # None: each node's own default
    device: str = "auto"
    address: str = "auto"  # of the cluster's head, host:port
    workers: int | None = None  # models at one time, at most; None: as many as fit
    gpu_fraction: float = 1.0  # of a GPU, for one model
    share_folder: bool = True  # may workers write artifacts into the store's folder, where they see it
    task_seconds: float | None = None  # how long one task may take; None: as long as it takes
    listener: Listener = lambda event: None

    def run(self, plan: Plan, request: Request, places: Sequence[int] | None = None) -> None:
        """Do all the work of the plan; arguments as for `Pool.run`.

        Raises:
            ConnectionError: there is no cluster at the address.
            RuntimeError: a node has another salbench or torch; it is named.
            StoreError: the store cannot be used.
            ValueError: a GPU is asked for, and the cluster has none.
        """
        if not 0 < self.gpu_fraction <= 1:
            raise ValueError(f"gpu_fraction must lie in (0, 1], got {self.gpu_fraction}")
        with _connected(self.address):
            versions = node_versions()
            _refuse_other_versions(versions)
            device = _cluster_device(self.device)
            _Run(
                cluster=self, plan=plan, request=request, versions=versions, device=device, left=deque(places or ())
            ).work_through(range(len(plan.models)) if places is None else places)


@contextmanager
def _connected(address: str) -> Iterator[None]:
    if address.startswith("ray://"):
        raise ValueError(
            f"address must be auto or host:port, got {address!r}; give the command on a node of the cluster"
        )
    if address != "auto":
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"address must be auto or host:port, got {address!r}")
        try:
            socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
        except (OSError, OverflowError) as error:
            raise ConnectionError(
                f"no Ray cluster answers at {address}: {error}; `ray start --head` starts one"
            ) from error
    try:
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", namespace="salbench")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise ConnectionError(f"no Ray cluster can be used at {address}: {error}") from error
    try:
        yield
    finally:
        ray.shutdown()


def _refuse_other_versions(versions: dict[str, str]) -> None:
    """Ask every node what it has; one that joins later is asked before each of its tasks."""

    def found() -> dict[str, str]:  # defined here so that it is sent whole, to nodes without salbench too
        try:
            import salbench.benchmark.engines.ray_worker as there
        except ImportError as error:
            return {"salbench": f"missing ({error})"}
        return there.node_versions()

    probe = ray.remote(num_cpus=0, max_retries=1)(found)
    nodes = [node for node in ray.nodes() if node["Alive"]]
    asked = {
        node["NodeManagerAddress"] + f" ({node['NodeID'][:8]})": probe.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        ).remote()
        for node in nodes
    }
    for name, answer in asked.items():
        try:
            difference = differences(versions, ray.get(answer, timeout=PROBE_SECONDS))
        except (GetTimeoutError, RayError) as error:
            raise RuntimeError(f"node {name} cannot run salbench: {error}") from error
        if difference:
            raise RuntimeError(f"node {name} has {difference}; install the same versions on all nodes")


def _cluster_device(name: str) -> str:
    gpus = ray.cluster_resources().get("GPU", 0)
    if name == "cuda" and not gpus:
        raise ValueError("device cuda was asked for, but no node of the cluster has a GPU; use --device cpu or auto")
    return "cuda" if name != "cpu" and gpus else "cpu"


class _Mailbox:
    """Where workers leave questions and the driver answers; an actor, as a driver cannot be called."""

    def __init__(self) -> None:
        self._letters: asyncio.Queue[tuple[int | None, str, str, Any]] = asyncio.Queue()
        self._open: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count()

    async def ask(self, worker: str, what: str, arguments: Any) -> Any:
        number = next(self._numbers)
        self._open[number] = asyncio.get_running_loop().create_future()
        self._letters.put_nowait((number, worker, what, arguments))
        return await self._open[number]

    async def tell(self, worker: str, event: Event) -> None:
        self._letters.put_nowait((None, worker, "event", (event,)))

    async def letters(self, seconds: float) -> list[tuple[int | None, str, str, Any]]:
        """All that has come, after a while if nothing has yet."""
        try:
            found = [await asyncio.wait_for(self._letters.get(), seconds)]
        except TimeoutError:
            return []
        while not self._letters.empty():
            found.append(self._letters.get_nowait())
        return found

    async def answer(self, number: int, answer: Any, error: Exception | None) -> None:
        self._open.pop(number).set_result((answer, error))


@dataclass(slots=True)
class _Try:
    """One model on its way through a worker."""

    place: int
    task: Any  # reference to its end
    watch: Watch


@dataclass(slots=True, kw_only=True)
class _Run:
    """The driver's side of one run."""

    cluster: RayCluster
    plan: Plan
    request: Request
    versions: dict[str, str]
    device: str
    left: deque[int]
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    tries: dict[str, _Try] = field(default_factory=dict)  # under way, by the worker's name
    claims: dict[str, tuple[str, Callable[[], None]]] = field(default_factory=dict)  # a task's worker, and its lock
    mailbox: Any = None

    def work_through(self, places: Iterable[int]) -> None:
        """Do all models, whatever becomes of the nodes."""
        store = self.cluster.store
        self.left = deque(places)
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
        self.mailbox = ray.remote(num_cpus=0, scheduling_strategy=here)(_Mailbox).remote()
        casualties = Casualties(
            plan=self.plan, store=store, listener=self.cluster.listener, device=self.device, tries=TRIES
        )
        mark = store.folder / "locks" / self.name  # a worker that sees it has the same folder
        mark.parent.mkdir(exist_ok=True)
        mark.touch()
        try:
            while self.left or self.tries:
                self._send_out()
                self._read_letters(0.2)
                self._look_after(casualties)
            self._read_letters(0.05)
        finally:
            mark.unlink(missing_ok=True)
            for attempt in self.tries.values():
                ray.cancel(attempt.task, force=True)
            for worker in list(self.tries):
                self._release_all(worker)

    def _send_out(self) -> None:
        most = self.cluster.workers or max(2, 2 * int(ray.cluster_resources().get("CPU", 1)))
        gpus = self.cluster.gpu_fraction if self.device == "cuda" else 0
        task = ray.remote(num_cpus=1, num_gpus=gpus, max_retries=0, scheduling_strategy="SPREAD")(work)
        while self.left and len(self.tries) < most:
            place, worker = self.left.popleft(), secrets.token_hex(8)
            order = Order(
                run=self.name,
                worker=worker,
                place=place,
                request=self.request,
                files={str(path.absolute()): path.read_text(encoding="utf-8") for path in self.request.entries},
                data=self.cluster.data,
                device=self.device,
                shared=self.cluster.store.folder.absolute() if self.cluster.share_folder else None,
                versions=self.versions,
            )
            watch = Watch(limit=self.cluster.task_seconds)
            self.tries[worker] = _Try(place, task.remote(order, self.mailbox), watch)

    def _read_letters(self, seconds: float) -> None:
        for number, worker, what, arguments in ray.get(self.mailbox.letters.remote(seconds)):
            if what == "event":
                if worker in self.tries:
                    self.tries[worker].watch(*arguments)
                self.cluster.listener(*arguments)
                continue
            try:
                answer, error = self._answered(worker, what, arguments), None
            except (MissingArtifact, DamagedArtifact) as problem:
                answer, error = None, problem
            except OwnerDiedError:  # the worker died before its artifact was read; nobody waits for the answer
                continue
            self.mailbox.answer.remote(number, answer, error)

    def _answered(self, worker: str, what: str, arguments: Any) -> Any:
        store = self.cluster.store
        match what, arguments:
            case "put", [[reference]]:
                return store.put_bytes(ray.get(reference))
            case "get", [digest]:
                return [ray.put(store.get_bytes(digest))]
            case "commit", [outcomes, records]:
                return store.commit(outcomes=outcomes, records=records)
            case "claim", [key]:
                return self._claim(worker, key)
            case "release", [key]:
                return self._release(key)
            case "outcome", [key]:
                return store.outcome(key)
            case "records", [keys]:
                return store.records(keys)
            case "drop_checkpoints", [key]:
                return store.drop_checkpoints(key)
        raise ValueError(f"a worker asked for {what!r}, which is no question")

    def _claim(self, worker: str, key: str) -> bool:
        if key in self.claims or worker not in self.tries:
            return False
        release = self.cluster.store.claim(key)  # other runs on this store wait too
        if release is None:
            return False
        self.claims[key] = worker, release
        return True

    def _release(self, key: str) -> None:
        if key in self.claims:
            _, release = self.claims.pop(key)
            release()

    def _release_all(self, worker: str) -> None:
        for key in [key for key, (holder, _) in self.claims.items() if holder == worker]:
            self._release(key)

    def _look_after(self, casualties: Casualties) -> None:
        """Take note of what has ended, and end what takes too long."""
        for worker, attempt in list(self.tries.items()):
            if attempt.watch.overdue:
                ray.cancel(attempt.task, force=True)
                self._forget(worker)
                casualties.fail(attempt.place, overdue_reason(attempt.watch.at, self.cluster.task_seconds))
                continue
            ended, _ = ray.wait([attempt.task], timeout=0)
            if not ended:
                continue
            try:
                ray.get(attempt.task)
                self._forget(worker)
            except _DEATHS as death:
                self._forget(worker)
                if casualties.died(attempt.place, f"{type(death).__name__}: {str(death).splitlines()[0]}"):
                    self.left.append(attempt.place)
            except RayTaskError as failure:
                self._forget(worker)
                cause = failure.cause or failure
                if isinstance(cause, StoreError) or "where the driver has" in str(cause):
                    raise cause from None
                casualties.fail(attempt.place, f"its worker failed: {type(cause).__name__}: {cause}")

    def _forget(self, worker: str) -> None:
        self._release_all(worker)
        del self.tries[worker]
