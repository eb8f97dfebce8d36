"""What the commands show: plans, results and lists in a terminal, and the files that a run leaves behind."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ..datasets.fetch import data_root
from ..metrics.accuracy_drop import ACCURACY_DROP
from ..results.plots import accuracy_drop_plot
from ..results.render import RENDERERS, describe
from ..results.store import Store
from ..results.terminal import to_terminal
from ..results.training_plots import training_plot
from .check import Check
from .commands import Results
from .costs import training_curves
from .inventory import Cell
from .planning import Plan
from .suite import Figure

FILES = {"leaderboard.csv": "csv", "leaderboard.md": "markdown", "leaderboard.tex": "latex"}


def rendered(results: Results, form: str) -> str:
    """The leaderboard in one of the formats of `results.render`."""
    leaderboard = results.leaderboard
    return RENDERERS[form](leaderboard, describe(leaderboard, results.plan.suite))


def print_start(plan: Plan, device: torch.device, workers: int, console: Console) -> None:
    """What is about to be run, and where."""
    maps = sum(len(model.methods) for model in plan.models)
    processes = "1 process" if workers == 1 else f"{workers} processes"
    console.print(f"[bold]{escape(plan.title)}[/bold]")
    console.print(f"{len(plan.models)} models, {maps} map sets, {device.type}, {processes}", highlight=False)


def print_results(results: Results, console: Console) -> None:
    """The leaderboard, and the reasons of what failed."""
    leaderboard, suite = results.leaderboard, results.plan.suite
    caption = describe(leaderboard, suite)
    to_terminal(leaderboard, console, caption=caption, command=f"salbench table {suite} --format csv")


def write_results(results: Results, store: Path, data: Path | None, console: Console) -> None:
    """Tables and figures beside the store, and what to do next."""
    folder = store / "reports" / results.plan.suite
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / name: rendered(results, form) for name, form in FILES.items()}
    for number, (_, comparison) in enumerate(results.comparisons, start=1):
        suffix = f"_{number}" if len(results.comparisons) > 1 else ""
        texts[folder / f"published{suffix}.csv"] = comparison.to_csv(index=False)
    if any(not path.exists() or path.read_text(encoding="utf-8") != text for path, text in texts.items()):
        _draw(results, folder)
        with Store(store, create=False) as opened:
            curves = training_curves(results.plan, opened)
        if curves:
            training_plot(curves, folder / "training.png")
        for figure in results.suite.figures:
            _draw_published(figure, results, store, data, folder, console)
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
    written = ", ".join(sorted(path.name for path in folder.iterdir()))
    console.print(f"Files in {escape(str(folder))}: {written}", soft_wrap=True)
    suite = results.plan.suite
    if results.failures:
        failed = len({(record.entry, record.seed) for record in results.failures})
        console.print(f"[red]{failed} entries failed[/red]; the same command tries them again, --debug shows why")
    console.print(f"Next: salbench table {suite} --format latex, or salbench run {suite} --entries my_method.py")


def _draw_published(
    figure: Figure, results: Results, store: Path, data: Path | None, folder: Path, console: Console
) -> None:
    """A figure that cannot be drawn, for lack of a result, costs no table."""
    try:
        with Store(store, create=False) as opened:
            figure.draw(results, opened, data or data_root(), folder / figure.name)
    except (LookupError, ValueError) as error:
        console.print(f"{figure.name} was not drawn: {escape(str(error))}", soft_wrap=True)


def _draw(results: Results, folder: Path) -> None:
    """The figure; it takes seconds, so it is only drawn when the numbers have changed."""
    drops = [record for record in results.records if record.metric == ACCURACY_DROP.name and record.curve]
    if drops:
        accuracy_drop_plot(drops, folder / "accuracy_drop.png")


def print_plan(plan: Plan, cells: list[Cell], console: Console) -> None:
    """What is done and what is to do, a row for each model, all seeds together."""
    grid = Table(title=plan.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    grid.add_column("model", no_wrap=True)
    for column in ("models trained", "map sets made", "curves run", "numbers measured"):
        grid.add_column(column, justify="right")
    groups: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.model.name].append(cell)
    for name, group in groups.items():
        grid.add_row(Text(name), *(f"{done} of {total}" for done, total in _progress(group, plan)))
    grid.add_section()
    totals = _progress(cells, plan)
    grid.add_row("all", *(f"{done} of {total}" for done, total in totals))
    console.print(grid)
    trainings, curves = totals[0][1] - totals[0][0], sum(len(cell.curves_to_run) for cell in cells)
    passes = sum(protocol.steps for cell in cells for protocol in cell.curves_to_run)
    each = f"{plan.samples} samples at most" if plan.samples else "all test samples"
    if any(cell.missing for cell in cells):
        console.print(f"To do: {trainings} trainings, {curves} curve sets, {passes} passes over {each}.")
        console.print(f"Next: salbench run {plan.suite}")
    else:
        console.print(f"Nothing to do. Next: salbench table {plan.suite}")


def print_frame(frame: pd.DataFrame, console: Console) -> None:
    """A data frame as a table; names from data are shown as they are."""
    grid = Table(*frame.columns, box=SIMPLE_HEAD, pad_edge=False)
    for row in frame.itertuples(index=False):
        grid.add_row(*(Text(f"{value:.3g}" if isinstance(value, float) else str(value)) for value in row))
    console.print(grid)


def print_checks(checks: Sequence[Check], console: Console) -> None:
    """A line a promise, and how many were kept."""
    grid = Table("", "promise", "of", box=SIMPLE_HEAD, pad_edge=False)
    for item in checks:
        mark = Text("FAIL", style="bold red") if item.error else Text("PASS", style="green")
        grid.add_row(mark, Text(item.promise + (f"\n{item.error}" if item.error else "")), Text(item.subject))
    console.print(grid)
    kept = sum(not item.error for item in checks)
    console.print(f"{kept} of {len(checks)} promises kept")


def _progress(cells: list[Cell], plan: Plan) -> list[tuple[int, int]]:
    """(done, total) of models, map sets, curves and numbers."""
    models = {(cell.model.name, cell.model.seed): cell.weights is not None for cell in cells}
    numbers = len(cells) * len(plan.metrics)
    return [
        (sum(models.values()), len(models)),
        (sum(cell.attributions is not None for cell in cells), len(cells)),
        (sum(len(cell.protocols) for cell in cells), len(cells) * len(plan.protocols)),
        (numbers - sum(len(cell.missing) for cell in cells), numbers),
    ]
