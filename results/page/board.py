"""The leaderboard as columns for the page: a row for each entry, and for each metric its numbers in the rows' order."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..frame import to_frame
from ..leaderboard import GROUP, Leaderboard
from ..record import Record, Status
from .content import Cost, EntryName
from .script import number, numbers

STATUSES = ("ok", "partial", "failed", "skipped", "undefined", "none")  # a cell's status is its place here
ENTRY = [*GROUP, "control", "training", "saliency"]
_NAMES = ["dataset", "architecture", "training", "saliency"]


def board_payload(
    records: Sequence[Record], leaderboard: Leaderboard, costs: Mapping[EntryName, Cost]
) -> tuple[dict[str, Any], list[EntryName]]:
    """The leaderboard for the page.

    Args:
        records: of one plan.
        leaderboard: what they sum up to.
        costs: of entries; those that are not there have none.

    Returns:
        The payload, whose `cells` hold for each of the `metrics` the columns `mean`, `sd`, `low` and `high` of the
        interval and `source`, the place of what it is over among the payload's `sources`, `seeds`, `expected`,
        `status` and `best`, one value a row, `values`, one a row and seed, `decimals`, one a group, and `doubts`, one a
        group: why the metric is unreliable there, or nothing; and the entries in the order of the rows.

    Raises:
        ValueError: as for `Leaderboard.from_records`.
    """
    frame, cells = to_frame(records), leaderboard.cells
    sources = sorted({str(source) for source in cells["source"]} - {""})
    rows = cells[ENTRY].drop_duplicates().sort_values(ENTRY).reset_index(drop=True)
    places = pd.MultiIndex.from_frame(rows.astype(dict.fromkeys(_NAMES, object)))
    groups = rows.groupby(GROUP, observed=True).ngroup().to_numpy()
    names = [EntryName(*map(str, row)) for row in rows[_NAMES].itertuples(index=False, name=None)]
    codes, texts = {}, {}
    for name in _NAMES:
        codes[name], found = pd.factorize(rows[name].astype(object))
        texts[name] = list(map(str, found))
    payload = {
        "seeds": list(leaderboard.seeds),
        "statuses": STATUSES,
        "sources": sources,
        "texts": texts,
        "rows": {name: codes[name].tolist() for name in _NAMES}
        | {"control": rows["control"].astype(int).tolist(), "group": groups.tolist()}
        | {
            fact: [number(getattr(costs.get(name, Cost()), fact)) for name in names]
            for fact in ("training_seconds", "milliseconds")
        },
        "metrics": [
            {
                "name": metric.name,
                "family": metric.family,
                "higher": metric.higher_is_better,
                "across": metric.across_models,
            }
            for metric in leaderboard.metrics
        ],
    }
    by_metric = dict(list(_placed(cells, places).groupby("metric", observed=True)))
    values = dict(list(_placed(frame, places).groupby("metric", observed=True)))
    payload["cells"] = [
        _columns(by_metric[metric.name], len(rows), groups, sources)
        | {"values": _values(values[metric.name], len(rows), leaderboard.seeds)}
        for metric in leaderboard.metrics
    ]
    return payload, names


def _placed(frame: pd.DataFrame, places: pd.MultiIndex) -> pd.DataFrame:
    wanted = pd.MultiIndex.from_frame(frame[ENTRY].astype(dict.fromkeys(_NAMES, object)))
    return frame.assign(row=places.get_indexer(wanted))


def _columns(cells: pd.DataFrame, rows: int, groups: Any, sources: list[str]) -> dict[str, Any]:
    at = cells["row"].to_numpy()
    columns: dict[str, Any] = {}
    for name in ("mean", "sd", "low", "high"):
        column = np.full(rows, np.nan)
        column[at] = cells[name]
        columns[name] = numbers(column)
    for name in ("seeds", "expected", "best"):
        whole = np.zeros(rows, dtype=np.int64)
        whole[at] = cells[name]
        columns[name] = whole.tolist()
    status = np.full(rows, STATUSES.index("none"))
    status[at] = [STATUSES.index(name) for name in cells["status"]]
    columns["status"] = status.tolist()
    source = np.full(rows, -1)
    source[at] = [
        sources.index(name) if name and mean == mean else -1
        for name, mean in zip(cells["source"], cells["mean"], strict=True)
    ]
    columns["source"] = source.tolist()
    doubts = [""] * (int(groups.max()) + 1)
    for group, reason in zip(groups[at], cells["unreliable"], strict=True):
        doubts[group] = reason
    columns["doubts"] = doubts
    decimals = np.zeros(int(groups.max()) + 1, dtype=np.int64)
    decimals[groups[at]] = cells["decimals"]
    columns["decimals"] = decimals.tolist()
    return columns


def _values(records: pd.DataFrame, rows: int, seeds: tuple[int, ...]) -> list[float | int | None]:
    """The value of each row and seed, all seeds of a row together."""
    values = np.full((rows, len(seeds)), np.nan)
    defined = records[records["status"] == Status.OK.value]
    values[defined["row"], np.searchsorted(seeds, defined["seed"])] = defined["value"]
    return numbers(values.ravel())
