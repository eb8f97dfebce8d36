"""Measurements of others instead of one's own: the same numbers, and only what is new is computed."""

import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
import torch
from rich.console import Console
from torch import nn
from typer.testing import CliRunner

from salbench.baselines.training import Regular
from salbench.benchmark import Request, Results, Suite, commands, run
from salbench.benchmark.cli import app
from salbench.benchmark.costs import costs
from salbench.benchmark.engines.events import Event, Kind, State
from salbench.benchmark.estimate import forecast
from salbench.benchmark.inventory import inventory
from salbench.benchmark.keys import failure_key, train_key
from salbench.benchmark.pairwise import compare
from salbench.benchmark.reference.check import check_measurements, checkable_files
from salbench.benchmark.reference.figures import reference_figures
from salbench.benchmark.reference.known import (
    bring_in,
    filled_records,
    opened_store,
    reference_cells,
    reference_files,
    reference_store,
)
from salbench.benchmark.reference.report import ReferencePages, reference_report, refuse_other_contents
from salbench.benchmark.reference.writing import write_reference
from salbench.benchmark.reports.page import report
from salbench.benchmark.reports.ranks import ranks
from salbench.benchmark.reports.terminal import write_results
from salbench.benchmark.suite import Figure
from salbench.benchmark.why import why
from salbench.datasets.files.fetch import data_root
from salbench.metrics import ENTROPY
from salbench.results.rank_summary import rank_frame
from salbench.results.record import Record, Status
from salbench.results.reference_file import read_header, read_measurements
from salbench.results.store import Store

from ..conftest import LINEAR, make_entries, make_suite

REPOSITORY = Path(__file__).parents[3]
FILES = REPOSITORY / "results" / "reference"


def _marks(path: Path) -> list[pytest.MarkDecorator]:
    """Is there a data set that must be fetched?"""
    header = read_header(path)
    plan = Request(suite=header["suite"], small=header["scale"] == "small").plan()
    fetched = any(model.dataset.source or model.dataset.vector_source for model in plan.models)
    return [pytest.mark.network] if fetched else []


@pytest.fixture(scope="module")
def suite() -> Suite:
    return replace(make_suite(seeds=(0, 1)), entries=tuple(make_entries()))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, suite: Suite) -> Path:
    store: Path = tmp_path_factory.mktemp("reference") / "store"
    run(Request(suite=suite), store=store, device="cpu")
    return store


@pytest.fixture(scope="module")
def folder(measured: Path, suite: Suite) -> Path:
    write_reference(Request(suite=suite), store=measured, folder=measured.parent / "files", device="two cores")
    return measured.parent / "files"


def values(records: list[Record]) -> dict[tuple[str, int, str], float | None]:
    return {(record.entry, record.seed, record.metric): record.value for record in records}


def test_a_plan_finds_every_number_in_the_files(measured: Path, folder: Path, suite: Suite) -> None:
    plan = Request(suite=suite).plan()
    cells = reference_cells(plan, folder)
    assert not any(cell.missing for cell in cells)
    with Store(measured) as store:
        own = [record for cell in inventory(plan, store) for record in cell.records]
    assert values([record for cell in cells for record in cell.records]) == values(own)


def test_against_them_a_run_trains_nothing(tmp_path: Path, folder: Path, suite: Suite) -> None:
    seen: list[Event] = []
    results = run(Request(suite=suite), store=tmp_path, device="cpu", against=folder, listener=seen.append)
    assert {event.state for event in seen} == {State.CACHED}
    assert not results.failures
    assert len(results.records) == sum(len(model.methods) for model in results.plan.models) * len(suite.metrics)


def test_against_them_only_the_new_method_is_trained(tmp_path: Path, folder: Path, suite: Suite) -> None:
    new = tuple(make_entries(training="mine", recipe=Regular()))
    wider = replace(suite, entries=(*suite.entries, *new))
    seen: list[Event] = []
    results = run(Request(suite=wider), store=tmp_path, device="cpu", against=folder, listener=seen.append)
    trained = {event.name for event in seen if event.kind is Kind.TRAIN and event.state is State.DONE}
    assert trained == {"points/linear/mine seed 0", "points/linear/mine seed 1"}
    assert {record.training for record in results.records} >= {"regular", "mine"}
    assert not results.failures


