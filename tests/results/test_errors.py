import sqlite3
from pathlib import Path

import pytest

from salbench.results.errors import MissingArtifact, StoreError, explained


def test_file_system_errors_name_the_folder_and_the_way_out() -> None:
    message = "runs as a store: Permission denied; choose another folder with --store"
    with pytest.raises(StoreError, match=message), explained(Path("runs")):
        raise PermissionError(13, "Permission denied")


def test_a_full_disk_asks_for_room() -> None:
    message = "runs as a store: No space left on device; make room and give the same command again"
    with pytest.raises(StoreError, match=message), explained(Path("runs")):
        raise OSError(28, "No space left on device")


def test_database_errors_name_the_folder() -> None:
    with pytest.raises(StoreError, match="the store at runs: no such table: songs"), explained(Path("runs")):
        sqlite3.connect(":memory:").execute("SELECT * FROM songs")


@pytest.mark.parametrize("error", [MissingArtifact("gone"), StoreError("already said"), KeyError("a bug")])
def test_other_errors_pass(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, explained(Path("runs")):
        raise error
    assert caught.value is error
