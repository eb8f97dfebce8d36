"""What runs on the nodes of a Ray cluster: one model at a time, with a store that asks the driver."""

import hashlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import ray
import torch
from safetensors.torch import load
from torch import Tensor

from ...datasets.files.fetch import data_root
from ...results.artifacts import Artifacts, to_bytes
from ...results.record import Record
from ..planning import Plan
from ..request import Request
from .inline import Engine

LOCK_SECONDS = 0.1  # between two looks whether another worker has finished a task


class Order(NamedTuple):
    """One model to work on, and all that a node must know for it."""

    run: str  # a name of its own for each run
    worker: str  # a name of its own for each try
    place: int  # of the model in the plan
    request: Request
    files: dict[str, str]  # text of the entries files that the request names
    data: Path | None  # None: each node's own default
    device: str
    shared: Path | None  # the store's folder, where a node may have the same one
    versions: dict[str, str]


def work(order: Order, mailbox: Any) -> None:
    """Do all the work of one model.

    Raises:
        RuntimeError: this node has another salbench or torch than the driver.
    """
    difference = differences(order.versions, node_versions())
    if difference:
        raise RuntimeError(f"node {ray.util.get_node_ip_address()} has {difference}")
    plan = _plan(order)
    store = AskingStore(mailbox=mailbox, worker=order.worker, artifacts=_shared_artifacts(order))
    engine = Engine(
        store=store,
        data=order.data or data_root(),
        device=torch.device(order.device),
        listener=lambda event: mailbox.tell.remote(order.worker, event),
    )
    engine.run_model(plan, plan.models[order.place])


def node_versions() -> dict[str, str]:
    """What must be the same on all nodes, so that all numbers are."""
    packages = [
        sys.modules[f"salbench.{name}"] for name in ("datasets", "metrics", "baselines", "results", "benchmark")
    ]
    code = hashlib.sha256()
    for package in packages:
        for folder in package.__path__:
            for file in sorted(Path(folder).rglob("*.py")):
                code.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    versions = {name: version(name) for name in ("salbench", "torch")}
    return {**versions, "the code of salbench": code.hexdigest()[:12]}


def differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What a node has otherwise than the driver, in words; empty if nothing."""
    return ", ".join(
        f"{name} {found.get(name, 'missing')} where the driver has {value}"
        for name, value in wanted.items()
        if found.get(name) != value
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskingStore:
    """The driver's store, seen from a worker: only the driver writes, artifacts go through Ray's object store."""

    mailbox: Any
    worker: str
    artifacts: Artifacts | None = None  # of the folder that all nodes share, where there is one

    def put(self, tensors: dict[str, Tensor]) -> str:
        """Keep tensors; see `Artifacts.put`."""
        content = to_bytes(tensors)
        if self.artifacts is not None:
            return self.artifacts.put_bytes(content)
        digest: str = self._ask("put", [ray.put(content)])  # within a list it stays a reference on its way
        return digest

    def get(self, digest: str) -> dict[str, Tensor]:
        """Read tensors and check their digest; see `Artifacts.get`."""
        if self.artifacts is not None:
            return self.artifacts.get(digest)
        (reference,) = self._ask("get", digest)
        return load(ray.get(reference))

    def commit(
        self, *, outcomes: Mapping[str, Mapping[str, Any]] | None = None, records: Iterable[Record] = ()
    ) -> None:
        """Have the driver write all of them or none; see `Store.commit`."""
        self._ask("commit", dict(outcomes or {}), list(records))

    @contextmanager
    def working_on(self, key: str, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Let other workers and other runs wait; a worker that dies lets go."""
        told = False
        while not self._ask("claim", key):
            if not told:
                waiting()
                told = True
            time.sleep(LOCK_SECONDS)
        try:
            yield
        finally:
            self._ask("release", key)

    def outcome(self, key: str) -> dict[str, Any] | None:
        """The outcome of one finished task, or None."""
        found: dict[str, Any] | None = self._ask("outcome", key)
        return found

    def records(self, keys: Iterable[str] | None = None) -> list[Record]:
        """Read records; see `Store.records`."""
        found: list[Record] = self._ask("records", None if keys is None else list(keys))
        return found

    def checkpoints(self, key: str) -> Path | None:
        """The folder of one training's checkpoint, where all nodes share one."""
        return None if self.artifacts is None else self.artifacts.folder.parent / "checkpoints" / key

    def drop_checkpoints(self, key: str) -> None:
        """Have the driver remove what a finished training has left there."""
        if self.artifacts is not None:
            self._ask("drop_checkpoints", key)

    def _ask(self, what: str, *arguments: Any) -> Any:
        answer, error = ray.get(self.mailbox.ask.remote(self.worker, what, arguments))
        if error is not None:
            raise error
        return answer


_plans: dict[str, Plan] = {}  # a node's process works on many models of one run


def _plan(order: Order) -> Plan:
    if order.run not in _plans:
        _plans.clear()
        request = replace(order.request, entries=_entries(order.files)) if order.files else order.request
        _plans[order.run] = request.plan()
    return _plans[order.run]


def _entries(files: Mapping[str, str]) -> list[Path]:
    """The user's files where they are the same on this node, else copies of them."""
    paths = []
    for number, (name, text) in enumerate(files.items()):
        path = Path(name)
        if not (path.is_file() and path.read_text(encoding="utf-8") == text):
            path = Path(mkdtemp(prefix="salbench-")) / str(number) / path.name
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def _shared_artifacts(order: Order) -> Artifacts | None:
    if order.shared is None or not (order.shared / "locks" / order.run).exists():
        return None
    return Artifacts(order.shared / "artifacts")