def test_a_new_metric_makes_the_weights_again_and_they_are_the_same(
    tmp_path: Path, measured: Path, folder: Path, suite: Suite
) -> None:
    wider = replace(suite, metrics=(*suite.metrics, ENTROPY))
    results = run(Request(suite=wider), store=tmp_path, device="cpu", against=folder)
    with Store(measured) as store:
        own = values(store.records())
    found = values(list(results.records))
    assert {place: found[place] for place in own} == own
    assert all(value is not None for place, value in found.items() if place[2] == ENTROPY.name)


def test_a_changed_recipe_is_not_there(folder: Path, suite: Suite) -> None:
    changed = make_entries(recipe=Regular(), training="regular")
    longer = [replace(entry, budget=replace(entry.budget, epochs=4)) for entry in changed]
    cells = reference_cells(Request(suite=replace(suite, entries=tuple(longer))).plan(), folder)
    assert all(cell.missing and not cell.records for cell in cells)


def test_what_the_store_has_is_left_alone(tmp_path: Path, folder: Path, suite: Suite) -> None:
    run(Request(suite=suite, seeds=[0]), store=tmp_path, device="cpu")
    with Store(tmp_path) as store:
        before = store.records()
        bring_in(Request(suite=suite).plan(), store, folder)
        after = {record.key: record for record in store.records()}
    assert len(after) == 2 * len(before)
    assert all(after[record.key] == record for record in before)


def test_a_model_that_came_with_one_suite_brings_the_numbers_of_another(
    tmp_path: Path, folder: Path, suite: Suite
) -> None:
    part = replace(suite, controls=suite.controls[:1])
    with Store(tmp_path) as store:
        first = bring_in(Request(suite=part).plan(), store, folder)
        second = bring_in(Request(suite=suite).plan(), store, folder)
        assert bring_in(Request(suite=suite).plan(), store, folder) == 0
        assert not any(cell.missing for cell in inventory(Request(suite=suite).plan(), store))
    assert first > second > 0


def test_what_a_file_has_already_stays_in_it(tmp_path: Path, folder: Path, suite: Suite) -> None:
    for machine, seeds in (("one", [1]), ("other", [0])):
        run(Request(suite=suite, seeds=seeds), store=tmp_path / machine, device="cpu")
        done = write_reference(Request(suite=suite), store=tmp_path / machine, folder=tmp_path, device=machine)
    assert (done.models, done.planned) == (2, 2)
    header = read_header(done.path)
    assert header["device"] == "one, other"
    assert header["weights"] in {path.stem for path in (tmp_path / "weights").iterdir()}
    both, at_once = (reference_cells(Request(suite=suite).plan(), place) for place in (tmp_path, folder))
    assert [values(list(cell.records)) for cell in both] == [values(list(cell.records)) for cell in at_once]


def test_seeds_that_are_not_asked_for_stay_too(tmp_path: Path, folder: Path, suite: Suite) -> None:
    shutil.copytree(folder, tmp_path / "files")
    run(Request(suite=suite, seeds=[2]), store=tmp_path / "store", device="cpu")
    done = write_reference(Request(suite=suite, seeds=[2]), store=tmp_path / "store", folder=tmp_path / "files")
    assert (done.models, done.planned) == (3, 3)
    assert (folder / done.path.name).read_text().splitlines()[1:] == [
        line for line in done.path.read_text().splitlines()[1:] if "seed 2" not in line and '"seed":2' not in line
    ]
    run(Request(suite=suite, seeds=[0]), store=tmp_path / "store", device="cpu")
    again = write_reference(Request(suite=suite), store=tmp_path / "store", folder=tmp_path / "files", device="x")
    assert again.models == 3, "also a seed that the suite has not"


def test_of_a_model_that_was_trained_on_two_machines_the_one_with_more_numbers_stays(
    tmp_path: Path, suite: Suite
) -> None:
    moved = 0.0  # as far as the machines differ

    def build(shape: tuple[int, ...], classes: int) -> nn.Module:
        network = nn.Linear(shape[0], classes)
        network.weight.data += moved
        return network

    architecture = replace(LINEAR, build=build)
    both = replace(suite, architectures=(architecture,), entries=tuple(make_entries(architecture=architecture)))
    accuracy = replace(both, metrics=both.metrics[:1])

    def written(machine: str, measured: Suite) -> str:
        run(Request(suite=measured, seeds=[0]), store=tmp_path / machine, device="cpu")
        done = write_reference(Request(suite=both), store=tmp_path / machine, folder=tmp_path, device="cpu")
        return "".join(done.path.read_text().splitlines()[1:])

    first = written("first", both)
    moved = 1.0
    assert written("second", accuracy) == first, "it has fewer numbers"
    second = written("second", both)
    assert second != first
    with Store(tmp_path / "second", read_only=True) as store:
        own = [record for cell in inventory(Request(suite=both, seeds=[0]).plan(), store) for record in cell.records]
    cells = reference_cells(Request(suite=both, seeds=[0]).plan(), tmp_path)
    assert values([record for cell in cells for record in cell.records]) == values(own)
    moved = 2.0
    run(Request(suite=accuracy, seeds=[0]), store=tmp_path / "third", device="cpu")
    with Store(tmp_path / "third") as store:
        assert bring_in(Request(suite=both, seeds=[0]).plan(), store, tmp_path) == 0, "they are of other weights"


