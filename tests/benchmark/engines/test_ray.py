"""Two real Ray nodes on this machine: the numbers of one process, and nothing lost when a node dies."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from salbench.benchmark import commands
from salbench.benchmark.engines.events import State
from salbench.benchmark.request import Request
from salbench.results.record import Status
from salbench.results.store import Store

from ..conftest import Heard

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

REQUEST = Request(
    suite="quick",
    seeds=range(3),
    only={
        "dataset": ["breast_cancer"],
        "architecture": ["mlp"],
        "saliency": ["gradient", "random"],
    },
)


OTHER_VERSION = """
import importlib.metadata
real = importlib.metadata.version
importlib.metadata.version = lambda name: "9.9" if name == "salbench" else real(name)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Cluster:
    """Node processes of one cluster, the head first."""

    address: str
    nodes: list[subprocess.Popen[bytes]]

    def add(self, *, head: bool = False, **environment: str) -> subprocess.Popen[bytes]:
        port = self.address.rpartition(":")[2]
        where = ["--head", f"--port={port}", "--include-dashboard=false"] if head else [f"--address={self.address}"]
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *where, "--num-cpus=1"]
        command += ["--object-store-memory=100000000", "--node-ip-address=127.0.0.1"]
        node = subprocess.Popen(
            command,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.nodes.append(node)
        return node

    def wait(self, count: int) -> None:
        """Until so many nodes have joined."""
        script = (
            "import sys, time, ray; ray.init(address=sys.argv[1], log_to_driver=False, logging_level='ERROR')\n"
            "while sum(node['Alive'] for node in ray.nodes()) < int(sys.argv[2]): time.sleep(0.2)"
        )
        deadline = time.monotonic() + 120
        while subprocess.run([sys.executable, "-c", script, self.address, str(count)], timeout=180).returncode:
            assert time.monotonic() < deadline
            time.sleep(1)

    def kill(self, node: subprocess.Popen[bytes]) -> None:
        """A machine that loses its power: every process of the node ends at once."""
        processes = subprocess.run(["ps", "-eo", "pid,sid"], capture_output=True, text=True, check=True).stdout
        for line in processes.splitlines()[1:]:
            pid, session = map(int, line.split())
            if session == node.pid:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        node.wait()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    started = Cluster(f"127.0.0.1:{free_port()}", [])
    started.add(head=True)
    started.wait(1)
    started.add()
    started.wait(2)
    yield started
    for node in reversed(started.nodes):
        if node.poll() is None:
            started.kill(node)


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("inline")
    commands.run(REQUEST, store=folder, device="cpu")
    return digest(folder)


def digest(folder: Path) -> str:
    with Store(folder, read_only=True) as store:
        return store.digest()


def test_two_nodes_give_the_numbers_of_one_process(cluster: Cluster, inline: str, tmp_path: Path, heard: Heard) -> None:
    results = commands.run(
        REQUEST, store=tmp_path, device="cpu", engine="ray", workers=None, address=cluster.address, listener=heard
    )
    assert not results.failures
    assert digest(tmp_path) == inline
    done = heard.names(State.DONE)
    assert len(done) == len(set(done))


def test_without_a_shared_folder_artifacts_come_through_the_object_store(
    cluster: Cluster, inline: str, tmp_path: Path
) -> None:
    from salbench.benchmark.engines.ray import RayCluster

    with Store(tmp_path) as store:
        RayCluster(store=store, data=None, device="cpu", address=cluster.address, share_folder=False).run(
            REQUEST.plan(), REQUEST
        )
        assert store.digest() == inline
        assert all(store.has(record.scores) for record in store.records() if record.scores)


def test_a_node_killed_in_the_middle_costs_nothing_but_time(
    cluster: Cluster, inline: str, tmp_path: Path, heard: Heard
) -> None:
    def listen(event: object) -> None:
        heard(event)  # type: ignore[arg-type]
        if len(heard.names(State.DONE)) == 3 and len(cluster.nodes) == 2 and cluster.nodes[1].poll() is None:
            cluster.kill(cluster.nodes[1])

    results = commands.run(
        REQUEST, store=tmp_path, device="cpu", engine="ray", workers=None, address=cluster.address, listener=listen
    )
    assert cluster.nodes[1].poll() is not None
    assert {record.status for record in results.records} <= {Status.OK, Status.SKIPPED}
    assert digest(tmp_path) == inline
    done = heard.names(State.DONE)
    assert len(done) == len(set(done))  # nothing that was committed was computed again


def test_a_node_with_another_version_is_refused_by_name(cluster: Cluster, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "sitecustomize.py").write_text(OTHER_VERSION)
    cluster.add(PYTHONPATH=str(other))
    cluster.wait(3)
    with pytest.raises(RuntimeError, match=r"node [\d.]+ \(\w+\) has salbench 9\.9 where the driver has"):
        commands.run(REQUEST, store=tmp_path / "store", engine="ray", workers=None, address=cluster.address)


def test_no_cluster_is_said_within_seconds(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(ConnectionError, match=r"no Ray cluster answers at 127\.0\.0\.1:\d+"):
        commands.run(REQUEST, store=tmp_path, engine="ray", workers=None, address=f"127.0.0.1:{free_port()}")
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("address", ["ray://head:10001", "head", "head:port"])
def test_other_addresses_are_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="address must be auto or host:port"):
        commands.run(REQUEST, store=tmp_path, engine="ray", workers=None, address=address)


def test_a_gpu_that_no_node_has_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no node of the cluster has a GPU"):
        commands.run(
            replace(REQUEST, seeds=[0]),
            store=tmp_path,
            engine="ray",
            workers=None,
            device="cuda",
            address=cluster.address,
        )
