"""Scores are read once, from a folder in which nothing is changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from salbench.results.artifacts import Artifacts
from salbench.results.kept_scores import kept_scores
from salbench.results.record import Record

MakeRecord = Callable[..., Record]
SCORES = torch.tensor([1.0, 2.0, float("nan")])


@pytest.fixture
def record(make_record: MakeRecord, tmp_path: Path) -> Record:
    return make_record(scores=Artifacts(tmp_path / "artifacts").put({"aopc": SCORES}))


def test_scores_are_those_that_were_kept(record: Record, tmp_path: Path) -> None:
    found = kept_scores(tmp_path)(record)
    assert found is not None
    assert torch.from_numpy(found).allclose(SCORES.double(), equal_nan=True)


def test_they_are_read_once(record: Record, tmp_path: Path) -> None:
    read = kept_scores(tmp_path)
    assert read(record) is not None
    Artifacts(tmp_path / "artifacts").path(record.scores).unlink()
    assert read(record) is not None
    assert kept_scores(tmp_path)(record) is None


def test_beyond_the_largest_number_they_are_read_again(record: Record, tmp_path: Path) -> None:
    read = kept_scores(tmp_path, largest=2)
    assert read(record) is not None
    Artifacts(tmp_path / "artifacts").path(record.scores).unlink()
    assert read(record) is None


def test_damaged_file_is_none_and_stays(record: Record, tmp_path: Path) -> None:
    path = Artifacts(tmp_path / "artifacts").path(record.scores)
    path.write_bytes(b"damaged")
    assert kept_scores(tmp_path)(record) is None
    assert path.read_bytes() == b"damaged"


def test_no_store_and_no_scores_are_none(record: Record, make_record: MakeRecord, tmp_path: Path) -> None:
    assert kept_scores(None)(record) is None
    assert kept_scores(tmp_path)(make_record()) is None
