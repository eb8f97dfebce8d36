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
Debug = Annotated[bool, typer.Option("--debug", help="Stop at the first error and show its traceback.")]


class Device(StrEnum):
    """Where models run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Format(StrEnum):
    """How a table is printed."""

    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    LATEX = "latex"
    CSV = "csv"


@app.command()
def run(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    data: DataFolder = None,
    device: Annotated[Device, typer.Option(help="auto takes a GPU where there is one.")] = Device.AUTO,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that share the work; else one a core, or one on a GPU.")
    ] = None,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    debug: Debug = False,
) -> None:
    """Measure a suite and print its leaderboard.

    What the store has is not computed again: stop at any time, and the same command goes on.
    """
    with _errors_explained(debug), _interruption_explained(store):
        from . import commands
        from .pool import default_workers
        from .progress import RunProgress
        from .published_report import print_comparisons
        from .report import print_results, print_start, write_results

        console = Console()
        request = _request(suite, entries, seeds, only, scale)
        work = request.plan()
        chosen = commands.choose_device(device)
        count = 1 if debug else workers or default_workers(chosen, len(work.models))
        print_start(work, chosen, count, console)
        with RunProgress(work, console) as progress:
            results = commands.run(
                request,
                store=store,
                data=data,
                device=device,
                workers=count,
                listener=progress,
                report=lambda line: console.print(escape(line), soft_wrap=True),
                stop_on_failure=debug,
            )
        print_results(results, console)
        print_comparisons(results, console)
        write_results(results, store, data, console)
        if results.failures:
            raise typer.Exit(SOME_FAILED)


@app.command()
def plan(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    debug: Debug = False,
) -> None:
    """Show what a run would do and what the store already has; nothing is computed."""
    with _errors_explained(debug):
        from . import commands
        from .report import print_plan

        request = _request(suite, entries, seeds, only, scale)
        print_plan(request.plan(), commands.status(request, store=store), Console())


@app.command()
def table(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    format: Annotated[Format, typer.Option(help="terminal, markdown, latex or csv.")] = Format.TERMINAL,  # noqa: A002
    out: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
    published: Annotated[
        bool, typer.Option("--published", help="Print the published numbers beside ours, cell by cell, instead.")
    ] = False,
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    debug: Debug = False,
) -> None:
    """Print the results of an earlier run; nothing is computed."""
    with _errors_explained(debug):
        from . import commands
        from .published_report import print_comparisons
        from .report import print_results, rendered

        results = commands.table(_request(suite, entries, seeds, only, scale), store=store)
        if published:
            print_comparisons(results, Console(), every_cell=True)
        elif format is Format.TERMINAL and out is None:
            print_results(results, Console())
        elif out is None:
            sys.stdout.write(rendered(results, format))
        else:
            out.write_text(rendered(results, format), encoding="utf-8")
            Console().print(f"wrote {escape(str(out))}")


@app.command()
def costs(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    debug: Debug = False,
) -> None:
    """Show what the models and maps of an earlier run cost: time, memory and passes, beside regular training."""
    with _errors_explained(debug):
        from .costs import costs as measure
        from .report import print_frame

        for frame in measure(_request(suite, entries, seeds, only, scale), store=store):
            print_frame(frame, Console())


@app.command()
def agreement(
    suite: SuiteName = "quick",
    store: StoreFolder = Path("salbench-store"),
    entries: EntryFiles = None,
    seeds: Seeds = None,
    only: Only = None,
    scale: ScaleOption = Scale.FULL,
    debug: Debug = False,
) -> None:
    """Show whether the metrics of an earlier run rank saliency methods alike, and what each metric cost.

    Narrow it with `--only metric=roar_area --only metric=road_area`.
    """
    with _errors_explained(debug):
        from ..results.agreement import agreement as compare
        from ..results.store import Store
        from . import commands
        from .costs import metric_costs
        from .report import print_frame

        request, console = _request(suite, entries, seeds, only, scale), Console()
        print_frame(compare(commands.table(request, store=store).leaderboard), console)
        with Store(store, create=False) as opened:
            print_frame(metric_costs(request.plan(), opened), console)


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
def speed(
    rounds: Annotated[int, typer.Option(min=1, help="Pairs of runs; the median counts.")] = 5,
    debug: Debug = False,
) -> None:
    """Measure how close salbench comes to the passes it cannot do without, as ratios on this machine."""
    with _errors_explained(debug):
        from .report import print_frame
        from .speed import speed as measure

        console = Console()
        with console.status("measuring; leave the machine alone"):
            frame = measure(rounds=rounds)
        print_frame(frame, console)


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


def main() -> None:
    """Run the command line."""
    app()


def _request(
    suite: str, entries: list[Path] | None, seeds: int | None, only: list[str] | None, scale: Scale
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
