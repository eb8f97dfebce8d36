"""For those who change salbench: how fast it is, and the pages about its metrics."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ..command_line import STORE
from .command import command
from .options import DataFolder, StoreFolder


@command
def speed(
    rounds: Annotated[int, typer.Option(min=1, help="Pairs of runs; the median counts.")] = 5,
    store_size: Annotated[
        int | None,
        typer.Option(min=10, help="Instead: time plans and a leaderboard beside a store of so many invented records."),
    ] = None,
) -> None:
    """Measure how close salbench comes to the passes it cannot do without, as ratios on this machine."""
    from ..reports.print_frame import print_frame
    from ..speed.ratios import speed as measure
    from ..speed.store_size import scale as measure_scale

    console = Console()
    with console.status("measuring; leave the machine alone"):
        frame = measure(rounds=rounds) if store_size is None else measure_scale(store_size)
    print_frame(frame, console)


@command
def cards(
    out: Annotated[Path, typer.Option(help="Folder of the pages, one a metric and an index.")] = Path("docs/metrics"),
    measure: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Measure how controls separate anew, and write it here.")
    ] = None,
    store: StoreFolder = STORE,
    data: DataFolder = None,
) -> None:
    """Write a page about every metric: its definition, its source, and whether it separates the controls."""
    from ..cards.pages import refuse_other_pages, write_cards
    from ..cards.separation import measure_separation, read_separation

    refuse_other_pages(out)  # before hours of measuring
    console = Console()
    if measure is not None:
        text = measure_separation(store=store, data=data, report=lambda line: console.print(escape(line)))
        measure.write_text(text, encoding="utf-8")
    count = write_cards(out, measured=read_separation(measure))
    console.print(f"wrote {count} pages to {escape(str(out))}")
