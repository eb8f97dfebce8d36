"""What a store keeps: its hash, where a number comes from, what differs from another store, and the way out."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from ..command_line import STORE
from .command import SOME_FAILED, command, reference_folder
from .options import Reference, StoreFolder

if TYPE_CHECKING:
    from ..request import Request


class Tracker(StrEnum):
    """What keeps training curves and numbers elsewhere."""

    TENSORBOARD = "tensorboard"
    MLFLOW = "mlflow"


@command
def digest(*, store: StoreFolder = STORE) -> None:
    """Print one hash of all that a store holds: equal for runs that measured equal numbers, on whatever engine.

    Numbers taken over with `--against` come without the scores of single samples and with rounded curves, so that a
    store that has any differs from one that measured them.
    """
    from ...results.store import Store

    with Store(store, read_only=True) as opened:
        sys.stdout.write(opened.digest() + "\n")


@command
def why(
    entry: Annotated[str, typer.Argument(help="dataset/architecture/training/saliency, as in the tables.")],
    metric: Annotated[str, typer.Argument(help="Name of the metric.")],
    seed: Annotated[int, typer.Option(help="Seed of training.")] = 0,
    *,
    suite: Annotated[str, typer.Option(help="The suite that measured it.")] = "quick",
    store: StoreFolder = STORE,
    reference: Reference = False,
    request: "Request",
) -> None:
    """Follow a number back to its record, curves, map, weights and settings, with their hashes."""
    from ..reports.print_frame import print_frame
    from ..why import why as explained

    print_frame(
        explained(request, entry, metric, seed=seed, store=store, reference=reference_folder(reference)), Console()
    )


@command
def diff(
    first: Annotated[Path, typer.Argument(help="A store.")],
    second: Annotated[Path, typer.Argument(help="Another store.")],
) -> None:
    """Show which numbers of two stores differ, and in what; the exit status is 1 if any does."""
    from ..reports.print_frame import print_frame
    from ..why import diff as differences

    frame, console = differences(first, second), Console()
    if frame.empty:
        console.print("the same numbers")
    else:
        print_frame(frame, console)
        raise typer.Exit(SOME_FAILED)


@command
def export(
    place: Annotated[
        str, typer.Argument(help="Folder of TensorBoard's logs, or MLflow's address: sqlite:///mlflow.db.")
    ],
    to: Annotated[Tracker, typer.Option("--to", help="tensorboard or mlflow.")],
    *,
    store: StoreFolder = STORE,
) -> None:
    """Hand the training curves and the final numbers of each entry and seed to TensorBoard or MLflow."""
    from ..export import export as hand_over

    console = Console()
    with console.status("writing"):
        written, known = hand_over(store, place, to=to)
    console.print(f"wrote {written} runs to {escape(place)}; {known} were there already", soft_wrap=True)
    if to is Tracker.TENSORBOARD:
        console.print(f"Next: tensorboard --logdir {escape(place)}", soft_wrap=True)
