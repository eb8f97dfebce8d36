"""What an earlier run says of metrics, of methods, and of definitions that differ."""

import sys
from collections.abc import Iterable
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
def agreement(*, store: StoreFolder = STORE, reference: Reference = False, request: "Request") -> None:
    """Show whether the metrics of an earlier run rank saliency methods alike, and what each metric cost.

    First all metrics of a family (Krippendorff's alpha), then pair by pair (Kendall's tau); unreliable ones have a ‡.

    Narrow it with `--only metric=roar_area --only metric=road_area`. What they cost is known of this store alone.
    """
    from ...results.store import Store
    from .. import commands
    from ..costs import metric_costs
    from ..reports.print_frame import print_frame
    from ..reports.terminal import print_agreement

    console = Console()
    print_agreement(commands.table(request, store=store, reference=reference_folder(reference)), console)
    if not reference:
        with Store(store, create=False) as opened:
            print_frame(metric_costs(request.plan(), opened), console)


@command
def conventions(
    *,
    store: StoreFolder = STORE,
    data: DataFolder = None,
    format: FormatOption = Format.TERMINAL,  # noqa: A002
    out: Annotated[Path | None, typer.Option(help="Folder for all tables as CSV and a heatmap as PNG and PDF.")] = None,
    request: "Request",
) -> None:
    """Show the maps of an earlier run under every known definition of AOPC, AUC, AUP and AUR, and which claims flip.

    No model is run: the store has the maps and what the model said of the perturbed inputs.
    """
    from ..reports.conventions import conventions as explore
    from ..reports.conventions_shown import print_explored, rendered_conventions, write_explored

    explored = explore(request, store=store, data=data)
    if out is not None:
        _name_files(out, write_explored(explored, out))
    elif format is Format.TERMINAL:
        print_explored(explored, Console())
    else:
        sys.stdout.write(rendered_conventions(explored, format))


@command
def ranks(
    *,
    store: StoreFolder = STORE,
    reference: Reference = False,
    by: Annotated[str, typer.Option(help="saliency or training: what is ranked.")] = "saliency",
    keep_unreliable: Annotated[
        bool, typer.Option("--keep-unreliable", help="Rank by a metric also where it is marked as unreliable.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for all tables as CSV and diagrams of the ranks as PNG and PDF.")
    ] = None,
    request: "Request",
) -> None:
    """Rank the methods of an earlier run: Friedman and Nemenyi, and whether the metrics can be believed and agree."""
    from ..reports.ranks import print_ranked, write_ranked
    from ..reports.ranks import ranks as rank

    ranked = rank(request, store=store, reference=reference_folder(reference), by=by, keep_unreliable=keep_unreliable)
    if out is None:
        print_ranked(ranked, Console())
    else:
        _name_files(out, write_ranked(ranked, out))


def _name_files(folder: Path, files: Iterable[Path]) -> None:
    names = ", ".join(file.name for file in files)
    Console().print(f"wrote to {escape(str(folder))}: {escape(names)}", soft_wrap=True)


@command
def compare(
    *,
    first: Annotated[str, typer.Argument(help="A training or saliency method, such as regular.")],
    second: Annotated[str, typer.Argument(help="Another one of the same kind.")],
    suite: Annotated[str, typer.Option("--suite", help="The suite that was run.")] = "quick",  # the request's
    by: Annotated[str | None, typer.Option(help="training or saliency; else what the first name is.")] = None,
    store: StoreFolder = STORE,
    reference: Reference = False,
    keep_unreliable: Annotated[
        bool, typer.Option("--keep-unreliable", help="Compare by a metric also where it is marked as unreliable.")
    ] = False,
    request: "Request",
) -> None:
    """Show what two methods differ in, by an earlier run: paired differences, intervals and corrected tests."""
    from ..pairwise import compare as of_two
    from ..pairwise import print_comparison

    folder = reference_folder(reference)
    found = of_two(first, second, request, store=store, reference=folder, by=by, keep_unreliable=keep_unreliable)
    print_comparison(found, Console())
