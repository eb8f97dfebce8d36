import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
import torch

from salbench.results.record import Record, Status
from salbench.results.store import Store

MakeRecord = Callable[..., Record]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as store:
        yield store


def test_every_field_of_a_record_survives(tmp_path: Path, make_record: MakeRecord) -> None:
    full = make_record(
        value=0.1 + 0.2,
        count=500,
        curve={"percent": [0.0, 100.0], "accuracy": [0.99, 1 / 3]},
        recipe="r",
        weights="w",
        attributions="a",
        scores="s",
        seconds=1.5,
        device="cpu",
        versions={"torch": "2.13", "python": "3.11"},
    )
    skipped = make_record(seed=1, control=True, higher_is_better=False, status=Status.SKIPPED, note="needs «masks»")
    with Store(tmp_path) as store:
        store.commit(records=[full, skipped])
    with Store(tmp_path) as store:
        assert store.records() == [full, skipped]
        assert isinstance(store.records()[1].control, bool)


def test_outcomes_survive_and_unknown_ones_are_none(store: Store) -> None:
    outcome: dict[str, Any] = {"weights": "abc", "history": [1.0, 0.5], "nested": {"done": True}}
    store.commit(outcomes={"train/1": outcome})
    assert store.outcome("train/1") == outcome
    assert store.outcome("train/2") is None
    assert store.outcomes(["train/2", "train/1"]) == {"train/1": outcome}


def test_newer_replaces_older(store: Store, make_record: MakeRecord) -> None:
    store.commit(outcomes={"task": {"try": 1}}, records=[make_record(status=Status.FAILED, note="out of memory")])
    store.commit(outcomes={"task": {"try": 2}}, records=[make_record(value=0.5)])
    assert store.outcome("task") == {"try": 2}
    assert [(record.status, record.value) for record in store.records()] == [(Status.OK, 0.5)]


def test_records_come_in_the_order_of_the_keys_each_once(store: Store, make_record: MakeRecord) -> None:
    records = [make_record(key=key, seed=seed) for seed, key in enumerate("dbca")]
    store.commit(records=records)
    assert [record.key for record in store.records()] == ["a", "b", "c", "d"]
    assert [record.key for record in store.records(["c", "missing", "a", "c"])] == ["c", "a"]
    assert store.records([]) == []


def test_more_keys_than_a_statement_can_hold(store: Store, make_record: MakeRecord) -> None:
    store.commit(records=[make_record(key="100000")])
    assert [record.key for record in store.records(map(str, range(150_000)))] == ["100000"]


def test_nan_is_kept_as_no_value(store: Store, make_record: MakeRecord) -> None:
    store.commit(records=[make_record(value=float("nan"))])
    assert store.records()[0].value is None


def test_failure_in_the_middle_leaves_nothing(store: Store, make_record: MakeRecord) -> None:
    def broken() -> Iterator[Record]:
        yield make_record(value=0.5)
        raise RuntimeError("a worker died")

    with pytest.raises(RuntimeError, match="a worker died"):
        store.commit(outcomes={"task": {}}, records=broken())
    with pytest.raises(ValueError, match=r"curve of aopc for digits/mlp/regular/gradient must be finite"):
        store.commit(outcomes={"task": {}}, records=[make_record(curve={"accuracy": [float("nan")]})])
    assert store.outcome("task") is None
    assert store.records() == []
    store.commit(outcomes={"task": {"works": "again"}})
    assert store.outcome("task") == {"works": "again"}


def test_refused_row_undoes_the_whole_commit(store: Store, make_record: MakeRecord) -> None:
    with pytest.raises(OSError, match="NOT NULL"):
        store.commit(outcomes={"task": {}}, records=[make_record(), make_record(key="other", training=None)])
    assert store.outcome("task") is None
    assert store.records() == []


def test_a_second_run_sees_what_the_first_committed(tmp_path: Path, make_record: MakeRecord) -> None:
    with Store(tmp_path) as first, Store(tmp_path, create=False) as second:
        first.commit(records=[make_record(seed=0)])
        second.commit(records=[make_record(seed=1)])
        assert first.records() == second.records()
        assert len(first.records()) == 2


def test_frame_holds_the_same_as_the_records(store: Store, make_record: MakeRecord) -> None:
    store.commit(records=[make_record(seed=seed, value=value) for seed, value in enumerate([0.5, None, 0.25])])
    frame = store.frame()
    assert frame["value"].fillna(-1).tolist() == [0.5, -1, 0.25]
    assert frame["metric"].tolist() == ["aopc"] * 3
    assert store.frame([store.records()[2].key])["seed"].tolist() == [2]


def test_tensors_are_kept_beside_the_records(store: Store) -> None:
    digest = store.put({"a": torch.ones(2)})
    assert store.has(digest)
    assert torch.equal(store.get(digest)["a"], torch.ones(2))
    assert (store.folder / "artifacts" / digest[:2] / f"{digest}.safetensors").exists()


def test_a_task_is_worked_on_by_one_at_a_time(store: Store) -> None:
    done: list[int] = []

    def work(number: int) -> None:
        with Store(store.folder) as own, own.working_on("task"):
            if own.outcome("task") is None:
                done.append(number)
                own.commit(outcomes={"task": {"by": number}})

    with ThreadPoolExecutor() as threads, store.working_on("task"):
        waiting = [threads.submit(work, number) for number in range(4)]
        assert not wait(waiting, timeout=0.3).done
    assert len(done) == 1
    assert not list((store.folder / "locks").iterdir())


@pytest.mark.slow
def test_killed_run_leaves_whole_transactions(tmp_path: Path) -> None:
    script = """if True:
        import sys
        from pathlib import Path
        import torch
        from salbench.results.store import Store
        with Store(Path(sys.argv[1])) as store:
            for step in range(1_000_000):
                digest = store.put({"step": torch.full((1000,), step)})
                store.commit(outcomes={f"{step}/{part}": {"digest": digest} for part in "abcdefgh"})
                print(step, flush=True)
    """
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        reported = [int(next(run.stdout)) for _ in range(50)]
        run.send_signal(signal.SIGKILL)
        reported += [int(line) for line in run.stdout]
    with Store(tmp_path) as store:
        last = max(reported)
        steps = [store.outcomes(f"{step}/{part}" for part in "abcdefgh") for step in range(last + 3)]
        assert all(len(step) == 8 for step in steps[: last + 1])  # all that was committed
        assert all(len(step) in (0, 8) for step in steps)  # and no half of what was not
        for step in steps:
            for outcome in step.values():
                assert store.get(outcome["digest"])["step"].shape == (1000,)


def test_what_is_there_is_known_without_reading_it(store: Store, make_record: MakeRecord) -> None:
    records = [make_record(key=f"{place:04}") for place in range(1_200)]  # more than one statement takes
    store.commit(outcomes={"a": {}, "b": {}}, records=records)
    assert store.finished(["c", "b", "b"]) == {"b"}
    assert store.measured([*(record.key for record in records), "none"]) == {record.key for record in records}
    assert store.measured([]) == store.finished(["0001"]) == set()


def test_the_latest_come_first(store: Store, make_record: MakeRecord) -> None:
    for place in (2, 0, 1):
        store.commit(outcomes={str(place): {"place": place}}, records=[make_record(key=str(place), seed=place)])
    assert [outcome["place"] for outcome in store.latest_outcomes()] == [1, 0, 2]
    assert [outcome["place"] for outcome in store.latest_outcomes(2)] == [1, 0]
    assert [record.seed for record in store.latest_records(2)] == [1, 0]
