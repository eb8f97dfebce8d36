"""`salbench reference`: measurements that others can use."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ..command_line import STORE
from .command import SOME_FAILED, command, requested
from .options import DataFolder, Debug, Device, DeviceOption, Scale, ScaleOption, Seeds, StoreFolder, SuiteName


@command
def write(
    suite: SuiteName,
    store: StoreFolder = STORE,
    out: Annotated[Path, typer.Option(help="Folder of the files, one a suite and scale.")] = Path("results/reference"),
    device: Annotated[str | None, typer.Option(help="What it was measured on, such as '2 CPU cores'.")] = None,
    seeds: Seeds = None,
    scale: ScaleOption = Scale.FULL,
) -> None:
    """Write what a store has of a suite as sorted JSON lines; `salbench run SUITE --against FOLDER` takes them over.

    What the file has already stays in it, so that several machines can fill one file, each with its own seeds.
    """
    from ..reference.writing import write_reference

    request = requested(suite, seeds=seeds, scale=scale)
    done = write_reference(request, store=store, folder=out, device=device)
    held = f"{done.records} numbers of {done.models} of {done.planned} models"
    Console().print(f"wrote {escape(str(done.path))}: {held}", soft_wrap=True)


@command
def report(
    folder: Annotated[Path, typer.Option(help="Folder of the files.")] = Path("results/reference"),
    out: Annotated[Path | None, typer.Option(help="Folder for README.md, suites and figures; else that one.")] = None,
) -> None:
    """Write what the measurements of a folder say: each published table beside ours, with verdicts and figures."""
    from ..reference.report import reference_report, refuse_other_contents

    place = out or folder
    refuse_other_contents(place)  # before minutes of work
    pages = reference_report(folder)
    first = pages.write(place)[0]
    beside = f"{len(pages.suites)} pages of suites and {len(pages.figures)} figures"
    Console().print(f"wrote {escape(str(first))}, {beside}", soft_wrap=True)


@command
def check(
    folder: Annotated[
        Path | None, typer.Option(help="Folder of the files; else those that come with salbench.")
    ] = None,
    data: DataFolder = None,
    device: DeviceOption = Device.CPU,
    debug: Debug = False,
) -> None:
    """Measure one entry of each file again, from the weights beside it.

    A file that cannot be measured is named, and the others go on. The exit status is 1 then, and if a number differs.
    """
    from ...datasets.files.fetch import data_root
    from ..device import choose_device
    from ..reference.check import check_measurements, checkable_files
    from ..reference.known import FOLDER
    from ..reports.print_frame import print_frame

    console, agree = Console(), True
    place, files = choose_device(device), checkable_files(folder or FOLDER)
    if not files:
        raise ValueError("no file names its weights; they are in a clone of the repository: --folder results/reference")
    for path in files:
        try:
            with console.status(f"measuring {escape(path.name)}"):
                frame = check_measurements(path, data=data or data_root(), device=place)
        except (LookupError, OSError) as error:
            if debug:
                raise
            console.print(f"not measured: {escape(str(error))}", soft_wrap=True)
            agree = False
            continue
        print_frame(frame, console)
        agree = agree and bool(frame["agrees"].all())
    if not agree:
        raise typer.Exit(SOME_FAILED)
