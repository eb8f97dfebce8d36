"""`salbench data`: the files of data sets."""

from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from .command import command
from .options import DataFolder


@command
def fetch(
    names: Annotated[list[str], typer.Argument(help="Data sets, such as mnist.")],
    data: DataFolder = None,
) -> None:
    """Get the files of data sets from the first source that has them, and check every checksum."""
    from .. import files

    console = Console()
    with console.status("fetching"):
        for line in files.fetch_data(names, data=data, report=lambda text: console.print(escape(text))):
            console.print(escape(line))


@command
def status(data: DataFolder = None) -> None:
    """Show which files of which data sets are there, with sizes, checksums and where they belong."""
    from .. import files
    from ..reports.print_frame import print_frame

    print_frame(files.data_status(data=data), Console())
