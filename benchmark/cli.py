"""The command `salbench`: arguments in, one clear message or a table out."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from .request import Request

# The commands are imported where they run: `--help` need not wait for torch.

app = typer.Typer(
    help="Measure which training method and which saliency method give explanations one can trust.",
    epilog="Start with `salbench run`: real data, nothing to download, minutes on two CPU cores.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
data_app = typer.Typer(help="Fetch data sets, and see which files are there.", no_args_is_help=True)
app.add_typer(data_app, name="data")
reference_app = typer.Typer(help="Write measurements that others can use, and what they say.", no_args_is_help=True)
app.add_typer(reference_app, name="reference")

SOME_FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130  # exit statuses

SuiteName = Annotated[str, typer.Argument(help="The suite; `salbench list suites` shows all.")]
StoreFolder = Annotated[Path, typer.Option("--store", help="Folder that keeps every measurement.")]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder that holds all data; else SALBENCH_DATA or the user's cache.")
]
EntryFiles = Annotated[
    list[Path] | None,
    typer.Option("--entries", help="Python file with ENTRIES to add; it is executed. May be repeated."),
]
Seeds = Annotated[
    int | None, typer.Option("--seeds", min=1, help="Number of training seeds, 0, 1, …; else the suite's.")
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="KEY=NAME",
        help="Keep only this dataset, architecture, training, saliency or metric. May be repeated.",
    ),
]


class Scale(StrEnum):
    """How much of a suite is measured."""

    FULL = "full"
    SMALL = "small"


ScaleOption = Annotated[
    Scale, typer.Option("--scale", help="small: the suite's question in minutes on two CPU cores, where it has one.")
]
Stacked = Annotated[
    bool,
    typer.Option(
        "--stacked", help="Models that were trained several at once, where that is possible; other last digits."
    ),
]
Compiled = Annotated[
    bool, typer.Option("--compile", help="Models that were trained through torch.compile; other last digits.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Stop at the first error and show its traceback.")]


class Device(StrEnum):
    """Where models run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class EngineName(StrEnum):
    """What runs the work."""

    INLINE = "inline"
    PROCESSES = "processes"
    RAY = "ray"


class Tracker(StrEnum):
    """What keeps training curves and numbers elsewhere."""

    TENSORBOARD = "tensorboard"
    MLFLOW = "mlflow"


