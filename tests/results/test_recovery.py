import random
from pathlib import Path

import pytest
import torch

from salbench.results.errors import DamagedRecords
from salbench.results.recovery import set_aside
from salbench.results.store import Store


def filled(folder: Path, count: int = 300) -> Path:
    with Store(folder) as store:
        for task in range(count):
            digest = store.put({"task": torch.tensor([task])})
            store.commit(outcomes={f"task {task}": {"artifacts": {"task": digest}, "note": "x" * 200}})
    return folder / "records.sqlite"


def read_all(folder: Path) -> int:
    with Store(folder, create=False) as store:
        return len(store.outcomes(f"task {task}" for task in range(300)))


def test_tasks_outside_the_damage_are_taken_over(tmp_path: Path) -> None:
    path = filled(tmp_path)
    content = bytearray(path.read_bytes())
    generator = random.Random(0)
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8192] = generator.randbytes(8192)
    path.write_bytes(content)
    with pytest.raises(DamagedRecords, match="`salbench run` sets it aside and keeps what is sound"):
        read_all(tmp_path)
    found = set_aside(tmp_path)
    assert found.aside is not None
    assert found.aside.name.startswith("records.sqlite.damaged-")
    assert found.aside.read_bytes() == bytes(content)
    assert 200 < found.kept < 300
    assert read_all(tmp_path) == found.kept


def test_a_file_that_is_no_database_leaves_an_empty_store(tmp_path: Path) -> None:
    path = filled(tmp_path, 3)
    path.write_bytes(b"these are not the records you are looking for" * 100)
    assert set_aside(tmp_path).kept == 0
    assert read_all(tmp_path) == 0


def test_a_header_page_that_is_gone_still_opens_anew(tmp_path: Path) -> None:
    path = filled(tmp_path, 20)
    content = path.read_bytes()
    path.write_bytes(bytes(4096) + content[4096:])
    set_aside(tmp_path)
    assert read_all(tmp_path) == 0


def test_a_task_whose_artifact_is_gone_or_wrong_is_not_taken_over(tmp_path: Path) -> None:
    path = filled(tmp_path, 10)
    with Store(tmp_path) as store:
        outcomes = store.outcomes(f"task {task}" for task in range(10))
    files = [tmp_path / "artifacts" / o["artifacts"]["task"][:2] for o in outcomes.values()]
    next(files[0].glob(f"{outcomes['task 0']['artifacts']['task']}*")).unlink()
    next(files[1].glob(f"{outcomes['task 1']['artifacts']['task']}*")).write_bytes(b"other")
    content = bytearray(path.read_bytes())
    last = len(content) - 4096
    content[last:] = random.Random(1).randbytes(4096)  # some page, so that the database counts as damaged
    path.write_bytes(content)
    found = set_aside(tmp_path)
    with Store(tmp_path) as store:
        assert store.outcome("task 0") is None
        assert store.outcome("task 1") is None
        assert len(store.outcomes(outcomes)) == found.kept


def test_a_sound_database_is_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path, 3)
    before = path.read_bytes()
    assert set_aside(tmp_path).aside is None
    assert path.read_bytes() == before


def test_two_damages_on_one_day_have_two_names(tmp_path: Path) -> None:
    names = []
    for _ in range(2):
        filled(tmp_path, 1).write_bytes(b"broken" * 1000)
        for suffix in ("-wal", "-shm"):
            (tmp_path / f"records.sqlite{suffix}").unlink(missing_ok=True)
        names.append(set_aside(tmp_path).aside)
    assert len(set(names)) == 2
