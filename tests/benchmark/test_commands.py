"""Runs whose data sets have files to fetch, from folders and servers that are not there."""

from pathlib import Path

import pytest

from salbench.benchmark import Request, run
from salbench.datasets import FetchError
from salbench.results.record import Status

MD5 = "900150983cd24fb0d6963f7d28e17f72"  # of "abc"

ENTRIES = f'''
from dataclasses import replace
from salbench.baselines.architectures import MLP
from salbench.baselines.saliency import GRADIENT
from salbench.baselines.training import Regular
from salbench.benchmark.entry import entries
from salbench.datasets import BREAST_CANCER, Budget, OriginalFile, Source

FILE = OriginalFile(name="table.csv", size=3, md5="{MD5}", gz_md5="{"0" * 32}")

def load(root, split):
    assert (root / "table" / "table.csv").read_bytes() == b"abc"
    return BREAST_CANCER.load(root, split)

BUDGET = Budget(epochs=1)
OWN = replace(BREAST_CANCER, name="own", budget=BUDGET)
FILED = replace(OWN, name="filed", load=load, source=Source(folder="table", files=(FILE,)))
ENTRIES = entries(
    training="short", recipe=Regular(), datasets=[OWN, FILED], architectures=[MLP], saliency=[GRADIENT]
)
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "entries.py"
    file.write_text(ENTRIES)
    return file


def request_for(file: Path, *datasets: str) -> Request:
    return Request(entries=[file], seeds=[0], only={"dataset": datasets, "saliency": ["gradient"], "metric": ["gini"]})


def test_file_of_the_user_is_enough(tmp_path: Path, file: Path) -> None:
    (tmp_path / "table").mkdir()
    (tmp_path / "table" / "table.csv").write_bytes(b"abc")
    results = run(request_for(file, "filed"), store=tmp_path / "store", data=tmp_path)
    assert [record.status for record in results.records] == [Status.OK]


def test_nothing_to_be_had_is_one_error_with_names_sizes_and_folder(tmp_path: Path, file: Path) -> None:
    with pytest.raises(FetchError) as caught:
        run(request_for(file, "filed"), store=tmp_path / "store", data=tmp_path)
    for part in ("table.csv", "3", MD5, str(tmp_path / "table")):
        assert part in str(caught.value)


def test_missing_data_set_fails_alone(tmp_path: Path, file: Path) -> None:
    told: list[str] = []
    results = run(request_for(file, "own", "filed"), store=tmp_path / "store", data=tmp_path, report=told.append)
    status = {record.dataset: record.status for record in results.records}
    assert status == {"own@1": Status.OK, "filed@1": Status.FAILED}
    assert any("table.csv" in line for line in told)
    assert results.failures[0].note.startswith("training failed: ")


def test_no_worker_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        run("quick", store=tmp_path / "store", workers=0)
