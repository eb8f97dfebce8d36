"""What can happen to a store's disk and files, and what is left of the store."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from salbench.results.errors import DamagedArtifact, StoreError
from salbench.results.record import Record
from salbench.results.store import Store

MakeRecord = Callable[..., Record]
NOBODY = 65534


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """A folder whose permissions count: root may write everywhere, so it becomes nobody for a while."""
    with tempfile.TemporaryDirectory() as name:
        folder, root = Path(name), os.geteuid() == 0
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
            try:
                Path(torch.__file__).read_bytes()  # libraries load parts of themselves when they are first needed
            except PermissionError:
                os.seteuid(0)
                pytest.skip("the libraries are installed where only root may read")
        try:
            yield folder
        finally:
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o700)
            if root:
                os.seteuid(0)


def lock(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o500 if path.is_dir() else 0o400)


def unlock(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o700)


def test_a_store_that_can_only_be_read_is_read(own_folder: Path, make_record: MakeRecord) -> None:
    with Store(own_folder) as store:
        digest = store.put({"a": torch.ones(2)})
        store.commit(outcomes={"task": {"done": True}}, records=[make_record(value=0.5)])
    lock(own_folder)
    for options in ({"create": False}, {"read_only": True}):
        with Store(own_folder, **options) as store:
            assert store.records([make_record().key])[0].value == 0.5
            assert store.frame()["value"].tolist() == [0.5]
            assert store.outcome("task") == {"done": True}
            assert store.get(digest)["a"].tolist() == [1, 1]
            with pytest.raises(StoreError, match="can only be read; use another folder with --store"):
                store.commit(records=[make_record()])


def test_a_run_on_a_store_that_can_only_be_read_says_so(own_folder: Path) -> None:
    Store(own_folder).close()
    lock(own_folder)
    with pytest.raises(StoreError, match=r"can only be read|Permission denied|unable to open"):
        Store(own_folder)


def test_what_lies_in_the_log_of_a_killed_run_is_read_too(own_folder: Path, make_record: MakeRecord) -> None:
    store = Store(own_folder / "first")
    store.commit(records=[make_record(value=0.5)])
    (own_folder / "second").mkdir()
    for name in ("records.sqlite", "records.sqlite-wal"):  # as a killed run leaves them
        shutil.copyfile(own_folder / "first" / name, own_folder / "second" / name)
    store.close()
    lock(own_folder / "second")
    with Store(own_folder / "second", read_only=True) as found:
        assert [record.value for record in found.records()] == [0.5]


def test_a_damaged_artifact_is_noticed_where_it_cannot_be_set_aside(own_folder: Path) -> None:
    with Store(own_folder) as store:
        digest = store.put({"a": torch.ones(2)})
    (own_folder / "artifacts" / digest[:2] / f"{digest}.safetensors").write_bytes(b"short")
    lock(own_folder)
    with Store(own_folder, read_only=True) as store, pytest.raises(DamagedArtifact, match="in a store of your own"):
        store.get(digest)


FILL = """if True:
    import resource, sys
    from pathlib import Path
    import torch
    from salbench.results.errors import StoreError
    from salbench.results.store import Store
    if sys.argv[2] == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    with Store(Path(sys.argv[1])) as store:
        try:
            for step in range(1_000):
                if sys.argv[3] == "artifacts":
                    store.put({"step": torch.full((step * 50,), step)})
                store.commit(outcomes={str(step): {"text": "x" * 5_000}})
                print(step)
        except StoreError as error:
            print(error)
"""


def after_filling(folder: Path, how: str, what: str, before: str = "") -> list[str]:
    command = [sys.executable, "-c", FILL, str(folder), how, what]
    if before:
        script = f'{before} && "$@" && cp -r "$0" "$0.kept"'  # what is mounted is gone with the process
        command = ["unshare", "--mount", "--map-root-user", "--user", "sh", "-c", script, str(folder), *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if before and ("unshare" in done.stderr or "mount" in done.stderr):
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("what", ["artifacts", "records"])
@pytest.mark.parametrize("how", ["disk", "limit"])
def test_a_full_disk_stops_the_run_and_keeps_what_was_committed(tmp_path: Path, how: str, what: str) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    mount = f"mount -t tmpfs -o size=700k none {folder}" if how == "disk" else ""
    *steps, message = after_filling(folder, how, what, mount)
    assert "make room and give the same command again" in message or "disk I/O error" in message, message
    kept = folder.with_name("store.kept") if mount else folder
    with Store(kept) as store:  # there is room again
        assert len(steps) > 5
        assert set(store.outcomes(steps)) == set(steps)
        assert store.outcome(str(len(steps))) is None
        store.commit(outcomes={"next": {}})
    assert not list(kept.rglob("*.part"))


@pytest.mark.slow
def test_copies_taken_while_a_run_writes_open_and_go_on(tmp_path: Path) -> None:
    script = """if True:
        import sys
        from pathlib import Path
        import torch
        from salbench.results.store import Store
        with Store(Path(sys.argv[1])) as store:
            for step in range(100_000):
                digest = store.put({"step": torch.full((100,), step)})
                store.commit(outcomes={str(step): {"artifacts": {"step": digest}}})
                print(step, flush=True)
    """

    def copy_what_is_there(source: str, target: str) -> None:
        """As `cp -r` does, go on where a file that is being written has got its name since the folder was read."""
        with suppress(FileNotFoundError):
            shutil.copy2(source, target)

    folder = tmp_path / "store"
    with subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        for copy in range(5):
            for _ in range(40):
                next(run.stdout)
            shutil.copytree(folder, tmp_path / str(copy), ignore=lambda *_: {"locks"}, copy_function=copy_what_is_there)
        run.kill()
    for copy in range(5):
        with Store(tmp_path / str(copy)) as store:
            found = store.outcomes(map(str, range(100_000)))
            assert len(found) >= 40 * (copy + 1)
            sound = sum(store.has(outcome["artifacts"]["step"]) for outcome in found.values())
            assert sound >= 40 * (copy + 1) - 1
            store.commit(outcomes={"next": {}})