def test_nothing_measured_is_an_error(tmp_path: Path, suite: Suite) -> None:
    Store(tmp_path).close()
    with pytest.raises(LookupError, match="salbench run"):
        write_reference(Request(suite=suite), store=tmp_path, folder=tmp_path / "files")
    with pytest.raises(LookupError, match="no measurements"):
        reference_cells(Request(suite=suite).plan(), tmp_path)


def test_a_table_without_a_store_shows_them(tmp_path: Path, folder: Path, suite: Suite) -> None:
    results = commands.table(Request(suite=suite), store=tmp_path / "none", reference=folder)
    assert len(results.records) == sum(len(model.methods) for model in results.plan.models) * len(suite.metrics)


def test_they_stand_in_for_what_only_failed(tmp_path: Path, folder: Path, suite: Suite) -> None:
    plan = Request(suite=suite).plan()
    known = commands.table(Request(suite=suite), store=tmp_path / "none", reference=folder).records
    model, method = plan.models[0], plan.models[0].methods[0]
    failed = [
        replace(
            next(record for record in known if record.metric == metric.name),
            key=failure_key(model, method, metric, plan.samples),
            status=Status.FAILED,
            value=None,
            note="out of memory",
        )
        for metric in plan.metrics
    ]
    with Store(tmp_path / "store") as store:
        store.commit(records=failed)
    assert commands.table(Request(suite=suite), store=tmp_path / "store", reference=folder).records == known
    assert len(commands.table(Request(suite=suite), store=tmp_path / "store").failures) == len(plan.metrics)


def test_they_add_metrics_of_the_same_maps_alone(tmp_path: Path, folder: Path, suite: Suite) -> None:
    run(Request(suite=replace(suite, metrics=suite.metrics[:1])), store=tmp_path, device="cpu")
    plan = Request(suite=suite).plan()
    with Store(tmp_path) as store:
        mine = inventory(plan, store)
    whole = reference_cells(plan, folder)
    for own, theirs in zip(mine, whole, strict=True):
        assert [record.metric for record in filled_records(plan, own, theirs)] == [item.name for item in plan.metrics]
        assert filled_records(plan, own, replace(theirs, weights="other")) == list(own.records)
        assert filled_records(plan, own, replace(theirs, attributions="other")) == list(own.records)


def test_costs_are_known_of_what_a_store_lacks(tmp_path: Path, folder: Path, suite: Suite) -> None:
    Store(tmp_path).close()
    trained, explained = costs(Request(suite=suite), store=tmp_path, reference=folder)
    assert trained["seeds"].tolist() == [2]
    run(Request(suite=suite, seeds=[0]), store=tmp_path, device="cpu")
    trained, explained = costs(Request(suite=suite), store=tmp_path, reference=folder)
    assert (trained["seeds"].tolist(), len(explained)) == ([2], 3)
    plan = Request(suite=suite).plan()
    first, second = map(train_key, plan.models)
    with Store(tmp_path) as own, reference_store(folder, plan) as known, opened_store(tmp_path, folder, plan) as both:
        assert both.outcomes([second, "none", first]) == {
            second: known.outcome(second),
            first: own.outcome(first),
        }
        assert list(both.outcomes([second, first])) == [second, first]
        assert both.outcome("none") is None
    other = Request(suite=replace(suite, entries=tuple(make_entries(recipe=Regular(double_softmax=True)))))
    with pytest.raises(LookupError, match=r"^the reference has no model of suite 'tiny'; `salbench run tiny"):
        costs(other, store=tmp_path / "none", reference=folder)


