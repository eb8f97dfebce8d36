import hashlib
import json
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
import torch
from typer.testing import CliRunner

from salbench.baselines.saliency import GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD
from salbench.baselines.training import Regular
from salbench.benchmark import commands, tasks
from salbench.benchmark.cli import app
from salbench.benchmark.entry import entries
from salbench.benchmark.reports.behind import disputed
from salbench.benchmark.reports.page import report
from salbench.benchmark.request import Request
from salbench.benchmark.unit_names import unit_names
from salbench.datasets import BREAST_CANCER, DIGITS, OriginalFile, Samples, Source, Split
from salbench.metrics import ACCURACY, AOPC_MORF, GINI

from ..conftest import LINEAR, POINTS, load_points, make_entries, make_suite

METHODS = (GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD)


def payload(path: Path) -> Any:
    """What a script hands to the page."""
    text = path.read_text(encoding="utf-8").strip()
    return json.loads(text[text.index(",") + 1 :].removesuffix(");"))


@pytest.fixture
def request_(monkeypatch: pytest.MonkeyPatch) -> Request:
    suite = replace(
        make_suite(metrics=(ACCURACY, AOPC_MORF, GINI)), saliency=METHODS, entries=tuple(make_entries(saliency=METHODS))
    )
    return Request(suite=suite)


def test_report_shows_maps_curves_and_hashes(request_: Request, tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    results = commands.run(request_, store=store, data=tmp_path)
    index, _ = report(request_, out=out, store=store, data=tmp_path)
    assert index == out / "index.html"
    board = payload(out / "data" / "board.js")
    assert board["texts"]["saliency"] == [method.name for method in METHODS] + ["oracle", "random"]
    entry = payload(out / "data" / "entries" / "0.js")
    record = next(record for record in results.records if record.saliency == "gradient" and record.seed == 0)
    assert entry["seeds"][0]["weights"] == record.weights
    assert entry["seeds"][0]["attributions"] == record.attributions
    assert entry["settings"]["Budget"]["epochs"] == "3"
    assert [picture["predicted"] in (0, 1) for picture in entry["maps"]["samples"]] == [True] * 6
    assert {metric["name"] for metric in entry["metrics"] if metric["curves"]} == {"aopc_morf"}
    assert payload(out / "data" / f"{board['inputs']['points@1']}.js")["modality"] == "tabular"
    assert [item["title"] for item in board["disagreements"]] == ["points@1 · linear · regular"]
    dispute = payload(out / "data" / "disagreement-0.js")
    assert dispute["agreement"] == sorted(dispute["agreement"])
    assert [item["saliency"] for item in dispute["maps"]] == [method.name for method in METHODS]


def test_report_says_what_intervals_are_over_and_defines_its_metrics(request_: Request, tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    three = replace(request_, seeds=(0, 1, 2))
    commands.run(three, store=store, data=tmp_path)
    index, results = report(three, out=out, store=store, data=tmp_path)
    board = payload(out / "data" / "board.js")
    place = next(place for place, metric in enumerate(board["metrics"]) if metric["name"] == "gini")
    cell = board["cells"][place]
    assert board["sources"][cell["source"][0]] == "over training seeds and samples"
    assert cell["low"][0] < cell["mean"][0] < cell["high"][0]
    found = results.leaderboard.cells
    expected = found[(found["metric"] == "gini") & (found["saliency"] == "gradient")]["low"].iloc[0]
    assert cell["low"][0] == pytest.approx(expected, rel=1e-5)
    html = index.read_text(encoding="utf-8")
    assert "Area over the perturbation curve of one sample." in html
    assert "source" in (out / "leaderboard.csv").read_text(encoding="utf-8").splitlines()[0]


def test_lost_maps_cost_only_the_maps(request_: Request, tmp_path: Path) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    commands.run(request_, store=store, data=tmp_path)
    for path in (store / "artifacts").rglob("*.safetensors"):
        path.unlink()
    report(request_, out=out, store=store, data=tmp_path)
    entry = payload(out / "data" / "entries" / "0.js")
    assert entry["maps"] is None
    assert "the store does not have them" in entry["note"]
    assert entry["metrics"][0]["results"][0]["value"] is not None


def test_a_report_opens_no_data_set_that_it_cannot_show(tmp_path: Path) -> None:
    loaded: list[Split] = []

    def load(root: Path, split: Split) -> Samples:
        loaded.append(split)
        return load_points(root, split)

    file = OriginalFile(name="table.csv", size=3, md5=hashlib.md5(b"abc").hexdigest(), gz_md5="0" * 32)
    filed = replace(POINTS, name="filed", load=load, source=Source(folder="filed", files=(file,)))
    own = entries(training="regular", recipe=Regular(), datasets=[filed], architectures=[LINEAR], saliency=[GRADIENT])
    suite = replace(make_suite(metrics=(ACCURACY,), seeds=(0,)), datasets=(filed,), entries=tuple(own))
    store, out, path = tmp_path / "store", tmp_path / "out", tmp_path / "filed" / "table.csv"

    def note() -> Any:
        tasks.load.cache_clear()
        loaded.clear()
        report(Request(suite=suite), out=out, store=store, data=tmp_path)
        return payload(out / "data" / "entries" / "0.js")["note"]

    path.parent.mkdir()
    path.write_bytes(b"abc")
    commands.run(Request(suite=suite), store=store, data=tmp_path)
    assert (note(), loaded) == ("", [Split.TEST])
    path.unlink()
    assert (note(), loaded) == ("No maps: the files of filed@1 are not on this machine.", [])
    path.write_bytes(b"abc")
    rmtree(store / "artifacts")
    assert (note(), loaded) == ("No maps: the store does not have them; a run makes them.", [])


def test_the_page_names_the_command_that_makes_it(request_: Request, tmp_path: Path) -> None:
    asked = replace(request_, seeds=(0,), only={"saliency": ["gradient"]})
    commands.run(asked, store=tmp_path / "store", data=tmp_path)
    index, _ = report(asked, out=tmp_path / "out", store=tmp_path / "store", data=tmp_path)
    made_by = "made by: salbench report tiny --seeds 1 --only saliency=gradient --out page."
    assert made_by in index.read_text(encoding="utf-8")


def test_the_most_disputed_sample_is_the_one_with_opposite_maps() -> None:
    inputs = torch.zeros(3, 6)
    samples = Samples(inputs=inputs, targets=torch.zeros(3).long(), ids=torch.arange(3), fill=inputs)
    rising = torch.arange(6.0).expand(3, 6)
    other = rising.clone()
    other[1] = other[1].flip(0)
    found = disputed({"one": rising, "two": other}, samples, POINTS, ())
    assert [sample["id"] for sample in found["inputs"]["samples"]] == [1, 0, 2]
    assert found["agreement"] == [-1, 1, 1]


def test_features_of_tables_have_names(tmp_path: Path) -> None:
    names = unit_names(BREAST_CANCER, tmp_path)
    assert (len(names), names[0]) == (30, "mean radius")
    assert unit_names(DIGITS, tmp_path) == ()


def test_command_says_what_is_missing(tmp_path: Path) -> None:
    arguments = ["report", "quick", "--store", str(tmp_path / "none"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert not (tmp_path / "out").exists()
