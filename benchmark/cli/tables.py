"""What an earlier run measured, as tables and as a page, and what it cost."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ..command_line import STORE
from .command import command, reference_folder
from .options import DataFolder, Format, FormatOption, Reference, StoreFolder

if TYPE_CHECKING:
    from ..request import Request


@command
def table(
    *,
    store: StoreFolder = STORE,
    format: FormatOption = Format.TERMINAL,  # noqa: A002
    out: Annotated[
        Path | None, typer.Option(help="File to write instead of printing; .md, .tex, .csv, .html or .json says how.")
    ] = None,
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
        bool, typer.Option("--published", help="Show the published numbers beside ours instead.")
    ] = False,
    reference: Reference = False,
    request: "Request",
) -> None:
    """Print the results of an earlier run; nothing is computed.

    With --rows, --columns or --mean-over in another layout, such as --rows training,saliency --mean-over dataset; keys
    that are not named have a table each, but seeds, over which the mean is taken.
    """
    from ...results.choice import choose
    from ...results.formats.render import RENDERERS
    from .. import commands
    from ..reports.published import print_comparisons
    from ..reports.terminal import print_results, rendered

    chosen = any(keys is not None for keys in (rows, columns, mean_over))
    if published and chosen:
        raise ValueError("--published has a layout of its own; leave out --rows, --columns and --mean-over")
    choice = choose(rows, columns, mean_over) if chosen else None
    if out is not None and format is Format.TERMINAL:
        format = Format.of(out)  # noqa: A001
    results = commands.table(request, store=store, reference=reference_folder(reference))
    if published and not results.comparisons:
        raise ValueError(f"suite {results.plan.suite!r} answers no published table; leave out --published")
    if format is Format.TERMINAL:
        if published:
            print_comparisons(results, Console(), every_row=True)
        else:
            print_results(results, Console(), choice)
        return
    text = RENDERERS[format](results.published()) if published else rendered(results, format, choice)
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")
        Console().print(f"wrote {escape(str(out))}")


@command
def report(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder to write; an older report in it is replaced.")],
    store: StoreFolder = STORE,
    reference: Reference = False,
    data: DataFolder = None,
    request: "Request",
) -> None:
    """Write the results of an earlier run as a page that opens from disk, with the curves and maps behind them."""
    from ..reports.page import report as write_report

    index, _ = write_report(request, out=out, store=store, reference=reference_folder(reference), data=data)
    Console().print(f"wrote {escape(str(index))}; open it in a browser", soft_wrap=True)


@command
def costs(*, store: StoreFolder = STORE, reference: Reference = False, request: "Request") -> None:
    """Show what the models and maps of an earlier run cost: time, memory and passes, beside regular training."""
    from ..costs import costs as measure
    from ..reports.print_frame import print_frame

    for frame in measure(request, store=store, reference=reference_folder(reference)):
        print_frame(frame, Console())
