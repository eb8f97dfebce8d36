"""Measurements beside published numbers as Markdown."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from .effect_signs import sign_counts, signs, sizes_in_words
from .formats.markdown import escape, grid
from .published_tables import published_tables
from .summary import RULE
from .tables import format_number


def signs_in_words(comparison: pd.DataFrame, methods: Sequence[str]) -> str:
    """How many effects of training methods over regular training have the published sign, and how large they are."""
    effects = signs(comparison, methods=methods)
    if effects.empty:
        return ""
    counted = f"signs of {_named(methods)} as published: {sign_counts(effects)}"
    return "; ".join(filter(None, (counted, sizes_in_words(effects))))


def signs_in_short(comparison: pd.DataFrame, methods: Sequence[str]) -> str:
    """The same in a cell of a table: as published, of how many, and how often one of our seeds agrees with another."""
    effects = signs(comparison, methods=methods)
    if effects.empty:
        return ""
    counts = sign_counts(effects)
    between = "" if np.isnan(counts.between_seeds) else f" ({counts.between_seeds:.0%})"
    return f"{_named(methods)} {counts.same} of {counts.cells}{between}"


def _named(methods: Sequence[str]) -> str:
    return methods[0] if len(methods) == 1 else f"{len(methods)} methods"


def comparison_tables(comparison: pd.DataFrame) -> str:
    """What was measured beside what was published; whatever was not measured is left out.

    Args:
        comparison: what `published.compare` gives.
    """
    rows = comparison[comparison["verdict"] != "not measured"]
    made = published_tables("", rows) if len(rows) else []
    return "\n\n".join(
        [f"**{escape(table.title)}**\n\n{grid(table)}" if table.title else grid(table) for table in made]
    )


def summary_tables(averages: pd.DataFrame) -> str:
    """Training methods side by side, a table for each data set and architecture.

    Args:
        averages: what `summary.summary` gives.
    """
    blocks = []
    for (dataset, architecture), group in averages.groupby(["dataset", "architecture"], observed=True, sort=False):
        metrics = list(dict.fromkeys(group["metric"].astype(str)))
        lines = []
        for training, row in group.groupby("training", observed=True, sort=False):
            cells = {cell["metric"]: format_number(cell["mean"], cell["decimals"]) for cell in row.to_dict("records")}
            lines.append([escape(str(training)), *(cells.get(metric, "") for metric in metrics)])
        heads = ["training", *map(escape, metrics)]
        title = f"**{escape(str(dataset))} · {escape(str(architecture))}**"
        blocks.append(f"{title}\n\n{_table(heads, lines, numbers=range(1, len(heads)))}")
    return "\n\n".join([*blocks, escape(RULE)]) if blocks else ""


def rank_table(ranks: pd.DataFrame) -> str:
    """Methods in the order of their ranks, a row a metric.

    Args:
        ranks: what `rank_summary.ranks_in_words` gives.
    """
    lines = [[escape(str(cell)) for cell in row] for row in ranks.itertuples(index=False)]
    return _table([column.replace("_", " ") for column in ranks.columns], lines, numbers=range(0))


def folded(title: str, content: str) -> str:
    """Markdown that is only shown once its title is opened."""
    return f'<details markdown="1">\n<summary>{escape(title)}</summary>\n\n{content}\n\n</details>'


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]], *, numbers: range) -> str:
    rules = ["---:" if place in numbers else "---" for place in range(len(heads))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [heads, rules, *lines])