def test_what_is_said_of_methods_needs_no_store(tmp_path: Path, folder: Path, measured: Path, suite: Suite) -> None:
    two = replace(suite, entries=(*suite.entries, *make_entries("again", recipe=Regular(double_softmax=True))))
    request, nowhere = Request(suite=two), tmp_path / "none"
    ours = ranks(Request(suite=suite), store=measured)
    assert rank_frame(ranks(request, store=nowhere, reference=folder).metrics).equals(rank_frame(ours.metrics))
    frame = why(request, "points/linear/regular/gradient", "gini", seed=1, store=nowhere, reference=folder)
    own = why(request, "points/linear/regular/gradient", "gini", seed=1, store=measured)
    kept = own["link"] != "scores"  # scores of single samples do not come along
    assert frame["what"][kept].tolist() == own["what"][kept].tolist()
    assert "not here: taken over, or lost" in frame["detail"][frame["link"] == "weights"].item()
    comparison = compare("regular", "again", request, store=nowhere, reference=folder)
    assert comparison.left_out["gini"] == "both were never measured together"
    trained, explained = costs(request, store=nowhere, reference=folder)
    assert trained["seeds"].tolist() == [2]
    assert dict(zip(explained["saliency"], explained["forwards"], strict=True))["gradient"] == 1
    index, results = report(request, out=tmp_path / "page", store=nowhere, reference=folder)
    assert index.exists()
    assert len(results.records) == sum(len(model.methods) for model in ours.plan.models) * len(suite.metrics)
    assert not nowhere.exists()


MADE = [pytest.param(path, marks=_marks(path), id=path.stem) for path in checkable_files(FILES)]


@pytest.mark.slow
@pytest.mark.parametrize("path", MADE)
def test_what_comes_with_salbench_is_measured_again(path: Path) -> None:
    frame = check_measurements(path, data=data_root(), device=torch.device("cpu"))
    assert len(frame)
    assert frame["agrees"].all(), frame.to_string()


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    path = next(iter(checkable_files(FILES)))
    shutil.copy(path, tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / f"{read_header(path)['weights']}.safetensors").write_bytes(b"other")
    with pytest.raises(OSError, match="digest"):
        check_measurements(tmp_path / path.name, data=data_root(), device=torch.device("cpu"))


def test_a_file_that_cannot_be_measured_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    for name in ("quick.jsonl", "rrr-figure2.small.jsonl"):
        shutil.copy(FILES / name, tmp_path)
        weights = f"{read_header(FILES / name)['weights']}.safetensors"
        shutil.copy(FILES / "weights" / weights, tmp_path / "weights" / weights)
    damaged = tmp_path / "weights" / f"{read_header(FILES / 'quick.jsonl')['weights']}.safetensors"
    damaged.write_bytes(b"other")
    outcome = CliRunner().invoke(app, ["reference", "check", "--folder", str(tmp_path)])
    assert outcome.exit_code == 1
    assert f"not measured: {damaged.name}" in outcome.stdout
    assert "rrr-figure2" in outcome.stdout
    assert "True" in outcome.stdout
    stopped = CliRunner().invoke(app, ["reference", "check", "--folder", str(tmp_path), "--debug"])
    assert isinstance(stopped.exception, OSError)
    assert "rrr-figure2" not in stopped.stdout


@pytest.mark.slow
def test_the_pages_say_what_the_files_say() -> None:
    pages = reference_report(FILES)
    assert pages.first == (FILES / "README.md").read_text(encoding="utf-8")
    assert pages.suites == {path.stem: path.read_text(encoding="utf-8") for path in (FILES / "suites").iterdir()}
    assert {path.name for path in (FILES / "figures").iterdir()} == set(pages.figures)


def test_no_page_is_too_long_to_be_shown() -> None:
    """A host of repositories cuts pages that are longer than 500 KiB."""
    for path in (FILES / "README.md", *(FILES / "suites").iterdir()):
        assert path.stat().st_size < 500 * 1024, path.name


