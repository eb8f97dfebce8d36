"""What `salbench conventions` shows: values with ranks, how far definitions agree, and claims that depend on one."""

from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from ...results.convention_tables import PLACE, claim, compared_pairs
from ...results.formats.render import RENDERERS, describe
from ...results.plots.conventions import agreement_heatmap
from ...results.sheet import sheet
from ...results.tables import MISSING
from ..command_line import command_line
from .conventions import Explored, definitions

SHOWN = 5  # claims of each measure, data set and architecture
NOTE = (
    "A cell is the mean over seeds, with the rank among all trainings and saliency methods below; controls have none. "
    "† compares two models by a measure whose scale depends on each model's outputs (edin2025normalized): such a rank "
    "is what publications print, not what can be concluded. * means that in every seed some convention prefers the "
    "first and another the second."
)


def print_explored(explored: Explored, console: Console) -> None:
    """All tables, a measure at a time, and the claims in words."""
    listed = definitions(explored.numbers)
    for measure, own in listed.groupby("measure", sort=False):
        names = own["convention"].tolist()
        better = own["better"].iloc[0]
        console.print(Text(f"\n{measure}, {better} is better", style="bold"))
        console.print(_definitions(own))
        ranked = explored.ranked[explored.ranked["measure"] == measure]
        for (dataset, architecture), found in ranked.groupby(["dataset", "architecture"], sort=False):
            console.print(_values(found, names, f"{dataset} · {architecture}"))
        agreement = explored.agreement[explored.agreement["measure"] == measure]
        if len(agreement):
            console.print(_agreement(agreement, names))
        else:
            console.print(
                Text("No agreement between conventions: fewer than three methods were measured.", style="dim")
            )
    _print_claims(explored, console)
    console.print(Text(NOTE, style="dim"))


def write_explored(explored: Explored, folder: Path) -> list[Path]:
    """The tables as CSV and, where two conventions can be compared, the heatmap as PNG and PDF.

    Args:
        explored: what to write.
        folder: made if needed.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contested = explored.contested.copy()
    for column in ("by", "otherwise"):
        contested[column] = contested[column].map(" ".join)
    tables = {
        "definitions.csv": definitions(explored.numbers),
        "values.csv": explored.ranked,
        "agreement.csv": explored.agreement,
        "contested.csv": contested,
    }
    for name, table in tables.items():
        table.to_csv(folder / name, index=False, lineterminator="\n")
    drawn: list[Path] = []
    if len(explored.agreement):
        title = f"{explored.request.name}: rankings of methods under the conventions of each measure"
        drawn = agreement_heatmap(explored.agreement, folder / "agreement", title=title)
    return [*(folder / name for name in tables), *drawn]


def rendered_conventions(explored: Explored, form: str) -> str:
    """The values, without ranks, in one of the formats of `results.render`: a column a convention."""
    board, command = explored.leaderboard, command_line("conventions", explored.request)
    return RENDERERS[form](sheet(board, describe(board.seeds, explored.request.name, command=command)))


def claims(explored: Explored) -> list[str]:
    """The contested pairs in words, with † for two models whose scales differ and * for what holds in every seed."""
    comparable = explored.numbers.drop_duplicates("measure").set_index("measure")["across_models"]
    lines = []
    for _, row in explored.contested.iterrows():
        dagger = "" if comparable[row["measure"]] or row["one_model"] else "†"
        otherwise = f" (not by {', '.join(row['otherwise'])})"
        lines.append(claim(row) + dagger + (" *" if row["steady"] else "") + otherwise)
    return lines


def _print_claims(explored: Explored, console: Console) -> None:
    contested, pairs = explored.contested, compared_pairs(explored.numbers)
    lines = pd.Series(claims(explored), index=contested.index, dtype=object)
    console.print(Text("\nClaims that depend on a convention", style="bold"))
    for measure, dataset, architecture, count in pairs.itertuples(index=False):
        here = (contested[PLACE] == [measure, dataset, architecture]).all(axis=1)
        steady = int(contested.loc[here, "steady"].sum())
        head = (
            f"{measure}, {dataset} · {architecture}: {int(here.sum())} of {count} pairs, {steady} of them in every seed"
        )
        console.print(Text(head), soft_wrap=True)
        for line in lines[here].head(SHOWN):
            console.print(Text(f"  {line}"), soft_wrap=True)
        if here.sum() > SHOWN:
            console.print(Text(f"  and {int(here.sum()) - SHOWN} more; --out FOLDER writes all", style="dim"))


def _definitions(listed: pd.DataFrame) -> Table:
    grid = Table("", "convention", "formula", "ours", "source", box=SIMPLE_HEAD, pad_edge=False)
    for number, row in enumerate(listed.to_dict("records"), start=1):
        cells = (row["convention"], row["formula"], row["metric"], row["reference"])
        grid.add_row(str(number), *(Text(cell) for cell in cells))
    return grid


def _values(ranked: pd.DataFrame, names: list[str], title: str) -> Table:
    grid = Table(title=Text(title), title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("method", overflow="fold")
    for number in range(1, len(names) + 1):
        grid.add_column(str(number), justify="right", no_wrap=True)
    ordered = ranked.sort_values("control", kind="stable")  # controls below
    for (training, saliency, control), found in ordered.groupby(["training", "saliency", "control"], sort=False):
        by_name = found.set_index("convention")
        cells = [_cell(by_name, name) for name in names]
        grid.add_row(Text(f"{training}/{saliency}", style="dim" if control else ""), *cells)
    return grid


def _cell(found: pd.DataFrame, name: str) -> Text:
    if name not in found.index or pd.isna(found["mean"][name]):
        return Text(MISSING, style="dim")
    mean, rank = float(found["mean"][name]), found["rank"][name]
    text = Text(f"{mean:z.3g}" if abs(mean) < 1000 else f"{mean:.0f}")
    return text if pd.isna(rank) else text.append(f"\n{rank:g}", style="bold" if rank == 1 else "dim")


def _agreement(agreement: pd.DataFrame, names: list[str]) -> Table:
    groups = int(agreement["groups"].max())
    over = "" if groups == 1 else f", mean over {groups} data sets and architectures"
    title = Text(f"Kendall's tau-b between the rankings{over}")
    grid = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("")
    for number in range(1, len(names) + 1):
        grid.add_column(str(number), justify="right", no_wrap=True)
    taus = {(row["first"], row["second"]): row["tau"] for row in agreement.to_dict("records")}
    for number, first in enumerate(names, start=1):
        found = [taus.get((first, second), taus.get((second, first))) for second in names]
        cells = [
            "" if second == first else MISSING if tau is None else f"{tau:z.2f}"
            for second, tau in zip(names, found, strict=True)
        ]
        grid.add_row(f"{number} {escape(first)}", *cells)
    return grid
