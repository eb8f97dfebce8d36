"""A report of every kind of data, opened from disk in a real browser; skipped where there is none."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import torch

from salbench.benchmark.reports.behind import disputed
from salbench.datasets import DIGITS
from salbench.datasets.base import Modality, Samples
from salbench.metrics import METRICS
from salbench.results.cell_intervals import cell_intervals
from salbench.results.kept_scores import kept_scores
from salbench.results.leaderboard import Leaderboard
from salbench.results.page.build import write_page
from salbench.results.page.content import Behind, Cost, EntryName, MetricCard, Page
from salbench.results.page.pictures import inputs_payload, maps_payload
from salbench.results.record import Record, Status
from salbench.results.reliability import reliability

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from playwright.sync_api import Page as Tab

SCRIPT = "</script><script>document.title='broken'</script>"
UNRELIABLE = "signals@1"  # where the order by entropy turns from seed to seed
SHAPES = {
    "pictures@1": (Modality.IMAGE, (3, 8, 8)),
    "signals@1": (Modality.SERIES, (20, 3)),
    "measures@1": (Modality.TABULAR, (15,)),
    "sentences@1": (Modality.TEXT, (9,)),
}


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium: what SALBENCH_BROWSER names, or the one on the path."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; use `tox -e browser`")
    found = os.environ.get("SALBENCH_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on the path; apt-get install chromium, or name one in SALBENCH_BROWSER")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@dataclass
class Opened:
    """A tab, and all that went wrong in it."""

    tab: "Tab"
    complaints: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  # of everything that it asked for


@pytest.fixture
def open_report(browser: "Browser") -> Iterator[Callable[..., Opened]]:
    """Opens a report's file with no network; fails afterwards if the console has a word to say."""
    contexts, everything = [], []

    def open_(index: Path, *, width: int = 1280, height: int = 900, **options: Any) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True, **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        opened = Opened(context.new_page())
        everything.append(opened)
        opened.tab.on("console", lambda message: opened.complaints.append(message.text))
        opened.tab.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.tab.on("request", lambda request: opened.addresses.append(request.url))
        opened.tab.goto(index.as_uri())
        opened.tab.wait_for_selector("tr[data-row]")
        return opened

    yield open_
    for context in contexts:
        context.close()
    assert [complaint for opened in everything for complaint in opened.complaints] == []


def make_record(**changes: Any) -> Record:
    defaults: dict[str, Any] = {
        "dataset": "pictures@1",
        "architecture": "mlp",
        "training": "regular",
        "saliency": "gradient",
        "control": False,
        "metric": "aopc_morf",
        "metric_version": 1,
        "family": "faithfulness",
        "higher_is_better": True,
        "seed": 0,
    }
    fields = {**defaults, **changes}
    identity = ("dataset", "architecture", "training", "saliency", "metric", "seed")
    return Record(**{"key": "/".join(str(fields[name]) for name in identity), **fields})


def make_samples(modality: Modality, shape: tuple[int, ...]) -> Samples:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(4, *shape, generator=generator)
    if modality is Modality.TEXT:
        inputs = (inputs * 5).long() + 1
    return Samples(
        inputs=inputs,
        targets=torch.arange(4) % 2,
        ids=torch.arange(4),
        fill=torch.zeros_like(inputs),
        masks=torch.rand(4, *shape, generator=generator) > 0.7,
    )


def with_evidence(records: list[Record]) -> Leaderboard:
    read_scores = kept_scores(None)
    return Leaderboard.from_records(records).with_evidence(
        intervals=cell_intervals(records, read_scores=read_scores),
        reliability=reliability(records, read_scores=read_scores),
    )


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four data sets, two training methods, three saliency methods (one of them called `SCRIPT`) and a control.

    The values of aopc_morf are 0.3 (gradient), 0.5 (`SCRIPT`), 0.4 (smoothgrad) or 0.1 (random), 0.2 more for guided
    training, and 0, 0.02 or 0.04 more for the seed.
    """
    records, samples = [], {name: make_samples(*kind) for name, kind in SHAPES.items()}
    names = {"gradient": 0.3, SCRIPT: 0.5, "smoothgrad": 0.4, "random": 0.1}
    for dataset in SHAPES:
        for training, bonus in (("regular", 0.0), ("saliency_guided", 0.2)):
            for saliency, base in names.items():
                for seed in range(3):
                    entry: dict[str, Any] = {
                        "dataset": dataset,
                        "training": training,
                        "saliency": saliency,
                        "seed": seed,
                    }
                    entry |= {"control": saliency == "random", "weights": "a" * 64, "attributions": "b" * 64}
                    value = base + bonus + 0.02 * seed
                    curve = {"percent": [0.0, 50.0, 90.0], "probability": [1.0, 1 - value, 0.5 - value / 3]}
                    records.append(make_record(**entry, value=value, count=100, curve=curve))
                    turned = base * (-1) ** seed if dataset == UNRELIABLE else base
                    entropy = {"metric": "entropy", "family": "complexity", "higher_is_better": False}
                    records.append(make_record(**entry, **entropy, value=5 - turned))
                    note = f"needs masks {SCRIPT}"
                    records.append(
                        make_record(
                            **entry, metric="aup_count", family="localization", status=Status.SKIPPED, note=note
                        )
                    )

    words = ["[PAD]", "a", "fine", "film", SCRIPT, "indeed"]

    def behind(name: EntryName) -> Behind:
        modality, shape = SHAPES[name.dataset]
        maps = torch.randn(4, *shape, generator=torch.Generator().manual_seed(len(name.saliency)))
        drawn = [{**picture, "predicted": 0, "probability": 0.9} for picture in maps_payload(maps, modality)]
        return Behind(settings={"Budget": {"epochs": 3}, SCRIPT: {SCRIPT: SCRIPT}}, maps={"seed": 0, "samples": drawn})

    maps = {name: torch.rand(4, 1, 8, 8) for name in ("gradient", SCRIPT)}
    disputes = disputed(maps, make_samples(Modality.IMAGE, (1, 8, 8)), DIGITS, ())
    row: dict[str, Any] = {
        "dataset": "pictures",
        "architecture": "",
        "training": "regular",
        "saliency": SCRIPT,
        "metric": "aopc_morf",
    }
    row |= {"published": 0.5, "measured": 0.52, "sd": 0.02, "seeds": 3, "difference": 0.02, "verdict": "agrees"}
    page = Page(
        suite="synthetic",
        title=f"A suite {SCRIPT}",
        caption=f"Made for a test {SCRIPT}",
        records=records,
        leaderboard=with_evidence(records),
        cards=[MetricCard.of(metric) for metric in METRICS if metric.name in {"aopc_morf", "entropy", "aup_count"}],
        costs={EntryName("pictures@1", "mlp", "regular", "gradient"): Cost(training_seconds=12.5, milliseconds=0.25)},
        inputs={name: inputs_payload(samples[name], SHAPES[name][0], words) for name in SHAPES},
        behind=behind,
        disagreements=[{"title": f"pictures {SCRIPT}", "seed": 0, **disputes}],
        published=[(SCRIPT, pd.DataFrame([row]))],
    )
    return write_page(page, tmp_path_factory.mktemp("report") / "out")