def test_figures_of_numbers_alone_are_drawn(folder: Path, suite: Suite) -> None:
    def draw(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
        files = [path.with_suffix(suffix) for suffix in (".png", ".csv")]
        for file in files:
            file.write_bytes(b"drawn")
        return files

    def refuse(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
        raise LookupError("too little was measured")

    figures = (
        Figure(name="numbers", draw=draw, of_numbers=True),
        Figure(name="maps", draw=draw),
        Figure(name="little", draw=refuse, of_numbers=True),
    )
    request = Request(suite=replace(suite, figures=figures))
    plan = request.plan()
    with reference_store(folder, plan) as store:
        results = Results(request=request, plan=plan, records=tuple(store.records()))
        drawn = reference_figures(results, store)
    assert drawn == {"numbers": b"drawn"}


def pages_of(suite: str, figure: str) -> ReferencePages:
    return ReferencePages(
        first=f"# Reference measurements\n\n[{suite}](suites/{suite}.md#{suite}-small-scale)\n",
        suites={suite: f"![{figure}](../figures/{figure}.png)\n"},
        figures={f"{figure}.png": b"drawn"},
    )


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_pages_take_the_place_of_older_ones_and_of_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    pages_of("old", "before").write(folder)
    own = {"suites/mine.md": "![mine](../figures/mine.png)", "figures/mine.png": "my own", "notes.md": "mine too"}
    for name, text in own.items():
        (folder / name).write_text(text)
    pages = pages_of("tiny", "numbers")
    written = pages.write(folder)
    assert written == [folder / "README.md", folder / "suites" / "tiny.md", folder / "figures" / "numbers.png"]
    shown = {"README.md": pages.first, "suites/tiny.md": pages.suites["tiny"], "figures/numbers.png": "drawn"}
    assert contents(folder) == own | shown


@pytest.mark.parametrize("name", ["README.md", "suites/mine.md", "figures/mine.png"])
def test_a_report_is_not_written_over_other_files(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("my own")
    with pytest.raises(ValueError, match="is of no report of salbench; name an empty or a new folder with --out"):
        pages_of("tiny", "numbers").write(tmp_path)
    result = CliRunner().invoke(app, ["reference", "report", "--folder", str(tmp_path / "no"), "--out", str(tmp_path)])
    assert "is of no report" in result.output, "refused before the measurements are even looked for"
    assert contents(tmp_path) == {name: "my own"}


def test_a_report_needs_a_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file; a report needs a folder"):
        pages_of("tiny", "numbers").write(tmp_path / "file")


def test_the_committed_report_is_known_as_one() -> None:
    refuse_other_contents(FILES)


@pytest.mark.parametrize(
    "path",
    [path for path in reference_files(FILES) if path.stem.endswith(".small")],
    ids=lambda path: path.stem.removesuffix(".small"),
)
def test_suites_still_ask_for_what_comes_with_salbench(path: Path) -> None:
    """Whatever changes the identity of a data set, a model or a metric makes its measurements useless."""
    header = read_header(path)
    plan = Request(suite=header["suite"], small=True).plan()
    held = {(cell.model.name, cell.model.seed) for cell in reference_cells(plan, FILES) if cell.records}
    assert len(held) == int(header["models"].split()[0])


def test_files_agree_on_what_a_task_left() -> None:
    """Two machines may train one model to other weights; a table that finds both would lack the numbers of one."""
    found: dict[str, dict[str, str]] = {}
    for path in reference_files():
        for key, outcome in read_measurements(path).outcomes.items():
            known = found.setdefault(key, outcome["artifacts"])
            assert outcome["artifacts"] == known, f"{outcome['task']} {outcome['name']} of {path.name}"


def test_every_file_begins_with_how_it_was_made() -> None:
    for path in reference_files(FILES):
        assert {"command", "date", "device", "common", "models", "suite", "scale"} <= set(read_header(path))


def test_a_figure_of_maps_that_did_not_come_along_costs_no_table(tmp_path: Path, folder: Path, suite: Suite) -> None:
    def draw(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
        store.get(results.records[0].attributions)
        return []

    drawn = replace(suite, figures=(Figure(name="maps", draw=draw),))
    results = run(Request(suite=drawn), store=tmp_path, device="cpu", against=folder)
    console = Console(width=200, record=True, file=StringIO())
    write_results(results, tmp_path, None, console)
    assert "maps was not drawn: the store lacks weights or maps" in console.export_text()
    assert (tmp_path / "reports" / "tiny" / "leaderboard.csv").exists()


def test_a_plan_counts_what_would_be_taken_over(tmp_path: Path, folder: Path, suite: Suite) -> None:
    wider = replace(suite, entries=(*suite.entries, *make_entries(training="mine", recipe=Regular())))
    plan = Request(suite=wider).plan()
    cells, _ = forecast(plan, store=tmp_path / "none", against=folder)
    assert {cell.model.training for cell in cells if cell.missing} == {"mine"}


def test_a_plan_foresees_what_fills_a_store_that_has_a_part(tmp_path: Path, folder: Path, suite: Suite) -> None:
    part = replace(suite, metrics=suite.metrics[:1])
    run(Request(suite=part), store=tmp_path, device="cpu", against=folder)
    cells, _ = forecast(Request(suite=suite).plan(), store=tmp_path)
    assert any(cell.missing for cell in cells)
    cells, _ = forecast(Request(suite=suite).plan(), store=tmp_path, against=folder)
    assert not any(cell.missing for cell in cells)