class Format(StrEnum):
    """How a table is printed."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    LATEX = "latex"
    CSV = "csv"
    HTML = "html"
    JSON = "json"


@app.command()
def run(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    data: DataFolder = None,
    device: Annotated[Device, typer.Option(help="auto takes a GPU where there is one.")] = Device.AUTO,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that share the work; else one a core, or one on a GPU.")
    ] = None,
    engine: Annotated[
        EngineName | None, typer.Option(help="ray: a cluster of machines; else processes of this one, or inline.")
    ] = None,
    address: Annotated[
        str, typer.Option(help="Head of a Ray cluster, HOST:PORT; auto: the one this machine belongs to.")
    ] = "auto",
    gpu_fraction: Annotated[
        float, typer.Option(help="Of a GPU for one model on a cluster: 0.25 lets four models share one.")
    ] = 1.0,
    task_minutes: Annotated[
        float | None, typer.Option(help="Give a model up once one of its tasks takes longer.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="Take over what is measured already: reference (comes with salbench), or a folder of *.jsonl."
        ),
    ] = None,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line on stdout for each event; no tables.")
    ] = False,
    debug: Debug = False,
) -> None:
    """Measure a suite and print its leaderboard.

    What the store has is not computed again: stop at any time, and the same command goes on.
    """
    with _errors_explained(debug), _interruption_explained(store):
        import torch

        from . import commands
        from .events import both
        from .pool import default_workers
        from .progress import RunProgress
        from .published_report import print_comparisons
        from .report import print_results, print_start, write_results
        from .runlog import RunLog

        console = Console(stderr=json)
        request = _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled)
        work = request.plan()
        # A cluster's nodes choose for themselves.
        chosen = torch.device("cpu") if engine is EngineName.RAY else commands.choose_device(device)
        count = workers
        if debug or engine is EngineName.INLINE:
            count = workers or 1
        elif engine is not EngineName.RAY:
            count = workers or default_workers(chosen, len(work.models))
        print_start(work, chosen, count or 1, console)
        log = RunLog(store, work, stream=sys.stdout if json else None, engine=engine, workers=count, device=device)
        with log, RunProgress(work, console) as progress:
            results = commands.run(
                request,
                store=store,
                data=data,
                device=device,
                workers=1 if debug else count,
                engine=engine,
                address=address,
                gpu_fraction=gpu_fraction,
                task_minutes=task_minutes,
                against=None if against is None else _measurements(against),
                listener=both(progress, log),
                report=lambda line: console.print(escape(line), soft_wrap=True),
                stop_on_failure=debug,
            )
            log.end(records=len(results.records), failed=len(results.failures))
        if not json:
            print_results(results, console)
            print_comparisons(results, console)
        write_results(results, store, data, console)
        if results.failures:
            raise typer.Exit(SOME_FAILED)


@app.command()
def status(
    store: Annotated[Path, typer.Argument(help="Folder of the store that a run writes to.")] = Path("salbench-store"),
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    debug: Debug = False,
) -> None:
    """Show from another terminal how far a run is: what is done, what runs now, and how long it will still take."""
    with _errors_explained(debug):
        from .runlog import run_statuses
        from .runlog_report import print_status, status_line

        for found in run_statuses(store):
            if json:
                sys.stdout.write(status_line(found))
            else:
                print_status(found, Console())


@app.command()
def digest(
    store: Annotated[Path, typer.Argument(help="Folder of a store.")] = Path("salbench-store"),
    debug: Debug = False,
) -> None:
    """Print one hash of all that a store has measured: equal for runs with equal numbers, whatever ran them."""
    with _errors_explained(debug):
        from ..results.store import Store

        with Store(store, read_only=True) as opened:
            sys.stdout.write(opened.digest() + "\n")


@app.command()
def plan(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    rates: Annotated[
        list[Path] | None,
        typer.Option(help="Another store whose measured times the estimate may use. May be repeated."),
    ] = None,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Show what a run would do, what the store already has, and how long the rest will take; nothing is computed."""
    with _errors_explained(debug):
        from .estimate import forecast
        from .report import print_plan

        work = _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled).plan()
        print_plan(work, *forecast(work, store=store, rates=rates or ()), Console())


@app.command()
def table(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    format: Annotated[Format, typer.Option(help="terminal, markdown, latex, csv, html or json.")] = Format.TERMINAL,  # noqa: A002
    out: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
    rows: Annotated[
        str | None,
        typer.Option(metavar="KEYS", help="What rows are: dataset, architecture, training, saliency, metric, seed."),
    ] = None,
    columns: Annotated[
        str | None, typer.Option(metavar="KEYS", help="What columns are, such as training,metric.")
    ] = None,
    mean_over: Annotated[
        str | None, typer.Option("--mean-over", metavar="KEYS", help="Over what means are taken, such as dataset.")
    ] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Print the published numbers beside ours, cell by cell, instead.")
    ] = False,
    reference: Annotated[
        bool,
        typer.Option("--reference", help="Where the store has no result, show the one that comes with salbench."),
    ] = False,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Print the results of an earlier run; nothing is computed.

    With --rows, --columns or --mean-over in another layout, such as --rows training,saliency --mean-over dataset; keys
    that are not named have a table each, but seeds, over which the mean is taken.
    """
    with _errors_explained(debug):
        from ..results.choice import choose
        from . import commands
        from .published_report import print_comparisons
        from .reference import FOLDER
        from .report import print_results, rendered

        chosen = any(keys is not None for keys in (rows, columns, mean_over))
        choice = choose(rows, columns, mean_over) if chosen else None
        results = commands.table(
            _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled),
            store=store,
            reference=FOLDER if reference else None,
        )
        if published:
            print_comparisons(results, Console(), every_cell=True)
        elif format is Format.TERMINAL and out is None:
            print_results(results, Console(), choice)
        elif out is None:
            sys.stdout.write(rendered(results, format, choice))
        else:
            out.write_text(rendered(results, format, choice), encoding="utf-8")
            Console().print(f"wrote {escape(str(out))}")


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", help="Folder to write; an older report in it is replaced.")],
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    data: DataFolder = None,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Write the results of an earlier run as a page that opens from disk, with the curves and maps behind them."""
    with _errors_explained(debug):
        from .report_page import report as write_report

        request = _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled)
        index, _ = write_report(request, out=out, store=store, data=data)
        Console().print(f"wrote {escape(str(index))}; open it in a browser", soft_wrap=True)


