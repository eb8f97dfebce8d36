"""One entry for the page: its numbers seed by seed, its curves, its maps, and what they were made with."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..record import Record
from .content import Behind
from .script import number


def details_payload(
    records: Sequence[Record], behind: Behind, rivals: Mapping[str, Sequence[Record]]
) -> dict[str, Any]:
    """What the page shows of one entry.

    Args:
        records: all of the entry.
        behind: settings and maps.
        rivals: records of the controls of the same model by name, whose curves are drawn beside the entry's.

    Returns:
        `metrics` with their `results` seed by seed and `curves`, `seeds` with the hashes behind them, `versions`,
        `settings`, `maps` and `note`.
    """
    by_metric: dict[str, list[Record]] = {}
    for record in sorted(records, key=lambda record: record.seed):
        by_metric.setdefault(record.metric, []).append(record)
    metrics = [
        {
            "name": name,
            "version": same[0].metric_version,
            "results": [_result(record) for record in same],
            "curves": _curves(same, name, rivals),
        }
        for name, same in by_metric.items()
    ]
    versions = {f"{name} {version}" for record in records for name, version in record.versions.items()}
    return {
        "metrics": metrics,
        "seeds": _seeds(records),
        "versions": sorted(versions),
        "settings": {heading: _plain(facts) for heading, facts in behind.settings.items()},
        "maps": behind.maps,
        "note": behind.note,
    }


def _result(record: Record) -> dict[str, Any]:
    return {
        "seed": record.seed,
        "value": number(record.value),
        "status": str(record.status),
        "note": record.note,
        "count": record.count,
        "degenerate": record.degenerate,
        "incomplete": record.incomplete,
        "seconds": number(record.seconds),
        "scores": record.scores,
    }


def _seeds(records: Sequence[Record]) -> list[dict[str, Any]]:
    """The hashes behind each seed; a record that failed has none."""
    seeds: dict[int, dict[str, Any]] = {}
    for record in sorted(records, key=lambda record: record.seed):
        known = seeds.setdefault(record.seed, {"seed": record.seed, "device": record.device})
        for name in ("recipe", "weights", "attributions"):
            known[name] = known.get(name) or getattr(record, name)
    return list(seeds.values())


def _curves(records: Sequence[Record], metric: str, rivals: Mapping[str, Sequence[Record]]) -> dict[str, Any] | None:
    """The columns of a curve, a line for each seed, and the mean lines of the controls; None without any."""
    drawn = [record for record in records if len(record.curve) == 2]
    if not drawn:
        return None
    across, up = drawn[0].curve
    lines = [{"seed": record.seed, across: _line(record, across), up: _line(record, up)} for record in drawn]
    beside = []
    for name, others in rivals.items():
        same = [other for other in others if other.metric == metric and other.curve.keys() == drawn[0].curve.keys()]
        if same and all(other.curve[across] == same[0].curve[across] for other in same):
            columns = zip(*(other.curve[up] for other in same), strict=True)
            mean = [number(sum(values) / len(values)) for values in columns]
            beside.append({"name": name, across: _line(same[0], across), up: mean})
    return {"x": across, "y": up, "lines": lines, "beside": beside}


def _line(record: Record, column: str) -> list[float | int | None]:
    return [number(value) for value in record.curve[column]]


def _plain(facts: Mapping[str, object]) -> dict[str, str]:
    return {name: _text(value) for name, value in facts.items()}


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
