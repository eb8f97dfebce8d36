"""What there is to choose from, and how to add to it: the catalog, a new method, its check, its settings."""

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .command import SOME_FAILED, command
from .options import DataFolder, Device, DeviceOption, EntryFiles


@command
def catalog(
    what: Annotated[
        str, typer.Argument(help="datasets, architectures, training, saliency, metrics, suites or entries.")
    ] = "suites",
    entries: EntryFiles = None,
) -> None:
    """Show what there is to choose from."""
    from ..reports.listing import catalog as listed
    from ..reports.print_frame import print_frame

    print_frame(listed(what, entries=entries or ()), Console())


@command
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
    device: DeviceOption = Device.AUTO,
) -> None:
    """Find settings of a training method that keep clean accuracy, on the training samples alone."""
    from ..reports.print_frame import print_frame
    from ..search import search as find_settings

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


@command
def new(
    name: Annotated[str, typer.Argument(help="Of the training method, such as gradient_penalty.")],
    folder: Annotated[Path, typer.Option(help="Where to write the file.")] = Path(),
) -> None:
    """Write a file with a training method that works, to be changed into your own."""
    from ..new import new as write

    path = write(name, folder)
    following = shlex.join(["salbench", "check", str(path)])
    Console().print(f"wrote {escape(str(path))}; change it, then: {escape(following)}", soft_wrap=True)


@command
def check(
    file: Annotated[Path, typer.Argument(help="Python file with ENTRIES; it is executed.")],
    data: DataFolder = None,
) -> None:
    """Try every entry of a file on a few samples, and say which promises it keeps; under a minute."""
    from ...datasets.files.fetch import data_root
    from ..check import check as try_out
    from ..command_line import command_line
    from ..reference.known import WORD
    from ..reports.terminal import print_checks
    from ..request import Request

    console = Console()
    with console.status("checking"):
        checks = try_out(file, data=data or data_root())
    print_checks(checks, console)
    if any(item.error for item in checks):
        raise typer.Exit(SOME_FAILED)
    following = command_line("run", Request(entries=[file]), "--against", WORD)
    console.print(f"Next: {escape(following)}", soft_wrap=True)