@app.command()
def costs(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Show what the models and maps of an earlier run cost: time, memory and passes, beside regular training."""
    with _errors_explained(debug):
        from .costs import costs as measure
        from .report import print_frame

        for frame in measure(
            _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled), store=store
        ):
            print_frame(frame, Console())


@app.command()
def agreement(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Show whether the metrics of an earlier run rank saliency methods alike, and what each metric cost.

    First all metrics of a family (Krippendorff's alpha), then pair by pair (Kendall's tau); unreliable ones have a ‡.

    Narrow it with `--only metric=roar_area --only metric=road_area`.
    """
    with _errors_explained(debug):
        from ..results.store import Store
        from . import commands
        from .costs import metric_costs
        from .report import print_agreement, print_frame

        request, console = _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled), Console()
        print_agreement(commands.table(request, store=store), console)
        with Store(store, create=False) as opened:
            print_frame(metric_costs(request.plan(), opened), console)


@app.command()
def conventions(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    data: DataFolder = None,
    format: Annotated[Format, typer.Option(help="terminal, markdown, latex, csv, html or json.")] = Format.TERMINAL,  # noqa: A002
    out: Annotated[Path | None, typer.Option(help="Folder for all tables as CSV and a heatmap as PNG and PDF.")] = None,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Show the maps of an earlier run under every known definition of AOPC, AUC, AUP and AUR, and which claims flip.

    No model is run: the store has the maps and what the model said of the perturbed inputs.
    """
    with _errors_explained(debug):
        from .conventions import conventions as explore
        from .conventions_report import print_explored, rendered_conventions, write_explored

        explored, console = (
            explore(
                _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled), store=store, data=data
            ),
            Console(),
        )
        if out is not None:
            names = ", ".join(file.name for file in write_explored(explored, out))
            console.print(f"wrote to {escape(str(out))}: {escape(names)}", soft_wrap=True)
        elif format is Format.TERMINAL:
            print_explored(explored, console)
        else:
            sys.stdout.write(rendered_conventions(explored, format))


@app.command()
def ranks(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    by: Annotated[str, typer.Option(help="saliency or training: what is ranked.")] = "saliency",
    keep_unreliable: Annotated[
        bool, typer.Option("--keep-unreliable", help="Rank by a metric also where it is marked as unreliable.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for all tables as CSV and diagrams of the ranks as PNG and PDF.")
    ] = None,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Rank the methods of an earlier run: Friedman and Nemenyi, and whether the metrics can be believed and agree."""
    with _errors_explained(debug):
        from .rank_report import print_ranked, write_ranked
        from .rank_report import ranks as rank

        request, console = _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled), Console()
        ranked = rank(request, store=store, by=by, keep_unreliable=keep_unreliable)
        if out is None:
            print_ranked(ranked, console)
        else:
            names = ", ".join(file.name for file in write_ranked(ranked, out))
            console.print(f"wrote to {escape(str(out))}: {escape(names)}", soft_wrap=True)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A training or saliency method, such as regular.")],
    second: Annotated[str, typer.Argument(help="Another one of the same kind.")],
    suite: Annotated[str, typer.Option("--suite", help="The suite that was run.")] = "quick",
    by: Annotated[str | None, typer.Option(help="training or saliency; else what the first name is.")] = None,
    store: StoreFolder = Path("salbench-store"),
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    stacked: Stacked = False,
    compiled: Compiled = False,
    debug: Debug = False,
) -> None:
    """Show what two methods differ in, by an earlier run: paired differences, intervals and corrected tests."""
    with _errors_explained(debug):
        from .pairwise import compare as of_two
        from .pairwise import print_comparison

        request = _request(suite, entries, seeds, only, scale, stacked=stacked, compiled=compiled)
        print_comparison(of_two(first, second, request, store=store, by=by), Console())


