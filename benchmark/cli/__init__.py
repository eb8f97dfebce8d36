"""The command `salbench`: arguments in, one clear message or a table out."""

from importlib.metadata import version
from typing import Annotated

import typer

from . import comparisons, data_files, development, entries, reference, runs, stores, tables

# A command imports what it needs when it runs: `--help` need not wait for torch.

app = typer.Typer(
    help="Measure which training method and which saliency method give explanations one can trust.",
    epilog="Start with `salbench run`: real data, nothing to download, minutes on two CPU cores.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
data_app = typer.Typer(help="Fetch data sets, and see which files are there.", no_args_is_help=True)
reference_app = typer.Typer(help="Write measurements that others can use, and what they say.", no_args_is_help=True)
_PANELS = {
    "Measure": {"run": runs.run, "plan": runs.plan, "status": runs.status, "list": entries.catalog},
    "Read what was measured": {
        "table": tables.table,
        "report": tables.report,
        "compare": comparisons.compare,
        "ranks": comparisons.ranks,
        "agreement": comparisons.agreement,
        "conventions": comparisons.conventions,
        "costs": tables.costs,
    },
    "Add a method": {"new": entries.new, "check": entries.check, "search": entries.search},
    "Check and hand on measurements": {
        "why": stores.why,
        "diff": stores.diff,
        "digest": stores.digest,
        "export": stores.export,
    },
    "Work on salbench": {"speed": development.speed, "cards": development.cards},
}
for panel, commands in _PANELS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel)(command)
app.add_typer(data_app, name="data", rich_help_panel="Measure")
app.add_typer(reference_app, name="reference", rich_help_panel="Check and hand on measurements")

data_app.command("fetch")(data_files.fetch)
data_app.command("status")(data_files.status)

reference_app.command("write")(reference.write)
reference_app.command("report")(reference.report)
reference_app.command("check")(reference.check)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"salbench {version('salbench')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version, and end.")
    ] = False,
) -> None:
    """What stands before a command."""


def main() -> None:
    """Run the command line."""
    app()
