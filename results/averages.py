"""Means over data sets, architectures, training or saliency methods, of what all that is compared has."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .best import mark_best
from .choice import KEYS, Choice
from .intervals import FEWEST_SEEDS, Interval, grouped_interval, grouped_sample_interval, grouped_seed_interval
from .leaderboard import Leaderboard
from .record import Record, Status
from .scores import ReadScores, stacked
from .sharing import Mean, Names, collect

_LISTED = 6  # names of what a mean is over, before they are only counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Averages:
    """Cells with the columns that a table reads, and notes by what tells tables apart."""

    cells: pd.DataFrame
    notes: dict[Names, list[str]]


def averages(
    records: Iterable[Record],
    leaderboard: Leaderboard,
    choice: Choice,
    *,
    read_scores: ReadScores,
    within: Sequence[str] = (),
) -> Averages:
    """Means over all that a choice names, of what every competitor has a full value for.

    Otherwise a method would gain by failing where values are poor. A method without any full value takes part in
    nothing. Metrics whose scale depends on the model are not averaged over models, and where a metric is marked as
    unreliable its values are left out.

    Args:
        records: of any entries, metrics and seeds.
        leaderboard: of these records.
        choice: with something to average over.
        read_scores: from a record to its scores of single samples, see `kept_scores`.
        within: what is averaged must be shared by all that has equal values of these keys; () shares within a table.

    Returns:
        A mean of several maps of one model counts as one value of that model; models have equal weight. The interval is
        for these models' data sets and methods, which are not drawn.
    """
    fixed = tuple(key for key in KEYS if key not in choice.averaged and not (key == "seed" and choice.over_seeds))
    found = collect(records, leaderboard, choice, fixed)
    shares: defaultdict[Names, dict[Names, Mean]] = defaultdict(dict)
    for names, mean in found.means.items():
        named = dict(zip(fixed, names, strict=False))
        table = tuple(named[key] for key in choice.tables)
        shares[table, named["metric"], *(named[key] for key in within if key in fixed)][names] = mean
    rows: dict[Names, dict[str, Any]] = {}
    used: dict[Names, tuple[list[Names], list[Names]]] = {}
    for group, members in shares.items():
        used[group] = chosen, _ = found.shared(members.values())
        for names, mean in members.items():
            full = found.full(mean)
            known = bool(chosen) and full.issuperset(chosen)
            row = _value(mean, chosen, read_scores) if known else _reason(mean, chosen, full)
            rows[names] = dict(zip([*fixed, "control"], names, strict=True)) | row
    cells = pd.DataFrame([rows[names] for names in found.means])
    notes = {
        table: [f"{why}: {', '.join(metrics)}" for why, metrics in reasons.items()]
        for table, reasons in found.left_out.items()
    }
    if not within:
        for table, texts in _said(used, choice).items():
            notes.setdefault(table, []).extend(texts)
    return Averages(cells=_marked(cells, choice, fixed) if len(cells) else cells, notes=notes)


def _value(mean: Mean, chosen: list[Names], read_scores: ReadScores) -> dict[str, Any]:
    models: defaultdict[Names, list[dict[int, Record]]] = defaultdict(list)
    for names in chosen:
        maps = mean.found[names]
        record = next(iter(maps.values()))
        models[record.dataset, record.architecture, record.training].append(maps)
    groups = [[[one[seed] for one in same] for seed in sorted(same[0])] for same in models.values()]
    values = [np.array([[record.value for record in row] for row in rows], dtype=np.float64) for rows in groups]
    of_seeds = [group.mean(axis=1) for group in values]
    fewest = min(map(len, of_seeds))
    per_seed = np.mean(of_seeds, axis=0) if len({len(group) for group in of_seeds}) == 1 else np.array([])
    interval = _interval(groups, of_seeds, fewest, read_scores)
    return {
        "mean": float(np.mean([group.mean() for group in of_seeds])),
        "sd": float(per_seed.std(ddof=1)) if len(per_seed) > 1 else np.nan,
        "low": interval.low,
        "high": interval.high,
        "source": interval.source,
        "seeds": fewest,
        "expected": fewest,
        "averaged": len(chosen),
        "status": "ok",
        "note": "",
        **_declared(mean),
    }


def _interval(
    groups: list[list[list[Record]]], of_seeds: list[NDArray[np.float64]], fewest: int, read_scores: ReadScores
) -> Interval:
    if 1 < fewest < FEWEST_SEEDS:
        return grouped_seed_interval(of_seeds)  # none, and why
    scores = []
    for rows in groups:
        found = stacked([read_scores(record) for row in rows for record in row])
        if found is None:
            return grouped_seed_interval(of_seeds)
        scores.append(found.reshape(len(rows), len(rows[0]), -1))
    names = [rows[0][0].dataset for rows in groups]
    return grouped_interval(scores, names=names) if fewest > 1 else grouped_sample_interval(scores, names=names)


def _reason(mean: Mean, chosen: list[Names], full: set[Names]) -> dict[str, Any]:
    absent = [record for names, record in mean.absent if names in chosen or not chosen]
    statuses = {record.status for record in absent}
    if Status.FAILED in statuses:
        status = "failed"
    elif absent and not any(mean.found.values()) and statuses == {Status.SKIPPED}:
        status = "skipped"
    else:
        status = "undefined"
    reasons = dict.fromkeys(record.note for record in absent if record.note)
    lacking = [_name(names) for names in chosen if names not in full]
    note = "; ".join(reasons) or (f"lacks {_listed(lacking)}" if lacking else "nothing is shared by all")
    undefined = dict.fromkeys(("mean", "sd", "low", "high"), np.nan)
    counts = dict.fromkeys(("seeds", "expected", "averaged"), 0)
    return {**undefined, **counts, "source": "", "status": status, "note": note, **_declared(mean)}


def _declared(mean: Mean) -> dict[str, Any]:
    record = mean.record
    return {"across_models": record.across_models, "higher_is_better": record.higher_is_better, "unreliable": ""}


def _marked(cells: pd.DataFrame, choice: Choice, fixed: Sequence[str]) -> pd.DataFrame:
    """With the columns that say which are best: only training and saliency methods compete."""
    group: list[str] = [key for key in ("dataset", "architecture", "seed") if key in fixed]
    marked = mark_best(cells if "training" in fixed else cells.assign(training=""), group)
    if {"training", "saliency"} <= set(choice.averaged):
        marked["best"] = False
    return marked if "training" in fixed else marked.drop(columns="training")


def _said(used: dict[Names, tuple[list[Names], list[Names]]], choice: Choice) -> dict[Names, list[str]]:
    """Over what the means are, metrics with the same together."""
    alike: defaultdict[tuple[Names, tuple[Names, ...], int], list[str]] = defaultdict(list)
    for (table, metric, *_), (chosen, every) in used.items():
        alike[table, tuple(chosen), len(every)].append(metric)
    notes: defaultdict[Names, list[str]] = defaultdict(list)
    kind = ", ".join(choice.averaged)
    for (place, shared, count), metrics in alike.items():
        what = f"{len(shared)} of {count}, shared by all: " if len(shared) < count else ""
        which = _listed([_name(names) for names in shared]) or "nothing"
        notes[place].append(f"mean over {kind} ({what}{which}): {_listed(metrics)}")
    return dict(notes)


def _name(names: Names) -> str:
    return "/".join(map(str, names))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