@app.command("list")
def list_(
    what: Annotated[
        str, typer.Argument(help="datasets, architectures, training, saliency, metrics, suites or entries.")
    ] = "suites",
    entries: EntryFiles = None,
    debug: Debug = False,
) -> None:
    """Show what there is to choose from."""
    with _errors_explained(debug):
        from .listing import catalog
        from .report import print_frame

        print_frame(catalog(what, entries=entries or ()), Console())


@app.command()
def search(
    method: Annotated[str, typer.Argument(help="Only scaat needs it: its publication names no settings.")] = "scaat",
    dataset: Annotated[str, typer.Option(help="Data set, such as fashion_mnist.")] = "digits",
    architecture: Annotated[str, typer.Option(help="Architecture of all models.")] = "cnn3b",
    train: Annotated[int | None, typer.Option(min=10, help="Training samples that are used; else all.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of each model; else the data set's budget.")] = None,
    batch_size: Annotated[int | None, typer.Option(min=1, help="Likewise.")] = None,
    tolerance: Annotated[float, typer.Option(min=0.0, max=1.0, help="Accuracy that may be lost.")] = 0.01,
    seed: Annotated[int, typer.Option(help="Of the split, the weights and all noise.")] = 0,
    data: DataFolder = None,
    device: Annotated[Device, typer.Option(help="auto takes a GPU where there is one.")] = Device.AUTO,
    debug: Debug = False,
) -> None:
    """Find settings of a training method that keep clean accuracy, on the training samples alone."""
    with _errors_explained(debug):
        from .report import print_frame
        from .search import search as find_settings

        console = Console()
        frame = find_settings(
            method,
            dataset=dataset,
            architecture=architecture,
            train=train,
            epochs=epochs,
            batch_size=batch_size,
            tolerance=tolerance,
            seed=seed,
            data=data,
            device=device,
            on_trial=lambda line: console.print(escape(line), soft_wrap=True),
        )
        print_frame(frame, console)


@app.command()
def cards(
    out: Annotated[Path, typer.Option(help="Folder of the pages, one a metric and an index.")] = Path("docs/metrics"),
    measure: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Measure how controls separate anew, and write it here.")
    ] = None,
    store: StoreFolder = Path("salbench-store"),
    data: DataFolder = None,
    debug: Debug = False,
) -> None:
    """Write a page about every metric: its definition, its source, and whether it separates the controls."""
    with _errors_explained(debug):
        from .cards import write_cards
        from .separation import measure_separation, read_separation

        console = Console()
        if measure is not None:
            text = measure_separation(store=store, data=data, report=lambda line: console.print(escape(line)))
            measure.write_text(text, encoding="utf-8")
        count = write_cards(out, measured=read_separation(measure))
        console.print(f"wrote {count} pages to {escape(str(out))}")


@app.command()
def export(
    store: Annotated[Path, typer.Argument(help="Folder of a store.")],
    place: Annotated[
        str, typer.Argument(help="Folder of TensorBoard's logs, or MLflow's address: sqlite:///mlflow.db.")
    ],
    to: Annotated[Tracker, typer.Option("--to", help="tensorboard or mlflow.")],
    debug: Debug = False,
) -> None:
    """Hand the training curves and the final numbers of each entry and seed to TensorBoard or MLflow."""
    with _errors_explained(debug):
        from .export import export as hand_over

        console = Console()
        with console.status("writing"):
            written, known = hand_over(store, place, to=to)
        console.print(f"wrote {written} runs to {escape(place)}; {known} were there already", soft_wrap=True)
        if to is Tracker.TENSORBOARD:
            console.print(f"Next: tensorboard --logdir {escape(place)}", soft_wrap=True)


