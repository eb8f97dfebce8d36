"""What the commands show: plans, results and lists in a terminal, and the files that a run leaves behind."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ...datasets.files.fetch import data_root
from ...metrics.accuracy_drop import ACCURACY_DROP
from ...results.agreement import agreement, unreliable_metrics
from ...results.choice import Choice
from ...results.concordance import concordance
from ...results.errors import MissingArtifact
from ...results.formats.render import RENDERERS
from ...results.formats.terminal import to_terminal
from ...results.plots.accuracy_drop import accuracy_drop_plot
from ...results.plots.effects import FEWEST, effect_plot
from ...results.plots.training import training_plot
from ...results.published import NOT_SHOWN
from ...results.reliability import RULE
from ...results.store import Store
from ..check import Check
from ..costs import training_curves
from ..estimate import Work
from ..inventory import Cell
from ..plan_results import Results
from ..planning import Plan
from ..rates import Basis
from ..suite import Figure
from ..wording import counted, duration
from .print_frame import print_frame

_MODEL_ROWS = 100  # more models are shown by data set
FILES = {"leaderboard.csv": "csv", "leaderboard.md": "markdown", "leaderboard.tex": "latex"}
_LIST = ".written"  # names the files beside it, so that stale ones are known from somebody's own


def rendered(results: Results, form: str, choice: Choice | None = None) -> str:
    """The tables in one of the formats of `results.render`, in the usual layout or another."""
    return RENDERERS[form](results.sheet if choice is None else results.chosen(choice))


def print_start(plan: Plan, device: torch.device, workers: int, console: Console) -> None:
    """What is about to be run, and where."""
    maps = sum(len(model.methods) for model in plan.models)
    processes = "1 process" if workers == 1 else f"{workers} processes"
    what = f"{counted(len(plan.models), 'models')}, {counted(maps, 'map sets')}"
    console.print(f"[bold]{escape(plan.title)}[/bold]")
    console.print(f"{what}, {device.type}, {processes}", highlight=False)


def print_results(results: Results, console: Console, choice: Choice | None = None) -> None:
    """The tables, the reasons of what failed, and what is missing."""
    sheet = results.sheet if choice is None else results.chosen(choice)
    layout = [] if choice is None else shlex.split(choice.options)
    to_terminal(sheet, console, command=results.command_line("table", *layout, "--format", "markdown"))


def write_results(results: Results, store: Path, data: Path | None, console: Console) -> None:
    """Tables and figures beside the store, in place of those of an earlier request, and what to do next."""
    folder = store / "reports" / results.plan.suite
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / name: rendered(results, form) for name, form in FILES.items()}
    for number, (_, comparison) in enumerate(results.comparisons, start=1):
        suffix = f"_{number}" if len(results.comparisons) > 1 else ""
        texts[folder / f"published{suffix}.csv"] = comparison.drop(columns=NOT_SHOWN).to_csv(index=False)
    before = _written(folder)
    if any(path not in before or path.read_text(encoding="utf-8") != text for path, text in texts.items()):
        for old in before:
            old.unlink()
        figures = _draw(results, store, data, folder, console)  # takes seconds: only when the numbers have changed
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        (folder / _LIST).write_text("".join(f"{path.name}\n" for path in (*texts, *figures)), encoding="utf-8")
    names = ", ".join(path.name for path in _written(folder))
    console.print(f"Files in {escape(str(folder))}: {names}", soft_wrap=True)
    if results.failures:
        failed = len({(record.entry, record.seed) for record in results.failures})
        console.print(f"[red]{failed} entries failed[/red]; the same command tries them again, --debug shows why")
    latex = results.command_line("table", "--format", "latex")
    page = results.command_line("report", "--out", "page")
    own_method = results.command_line("run", "--entries", "my_method.py")
    other = page if results.request.entries else own_method
    console.print(f"Next: {escape(latex)}, or {escape(other)}", soft_wrap=True)


def _written(folder: Path) -> list[Path]:
    """The tables and figures in a folder that the last request with other numbers wrote there."""
    names = folder / _LIST
    known = set(names.read_text(encoding="utf-8").splitlines()) if names.exists() else set()
    return sorted(path for path in folder.iterdir() if path.name in known and path.is_file())


def _draw(results: Results, store: Path, data: Path | None, folder: Path, console: Console) -> list[Path]:
    """The figures of any suite, and its own."""
    files: list[Path] = []
    drops = [record for record in results.records if record.metric == ACCURACY_DROP.name and record.curve]
    if drops:
        files += accuracy_drop_plot(drops, folder / "accuracy_drop.png")
    for number, (table, effects) in enumerate(results.effects, start=1):
        if len(effects) >= FEWEST:
            files += effect_plot(effects, folder / f"published_effects_{number}", title=table.title)
    with Store(store, create=False) as opened:
        curves = training_curves(results.plan, opened)
    if curves:
        files += training_plot(curves, folder / "training.png")
    for figure in results.suite.figures:
        files += _draw_published(figure, results, store, data, folder, console)
    return files


def _draw_published(
    figure: Figure, results: Results, store: Path, data: Path | None, folder: Path, console: Console
) -> list[Path]:
    """A figure that cannot be drawn, for lack of a result, costs no table."""
    try:
        with Store(store, create=False) as opened, console.status(f"Drawing {figure.name}, which may evaluate models"):
            return figure.draw(results, opened, data or data_root(), folder / figure.name)
    except MissingArtifact:
        reason = "the store lacks weights or maps that it shows; measurements that are taken over have none"
        console.print(f"{figure.name} was not drawn: {reason}", soft_wrap=True)
    except (LookupError, ValueError) as error:
        console.print(f"{figure.name} was not drawn: {escape(str(error))}", soft_wrap=True)
    return []


def print_plan(plan: Plan, cells: list[Cell], work: Sequence[Work], console: Console) -> None:
    """What is done, a row for each model or, of many, each data set; then what is to do and how long that will take."""
    grid = Table(title=plan.title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    many = len({cell.model.name for cell in cells}) > _MODEL_ROWS
    grid.add_column("data set" if many else "model", overflow="fold")
    for column in ("models\ntrained", "map sets\nmade", *["curves\nrun"] * bool(plan.protocols), "numbers\nmeasured"):
        grid.add_column(column, justify="right", no_wrap=True)
    groups: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell.model.dataset.name if many else cell.model.name].append(cell)
    for name, group in groups.items():
        grid.add_row(Text(name), *_progress(group, plan))
    grid.add_section()
    grid.add_row("all", *_progress(cells, plan))
    console.print(grid)
    for line in _forecast(plan, work) if work else ["Nothing to do."]:
        console.print(line, soft_wrap=True, highlight=False)


def _forecast(plan: Plan, work: Sequence[Work]) -> Iterator[str]:
    """What is to do, in counts and minutes, and what the minutes are made of."""
    each = f"{plan.samples} samples at most" if plan.samples else "all test samples"
    yield "To do: " + ", ".join(counted(kind.count, kind.what) for kind in work) + "."
    passes = ", ".join(f"{kind.passes:,.0f} for {kind.what}" for kind in work if kind.passes)
    if passes:
        yield f"Model passes, each over {each}, of methods that were measured and of curves: {passes}."
    known: Counter[Basis] = sum((Counter(kind.known) for kind in work), Counter())
    if known:
        parts = ", ".join(f"{kind.what} {duration(kind.seconds)}" for kind in work if kind.known)
        whole = duration(sum(kind.seconds for kind in work))
        yield f"Time in one process: about {whole} for {known.total():,} tasks ({parts})."
        if may_stop := sum(kind.may_stop for kind in work):
            early = counted(may_stop, "trainings")
            yield f"It has all epochs of {early} that may stop before, once accurate enough or no longer better."
        yield "As it was for " + ", ".join(f"{basis}: {known[basis]:,}" for basis in Basis if known[basis]) + "."
    devices: Counter[str] = sum((Counter(kind.devices) for kind in work), Counter())
    for device, count in devices.items():
        yield (
            f"Of these measured on {device} for what comes with salbench: {count:,}. "
            "These had other work too, so that a quiet machine may take a fraction."
        )
    unknown = ", ".join(counted(kind.unknown, kind.what) for kind in work if kind.unknown)
    if unknown:
        yield f"Time unknown, as nothing like it was measured: {unknown}. Name a store that has with --rates."


def print_agreement(results: Results, console: Console) -> None:
    """How far metrics rank alike, by family and by pair, and which are unreliable."""
    leaderboard = results.leaderboard
    families, pairs = concordance(leaderboard), agreement(leaderboard)
    if len(families):
        title = "Krippendorff's alpha between all metrics of a family, and Kendall's tau between their pairs"
        console.print(title, style="bold")
        print_frame(families, console)
    if pairs.empty:
        console.print("No two metrics rank three common methods, so that there is no agreement to show.")
    else:
        console.print("Kendall's tau between two metrics", style="bold")
        print_frame(pairs, console)
    marked = unreliable_metrics(leaderboard)
    if marked:
        named = ", ".join(f"{name} (on {count})" for name, count in marked.items())
        console.print(Text(f"‡ {RULE} Marked, by data sets with an architecture: {named}."), soft_wrap=True)


def print_checks(checks: Sequence[Check], console: Console) -> None:
    """A line a promise, and how many were kept."""
    grid = Table("", "promise", "of", box=SIMPLE_HEAD, pad_edge=False)
    for item in checks:
        mark = Text("FAIL", style="bold red") if item.error else Text("PASS", style="green")
        grid.add_row(mark, Text(item.promise + (f"\n{item.error}" if item.error else "")), Text(item.subject))
    console.print(grid)
    kept = sum(not item.error for item in checks)
    console.print(f"{kept} of {len(checks)} promises kept")


def _progress(cells: list[Cell], plan: Plan) -> list[str]:
    """Done of all models, map sets, curves (of a plan that has any) and numbers."""
    models = {(cell.model.name, cell.model.seed): cell.weights is not None for cell in cells}
    numbers = len(cells) * len(plan.metrics)
    counts = [
        (sum(models.values()), len(models)),
        (sum(cell.attributions is not None for cell in cells), len(cells)),
        *[(sum(len(cell.protocols) for cell in cells), len(cells) * len(plan.protocols))] * bool(plan.protocols),
        (numbers - sum(len(cell.missing) for cell in cells), numbers),
    ]
    return [f"{done}/{total}" for done, total in counts]
