"""Options that several commands share; what one command alone has is declared there."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Scale(StrEnum):
    """How much of a suite is measured."""

    FULL = "full"
    SMALL = "small"


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
    HTML = "html"
    JSON = "json"

    @classmethod
    def of(cls, file: Path) -> "Format":
        """What the name of a file asks for.

        Raises:
            ValueError: a name that ends otherwise.
        """
        endings = {".md": cls.MARKDOWN, ".tex": cls.LATEX, ".csv": cls.CSV, ".html": cls.HTML, ".json": cls.JSON}
        if file.suffix not in endings:
            raise ValueError(f"--out must end in {', '.join(endings)}, or name a --format, got {str(file)!r}")
        return endings[file.suffix]


SuiteName = Annotated[str, typer.Argument(help="The suite; `salbench list suites` shows all.")]
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

StoreFolder = Annotated[Path, typer.Option("--store", help="Folder that keeps every measurement.")]
Reference = Annotated[
    bool, typer.Option("--reference", help="Where the store has no result, take the one that comes with salbench.")
]
DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder that holds all data; else SALBENCH_DATA or the user's cache.")
]
DeviceOption = Annotated[Device, typer.Option("--device", help="auto takes a GPU where there is one.")]
FormatOption = Annotated[Format, typer.Option("--format", help="terminal, markdown, latex, csv, html or json.")]
Debug = Annotated[bool, typer.Option("--debug", help="Stop at the first error and show its traceback.")]