@app.command()
def speed(
    rounds: Annotated[int, typer.Option(min=1, help="Pairs of runs; the median counts.")] = 5,
    store_size: Annotated[
        int | None,
        typer.Option(min=10, help="Instead: time plans and a leaderboard beside a store of so many invented records."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Measure how close salbench comes to the passes it cannot do without, as ratios on this machine."""
    with _errors_explained(debug):
        from .report import print_frame
        from .scale import scale as measure_scale
        from .speed import speed as measure

        console = Console()
        with console.status("measuring; leave the machine alone"):
            frame = measure(rounds=rounds) if store_size is None else measure_scale(store_size)
        print_frame(frame, console)


@app.command()
def why(
    entry: Annotated[str, typer.Argument(help="dataset/architecture/training/saliency, as in the tables.")],
    metric: Annotated[str, typer.Argument(help="Name of the metric.")],
    seed: Annotated[int, typer.Option(help="Seed of training.")] = 0,
    suite: Annotated[str, typer.Option(help="The suite that measured it.")] = "quick",
    store: StoreFolder = Path("salbench-store"),
    debug: Debug = False,
) -> None:
    """Follow a number back to its record, curves, map, weights and settings, with their hashes."""
    with _errors_explained(debug):
        from .report import print_frame
        from .request import Request
        from .why import why as explained

        print_frame(explained(Request(suite=suite), entry, metric, seed=seed, store=store), Console())


@app.command()
def diff(
    first: Annotated[Path, typer.Argument(help="A store.")],
    second: Annotated[Path, typer.Argument(help="Another store.")],
    debug: Debug = False,
) -> None:
    """Show which numbers of two stores differ, and in what; the exit status is 1 if any does."""
    with _errors_explained(debug):
        from .report import print_frame
        from .why import diff as differences

        frame, console = differences(first, second), Console()
        if frame.empty:
            console.print("the same numbers")
        else:
            print_frame(frame, console)
            raise typer.Exit(SOME_FAILED)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Of the training method, such as gradient_penalty.")],
    folder: Annotated[Path, typer.Option(help="Where to write the file.")] = Path(),
    debug: Debug = False,
) -> None:
    """Write a file with a training method that works, to be changed into your own."""
    with _errors_explained(debug):
        from .new import new as write

        path = write(name, folder)
        Console().print(f"wrote {escape(str(path))}; change it, then: salbench check {escape(str(path))}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Python file with ENTRIES; it is executed.")],
    data: DataFolder = None,
    debug: Debug = False,
) -> None:
    """Try every entry of a file on a few samples, and say which promises it keeps; under a minute."""
    with _errors_explained(debug):
        from ..datasets.fetch import data_root
        from .check import check as try_out
        from .report import print_checks

        console = Console()
        with console.status("checking"):
            checks = try_out(file, data=data or data_root())
        print_checks(checks, console)
        if any(item.error for item in checks):
            raise typer.Exit(SOME_FAILED)
        console.print(f"Next: salbench run quick --entries {escape(str(file))}")


@data_app.command("fetch")
def data_fetch(
    names: Annotated[list[str], typer.Argument(help="Data sets, such as mnist.")],
    data: DataFolder = None,
    debug: Debug = False,
) -> None:
    """Get the files of data sets from the first source that has them, and check every checksum."""
    with _errors_explained(debug):
        from . import files

        console = Console()
        with console.status("fetching"):
            for line in files.fetch_data(names, data=data, report=lambda text: console.print(escape(text))):
                console.print(escape(line))


@data_app.command("status")
def data_status(data: DataFolder = None, debug: Debug = False) -> None:
    """Show which files of which data sets are there, with sizes, checksums and where they belong."""
    with _errors_explained(debug):
        from . import files
        from .report import print_frame

        print_frame(files.data_status(data=data), Console())


@reference_app.command("write")
def reference_write(
    suite: SuiteName,
    store: StoreFolder = Path("salbench-store"),
    out: Annotated[Path, typer.Option(help="Folder of the files, one a suite and scale.")] = Path("results/reference"),
    device: Annotated[str | None, typer.Option(help="What it was measured on, such as '2 CPU cores'.")] = None,
    seeds: Seeds = None,
    scale: ScaleOption = Scale.FULL,
    debug: Debug = False,
) -> None:
    """Write what a store has of a suite as sorted JSON lines; `salbench run SUITE --against FOLDER` takes them over."""
    with _errors_explained(debug):
        from .reference import write_reference

        request = _request(suite, None, seeds, None, scale)
        done = write_reference(request, store=store, folder=out, device=device)
        held = f"{done.records} numbers of {done.models} of {done.planned} models"
        Console().print(f"wrote {escape(str(done.path))}: {held}", soft_wrap=True)


@reference_app.command("report")
def reference_report(
    folder: Annotated[Path, typer.Option(help="Folder of the files.")] = Path("results/reference"),
    out: Annotated[Path | None, typer.Option(help="File to write; else README.md in the folder.")] = None,
    debug: Debug = False,
) -> None:
    """Write what the measurements of a folder say: each published table beside ours, with verdicts."""
    with _errors_explained(debug):
        from .reference_report import reference_report as text_of

        path = out or folder / "README.md"
        path.write_text(text_of(folder), encoding="utf-8")
        Console().print(f"wrote {escape(str(path))}", soft_wrap=True)


@reference_app.command("check")
def reference_check(
    folder: Annotated[
        Path | None, typer.Option(help="Folder of the files; else those that come with salbench.")
    ] = None,
    data: DataFolder = None,
    device: Annotated[Device, typer.Option(help="auto takes a GPU where there is one.")] = Device.CPU,
    debug: Debug = False,
) -> None:
    """Measure one entry of each file again, from the weights beside it; the exit status is 1 if a number differs."""
    with _errors_explained(debug):
        from ..datasets.fetch import data_root
        from . import commands
        from .reference import FOLDER
        from .reference_check import check_measurements, checkable_files
        from .report import print_frame

        console, agree = Console(), True
        place, files = commands.choose_device(device), checkable_files(folder or FOLDER)
        if not files:
            raise ValueError(
                "no file names its weights; they are in a clone of the repository: --folder results/reference"
            )
        for path in files:
            with console.status(f"measuring {escape(path.name)}"):
                frame = check_measurements(path, data=data or data_root(), device=place)
            print_frame(frame, console)
            agree = agree and bool(frame["agrees"].all())
        if not agree:
            raise typer.Exit(SOME_FAILED)


def main() -> None:
    """Run the command line."""
    app()


def _measurements(place: str) -> Path:
    """The folder that `--against` means."""
    from .reference import FOLDER, WORD

    folder = FOLDER if place == WORD else Path(place)
    if not folder.is_dir():
        raise ValueError(f"--against takes {WORD!r} or a folder of *.jsonl files, got {place!r}, which is no folder")
    return folder


def _request(
    suite: str,
    entries: list[Path] | None,
    seeds: int | None,
    only: list[str] | None,
    scale: Scale,
    *,
    stacked: bool = False,
    compiled: bool = False,
) -> "Request":
    """What the arguments ask for."""
    from .request import Request

    filters: dict[str, list[str]] = {}
    for pair in only or ():
        key, separator, name = pair.partition("=")
        if not separator:
            raise ValueError(f"--only takes KEY=NAME, such as training=regular, got {pair!r}")
        filters.setdefault(key, []).append(name)
    return Request(
        suite=suite,
        entries=entries or (),
        seeds=None if seeds is None else range(seeds),
        small=scale is Scale.SMALL,
        only=filters,
        stacked=stacked,
        compiled=compiled,
    )


@contextmanager
def _errors_explained(debug: bool) -> Iterator[None]:
    """One message instead of a traceback, unless it is asked for."""
    try:
        yield
    except (ImportError, KeyError, LookupError, OSError, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        if debug or isinstance(error, typer.Exit):
            raise
        message = error.args[0] if isinstance(error, KeyError) and error.args else error
        Console(stderr=True).print(f"[red]error[/red]: {escape(str(message))}", soft_wrap=True, highlight=False)
        raise typer.Exit(BAD_INPUT) from None


@contextmanager
def _interruption_explained(store: Path) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        Console(stderr=True).print(
            f"interrupted; what was measured is in {escape(str(store))}, and the same command goes on from there"
        )
        raise typer.Exit(INTERRUPTED) from None
