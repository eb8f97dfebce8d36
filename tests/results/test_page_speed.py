"""How long a report of 10,000 records takes; `pytest tests/results/test_page_speed.py -m slow -s` prints it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest
import torch

from salbench.datasets.base import Modality
from salbench.results.cell_intervals import cell_intervals
from salbench.results.kept_scores import kept_scores
from salbench.results.leaderboard import Leaderboard
from salbench.results.page.build import write_page
from salbench.results.page.content import Behind, EntryName, Page
from salbench.results.page.pictures import maps_payload
from salbench.results.record import Record
from salbench.results.reliability import reliability
from salbench.results.store import Store

LIMIT = 120  # seconds; 30 are aimed at on a machine that does nothing else
ENTRIES, METRICS, SEEDS, SAMPLES = 668, 5, 3, 500
PERCENTS = [float(percent) for percent in range(0, 100, 10)]


@pytest.mark.slow
def test_report_of_10_000_records(tmp_path: Path, make_record: Callable[..., Record]) -> None:
    generator = torch.Generator().manual_seed(0)
    records = []
    with Store(tmp_path / "store") as store:
        for place in range(ENTRIES):
            entry = {"dataset": f"data_{place % 4}@1", "training": f"training_{place // 4 % 8}"}
            entry |= {"saliency": f"method_{place // 32}"}
            for seed in range(SEEDS):
                scores = {f"metric_{number}": torch.rand(SAMPLES, generator=generator) for number in range(METRICS)}
                digest = store.put(scores)
                for metric, row in scores.items():
                    curve = {"percent": PERCENTS, "probability": row[: len(PERCENTS)].tolist()}
                    value = float(row.double().mean())
                    records.append(
                        make_record(**entry, seed=seed, metric=metric, value=value, scores=digest, curve=curve)
                    )
        maps = torch.randn(6, 1, 28, 28, generator=generator)

        def behind(name: EntryName) -> Behind:
            return Behind(maps={"seed": 0, "samples": maps_payload(maps, Modality.IMAGE)})

        page = Page(
            suite="large",
            title="Large",
            caption="",
            records=records,
            behind=behind,
        )
        start = perf_counter()
        read_scores = kept_scores(tmp_path / "store")
        intervals = cell_intervals(records, read_scores=read_scores)
        leaderboard = Leaderboard.from_records(records).with_evidence(
            intervals=intervals, reliability=reliability(records, read_scores=read_scores)
        )
        page = replace(page, leaderboard=leaderboard)
        index = write_page(page, tmp_path / "out")
        seconds = perf_counter() - start
    written = sum(path.stat().st_size for path in index.parent.rglob("*") if path.is_file())
    print(f"{len(records)} records: {seconds:.1f} s, {written / 2**20:.0f} MiB")  # noqa: T201 - shown with -s
    assert len(records) >= 10_000
    assert seconds < LIMIT
