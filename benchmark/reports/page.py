"""The page of a suite: what the store and the data sets know, written as a folder that opens from disk."""

import re
from pathlib import Path

from ...datasets.files.fetch import data_root
from ...metrics.base import Metric
from ...results.derived import RATIOS, with_ratios
from ...results.page.build import write_page
from ...results.page.content import Cost, EntryName, MetricCard, Page
from ...results.record import Record
from ...results.store import Store
from .. import commands
from ..cards.definitions import definition, definitions
from ..command_line import STORE
from ..costs import explanation_costs, training_costs
from ..plan_results import Results
from ..planning import Plan
from ..reference.known import opened_store
from ..request import Request
from .behind import Sources, entry_name


def report(
    request: Request | str = "quick",
    *,
    out: Path,
    store: Path = STORE,
    reference: Path | None = None,
    data: Path | None = None,
) -> tuple[Path, Results]:
    """Write what the store has of a plan as a folder that opens from disk; nothing is trained or measured.

    Args:
        request: what to show; a text is the name of a suite.
        out: the folder; made if needed, and an older report in it is replaced.
        store: the folder that keeps every measurement.
        reference: a folder of others that fill in, as for `table`; these have no maps and curves.
        data: the folder that holds all data; None takes SALBENCH_DATA or the user's cache.

    Returns:
        The file to open, and what it shows.

    Raises:
        StoreError: there is no store, or it cannot be used.
        LookupError: the store has no number of this plan.
        ValueError: the folder holds something else than a report.
        KeyError, EntriesError, ValueError: as for `Request.plan`.
    """
    results = commands.table(request, store=store, reference=reference)
    with opened_store(store, reference, results.plan) as opened:
        index = write_page(collect(results, opened, data or data_root()), out)
    return index, results


def collect(results: Results, store: Store, data: Path) -> Page:
    """What a page shows of some results; a data set that is not at hand costs its maps and nothing else."""
    plan = results.plan
    records = with_ratios(results.records)
    sources = Sources(results=results, store=store, data=data)
    return Page(
        suite=plan.suite,
        title=plan.title,
        caption=results.caption(results.leaderboard.seeds, "--out page", command="report"),
        records=records,
        leaderboard=results.leaderboard,
        cards=_cards(plan, records),
        costs=_costs(plan, store, records),
        inputs={name: inputs.payload for name, inputs in sources.inputs.items() if inputs is not None},
        behind=sources.behind,
        disagreements=sources.disagreements(),
        published=[(table.title, frame) for table, frame in results.comparisons],
    )


def _cards(plan: Plan, records: list[Record]) -> list[MetricCard]:
    """Of the plan's metrics, and of the ratios that are among the records."""
    measured = {record.metric: record for record in records}
    ratios = [
        MetricCard(
            name=ratio.name,
            version=ratio.version,
            description=f"mean {ratio.numerator} over mean {ratio.denominator}",
            higher_is_better=ratio.higher_is_better,
            across_models=measured[ratio.name].across_models,
            family=measured[ratio.name].family,
        )
        for ratio in RATIOS
        if ratio.name in measured
    ]
    return [MetricCard.of(metric, _definition(metric)) for metric in plan.metrics] + ratios


def _definition(metric: Metric) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The functions behind a metric as plain text; a metric of the user's own may have none."""
    try:
        functions = definitions(metric)
    except LookupError:
        return ()
    return tuple(
        (function.__name__, tuple(paragraph for block in definition(function)[1:] for paragraph in _plain(block)))
        for function in functions
    )


def _plain(markdown: str) -> list[str]:
    """Markdown's paragraphs without its marks."""
    text = re.sub(r"^\*\*(.+?)\*\*|`|\\(?=[*<])", r"\1", markdown)
    return [paragraph.strip() for paragraph in re.split(r"\n\s*\n", text)]


def _costs(plan: Plan, store: Store, records: list[Record]) -> dict[EntryName, Cost]:
    trained = {
        (row["dataset"], row["architecture"], row["training"]): row["seconds"]
        for row in training_costs(plan, store).to_dict("records")
    }
    explained = {
        (row["dataset"], row["architecture"], row["saliency"]): row["milliseconds"]
        for row in explanation_costs(plan, store).to_dict("records")
    }
    return {
        (name := entry_name(record)): Cost(
            training_seconds=trained.get((_bare(name.dataset), name.architecture, name.training)),
            milliseconds=explained.get((_bare(name.dataset), name.architecture, name.saliency)),
        )
        for record in {entry_name(record): record for record in records}.values()
    }


def _bare(dataset: str) -> str:
    return dataset.split("@")[0]
