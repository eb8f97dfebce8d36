"""Measurements beside published numbers as Markdown."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from .effect_signs import sign_counts, signs
from .markdown import escape
from .published import KEY
from .summary import RULE
from .tables import format_number

MEAN = "all"  # shown where a published number is a mean over all there are


def verdict_counts(comparison: pd.DataFrame) -> str:
    """How many published numbers agree, differ, or cannot be compared."""
    short = comparison["verdict"].str.split(":").str[0]
    return ", ".join(f"{count} {verdict}" for verdict, count in short.value_counts().items())


def signs_in_words(comparison: pd.DataFrame, methods: Sequence[str]) -> str:
    """How many effects of training methods over regular training have the published sign."""
    effects = signs(comparison, methods=methods)
    return "" if effects.empty else f"signs of {_named(methods)} as published: {sign_counts(effects)}"


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


def comparison_table(comparison: pd.DataFrame) -> str:
    """What was measured beside what was published, a row a number; whatever was not measured is left out.

    Args:
        comparison: what `published.compare` gives.
    """
    rows = comparison[comparison["verdict"] != "not measured"]
    keys = [column for column in KEY if rows[column].astype(bool).any()]
    lines = []
    for row in rows.to_dict("records"):
        numbers = [_number(row[column]) for column in ("published", "measured", "sd", "difference")]
        short = str(row["verdict"]).split(":")[0] + (f" ({row['below']} left out)" if row["below"] else "")
        lines.append([*(escape(str(row[key])) or MEAN for key in keys), *numbers, str(row["seeds"]), escape(short)])
    heads = [*keys, "published", "measured", "sd", "difference", "seeds", "verdict"]
    return _table(heads, lines, numbers=range(len(keys), len(keys) + 5))


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


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4g}"
