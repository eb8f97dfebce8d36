"""Compare two training methods, or two saliency methods, by the results of an earlier run."""

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.text import Text

from ..results.comparison import RULE, TOO_FEW, Comparison, compare_methods
from ..results.paired import fewest_pairs
from ..results.reliability import unreliable
from .command_line import STORE, command_line
from .commands import table
from .names import find
from .planning import Plan
from .reports.print_frame import print_frame
from .request import Request

KINDS = ("training", "saliency")


def compare(
    first: str,
    second: str,
    request: Request | str = "quick",
    *,
    store: Path = STORE,
    reference: Path | None = None,
    by: str | None = None,
    keep_unreliable: bool = False,
) -> Comparison:
    """Paired differences between two methods wherever the store has both; nothing is computed anew.

    Args:
        first: the name of a training or saliency method of the plan.
        second: another of the same kind.
        request: what was measured; a text is the name of a suite.
        store: the folder that keeps the measurements.
        reference: a folder of others that fill in, as for `table`.
        by: "training" or "saliency"; None takes the kind of which there is a method called `first`.
        keep_unreliable: also compare by a metric on data and architectures where it is marked as unreliable.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: the store has no metric of both methods together.
        KeyError, EntriesError, ValueError: as for `Request.plan`; also a method that the plan does not have, and two
            equal names.
    """
    request = Request(suite=request) if isinstance(request, str) else request
    plan = request.plan()
    by = _kind(first, second, by, plan)
    results = table(request, store=store, reference=reference)
    comparison = compare_methods(
        results.numbers,
        first,
        second,
        by=by,
        read_scores=results.read_scores,
        unreliable=frozenset() if keep_unreliable else unreliable(results.reliability),
    )
    if comparison.table.empty and not comparison.left_out:
        place = "the reference" if reference else store
        missing = command_line("run", request, store=store)
        raise LookupError(f"{place} has nothing of {first!r} and {second!r}; `{missing}` measures them")
    return comparison


def _kind(first: str, second: str, by: str | None, plan: Plan) -> str:
    """What the two names are of, once both are known."""
    names = {
        "training": {model.training: "training" for model in plan.models},
        "saliency": {method.name: "saliency" for model in plan.models for method in model.methods},
    }
    if by is None:
        by = find(first, names["saliency"] | names["training"], kind="training or saliency method")
    kind = find(by, {name: name for name in KINDS}, kind="kind of method")
    for name in (first, second):
        find(name, names[kind], kind=kind)
    return kind


def print_comparison(comparison: Comparison, console: Console) -> None:
    """One row a metric, the sources of the intervals, the reasons for metrics left out, and how to read it."""
    table = comparison.table
    if len(table):
        print_frame(shown(comparison), console)
    notes = [f"intervals {source}: {', '.join(same['metric'])}" for source, same in table.groupby("source", sort=False)]
    reasons: dict[str, list[str]] = {}
    for metric, reason in comparison.left_out.items():
        reasons.setdefault(reason, []).append(metric)
    notes += [f"left out: {', '.join(metrics)}: {reason}" for reason, metrics in reasons.items()]
    if comparison.unreliable:
        doubtful = ", ".join(f"{metric} on {count}" for metric, count in comparison.unreliable.items())
        notes.append(
            f"left out where unreliable (‡): {doubtful} data sets and architectures; --keep-unreliable takes them too"
        )
    if (table["verdict"] == TOO_FEW).any():
        needed = fewest_pairs(len(table))
        notes.append(
            f"{len(table)} metrics compared at once need {needed} pairs before all can be told apart; add seeds"
        )
    for note in notes:
        console.print(Text(f"  {note}", style="dim"))
    console.print(Text(RULE, style="dim"))


def shown(comparison: Comparison) -> pd.DataFrame:
    """The comparison as it is printed."""
    table = comparison.table
    arrows = table["higher_is_better"].map({True: "↑", False: "↓"})
    number = "{:.3g}".format
    intervals = " (" + table["low"].map(number) + " to " + table["high"].map(number) + ")"
    columns = {
        "metric": table["metric"] + " " + arrows,
        comparison.first: table["first"],
        comparison.second: table["second"],
        "difference": table["difference"].map(number) + intervals.where(table["low"].notna(), ""),
        "p": table["corrected_p"],
        "effect": table["effect"],
        "pairs": table["pairs"],
        "verdict": table["verdict"],
    }
    return pd.DataFrame(columns)
