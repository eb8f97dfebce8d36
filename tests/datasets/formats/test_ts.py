"""The `.ts` format: what is read, and what is refused with its line."""

import gzip
from pathlib import Path

import pytest
import torch

from salbench.datasets.formats.ts import read_ts

HEADER = """% Two samples of two channels and three steps.
#
@problemName Tiny
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength true
@seriesLength 3
@classLabel true walking running
@data
"""
TWO = "1.5,2,-3:4,5,6:running\n7,8,9:1e1,11,12:walking\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "Tiny_TRAIN.ts"
    path.write_text(text)
    return path


def test_a_small_file(tmp_path: Path) -> None:
    found = read_ts(write(tmp_path, HEADER + TWO))
    assert found.inputs.tolist() == [[[1.5, 4], [2, 5], [-3, 6]], [[7, 10], [8, 11], [9, 12]]]
    assert found.inputs.dtype is torch.float32
    assert found.targets.tolist() == [1, 0]
    assert found.labels == ("walking", "running")


def test_a_gz(tmp_path: Path) -> None:
    path = tmp_path / "Tiny_TRAIN.ts.gz"
    path.write_bytes(gzip.compress((HEADER + TWO).encode()))
    assert read_ts(path).inputs.shape == (2, 3, 2)


def test_a_short_univariate_file_as_aeon_has_it(tmp_path: Path) -> None:
    header = "@problemName Tiny.ts\n@timestamps false\n@classLabel true 1 2\n@univariate true\n@data\n"
    found = read_ts(write(tmp_path, header + "1,2:2\n\n3,4:1\n"))
    assert found.inputs.tolist() == [[[1], [2]], [[3], [4]]]
    assert found.targets.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,?,3:4,5,6:running", r"line 12: the value at step 1 is missing"),
        ("1,2,3:4,5,NaN:running", r"line 12: the value at step 2 is missing"),
        ("1,,3:4,5,6:running", r"line 12: the value at step 1 is missing"),
        ("1,2,three:4,5,6:running", r"line 12: the value at step 2 must be a number, got 'three'"),
        ("1,2,inf:4,5,6:running", r"line 12: the value at step 2 must be finite, got 'inf'"),
        ("1,2,3:4,5:running", r"line 12: all series must have one length, here 3, got 2"),
        ("1,2,3:4,5,6:jumping", r"line 12: the class must be one of walking, running, got 'jumping'"),
        ("1,2,3:4,5,6", r"line 12: the class must be one of walking, running, got '4,5,6'"),
        ("running", r"line 12: a sample must have some channels, got 0"),
    ],
)
def test_a_line_that_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_ts(write(tmp_path, HEADER + line + "\n"))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,2:3,4:running", r"line 14: all series must have one length, here 3, got 2"),
        ("1,2,3:running", r"line 14: a sample must have 2 channels, got 1"),
    ],
)
def test_samples_must_have_one_shape(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_ts(write(tmp_path, HEADER + TWO + line + "\n"))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("@timeStamps false", "@timeStamps true", "line 4: series with time stamps are not read"),
        ("@classLabel true walking running", "@classLabel false", "line 11: the header must have a line '@classLabel"),
        ("@problemName", "problemName", "line 3: a header line must begin with @, got 'problemName Tiny'"),
        (TWO, "", "must hold samples after a line '@data', got none"),
        ("@data\n" + TWO, "", "must hold samples after a line '@data', got none"),
    ],
)
def test_a_file_that_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_ts(write(tmp_path, (HEADER + TWO).replace(old, new)))
