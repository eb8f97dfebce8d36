import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from salbench.results.errors import StoreError
from salbench.results.store import Store


def test_store_of_another_format_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / "records.sqlite") as connection:
        connection.execute("UPDATE meta SET value = '0' WHERE name = 'format'")
    connection.close()
    with pytest.raises(StoreError, match=r"has format 0, this salbench \S+ reads format 2; use another .*--store"):
        Store(tmp_path)


def test_foreign_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not made by salbench"):
        Store(tmp_path)
    assert path.read_bytes() == before


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "records.sqlite").write_text("these are not the records you are looking for" * 100)
    with pytest.raises(StoreError, match=r"records\.sqlite is not a readable database"):
        Store(tmp_path)


def test_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"file/store as a store: Not a directory; choose another folder with --store"):
        Store(tmp_path / "file" / "store")


def test_file_instead_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="choose another folder with --store"):
        Store(tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_write_permission_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="locked"):
        Store(folder)


def test_missing_store_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no store at .*nowhere"):
        Store(tmp_path / "nowhere", create=False)
    assert not (tmp_path / "nowhere").exists()


def test_store_held_by_another_run_is_waited_for_then_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    other = sqlite3.connect(tmp_path / "records.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another run is still writing"):
        Store(tmp_path, timeout=0.05)
    other.rollback()
    other.close()
    Store(tmp_path, timeout=0.05).close()


@pytest.mark.slow
def test_runs_that_start_together_share_a_new_store(tmp_path: Path) -> None:
    script = """if True:
        import sys
        from pathlib import Path
        from salbench.results.store import Store
        with Store(Path(sys.argv[1])) as store:
            for step in range(20):
                store.commit(outcomes={f"{sys.argv[2]}/{step}": {}})
    """
    runs = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(run)]) for run in range(4)]
    assert [run.wait() for run in runs] == [0] * 4
    with Store(tmp_path) as store:
        assert len(store.outcomes(f"{run}/{step}" for run in range(4) for step in range(20))) == 80
