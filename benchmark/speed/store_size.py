"""What a large store costs: seconds and peak memory of plans and leaderboards, each in a process of its own."""

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import pandas as pd
from rich.console import Console

from ...results.leaderboard import Leaderboard
from ...results.store import Store
from ..estimate import forecast
from ..reports.terminal import print_plan
from .invented import METRICS, fill, invented_plan
from .peak import peak_bytes

_Work = Callable[[Path | None, int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one piece of work."""

    seconds: float
    processor: float  # seconds of it; less than the others where the machine is shared or the disk slow
    before: int  # bytes, peak of the process once everything is imported
    peak: int  # bytes, when the work is done


def scale(records: int = 1_000_000) -> pd.DataFrame:
    """Measure what plans and leaderboards cost beside a store of this size.

    Args:
        records: of the store, which is invented and lies in a temporary folder: ten for each entry.

    Returns:
        A row a piece of work: seconds, those of the processor, peak memory, and the part of it that was there before.
    """
    entries, few = max(1, records // len(METRICS)), max(1, min(100, records // len(METRICS)))
    with TemporaryDirectory(prefix="salbench-") as folder:
        store = Path(folder)
        return pd.DataFrame(
            [
                _row(f"writing {entries * len(METRICS):,} records", _alone(_write, store, entries)),
                _row("leaderboard of all of them", _alone(_leaderboard, store, entries)),
                _row(f"plan of their {entries:,} entries", _alone(_plan, store, entries)),
                _row(f"plan of {few} of these entries", _alone(_plan, store, few)),
                _row(f"plan of {entries:,} entries, without a store", _alone(_plan, None, entries)),
            ]
        )


def _row(what: str, cost: Cost) -> dict[str, object]:
    return {
        "what": what,
        "seconds": f"{cost.seconds:.2f}",
        "of the processor": f"{cost.processor:.2f}",
        "peak memory": f"{cost.peak / 1e6:.0f} MB",
        "of that before it": f"{cost.before / 1e6:.0f} MB",
    }


def _alone(work: _Work, store: Path | None, entries: int) -> Cost:
    """In a fresh process, since a peak never falls."""
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        return pool.apply(_cost, (work, store, entries))


def _cost(work: _Work, store: Path | None, entries: int) -> Cost:
    before, started, processor = peak_bytes(), perf_counter(), process_time()
    work(store, entries)
    return Cost(
        seconds=perf_counter() - started, processor=process_time() - processor, before=before, peak=peak_bytes()
    )


def _write(store: Path | None, entries: int) -> None:
    with Store(_needed(store)) as opened:
        fill(opened, invented_plan(entries))


def _leaderboard(store: Path | None, entries: int) -> None:
    with Store(_needed(store), read_only=True) as opened:
        Leaderboard.from_frame(opened.frame())


def _plan(store: Path | None, entries: int) -> None:
    """All that `salbench plan` does."""
    plan = invented_plan(entries)
    with TemporaryDirectory(prefix="salbench-") as nowhere:
        cells, work = forecast(plan, store=store or Path(nowhere))
    print_plan(plan, cells, work, Console(file=StringIO()))


def _needed(store: Path | None) -> Path:
    assert store is not None
    return store
