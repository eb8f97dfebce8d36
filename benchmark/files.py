"""The files behind the data sets: fetching them by name, and what is there."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from ..datasets import DATASETS, Dataset
from ..datasets.files import fetch as fetching
from ..datasets.files import verify
from .names import find


def fetch_data(names: Sequence[str], *, data: Path | None = None, report: Callable[[str], object]) -> Iterator[str]:
    """Make the files of data sets be there.

    Args:
        names: data sets.
        data: the folder that holds all data; None takes SALBENCH_DATA or the user's cache.
        report: is told which source is asked and which file is refused.

    Yields:
        A line for each data set: where its files lie.

    Raises:
        KeyError: an unknown data set.
        FetchError: no source has the files.
    """
    root = data or fetching.data_root()
    for dataset in [find(name, {item.name: item for item in DATASETS}, kind="dataset") for name in names]:
        if dataset.source is None:
            yield f"{dataset.name}: nothing to fetch, it is made or comes with scikit-learn"
        else:
            yield f"{dataset.name}: complete and verified in {fetching.fetch(dataset.source, root, report=report)}"


def data_status(*, data: Path | None = None) -> pd.DataFrame:
    """Every file of every data set that has files: state, size in bytes, MD5 of the uncompressed bytes, and place."""
    root = data or fetching.data_root()
    return pd.DataFrame([row for dataset in DATASETS for row in _rows(dataset, root)])


def _rows(dataset: Dataset, root: Path) -> list[dict[str, object]]:
    if dataset.source is None:
        return []
    return [
        {
            "dataset": dataset.name,
            "file": found.file.name,
            "state": found.state.value + (f": {found.note}" if found.note else ""),
            "bytes": found.file.size,
            "md5": found.file.md5,
            "folder": str(found.path.parent),
        }
        for found in verify.status(dataset.source, root)
    ]
