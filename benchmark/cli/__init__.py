"""The command `salbench`: arguments in, one clear message or a table out."""

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
app.add_typer(data_app, name="data")
app.add_typer(reference_app, name="reference")

app.command("run")(runs.run)
app.command("status")(runs.status)
app.command("digest")(stores.digest)
app.command("plan")(runs.plan)
app.command("table")(tables.table)
app.command("report")(tables.report)
app.command("costs")(tables.costs)
app.command("agreement")(comparisons.agreement)
app.command("conventions")(comparisons.conventions)
app.command("ranks")(comparisons.ranks)
app.command("compare")(comparisons.compare)
app.command("list")(entries.catalog)
app.command("search")(entries.search)
app.command("cards")(development.cards)
app.command("export")(stores.export)
app.command("speed")(development.speed)
app.command("why")(stores.why)
app.command("diff")(stores.diff)
app.command("new")(entries.new)
app.command("check")(entries.check)

data_app.command("fetch")(data_files.fetch)
data_app.command("status")(data_files.status)

reference_app.command("write")(reference.write)
reference_app.command("report")(reference.report)
reference_app.command("check")(reference.check)


def main() -> None:
    """Run the command line."""
    app()
