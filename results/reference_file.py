"""Measurements as a text file that can be committed: sorted JSON lines, the first of which says how they were made."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NamedTuple

from .artifacts import write_whole
from .errors import StoreError
from .record import Record, Status
from .untrusted import checked_name, json_object, visible

FORMAT = 1
_WAY_OUT = "put a sound copy in its place, or remove it"
EPOCHS = 10  # rows that are left of a training curve
_SHARED = (  # the same in all records of one entry and seed
    *("dataset", "architecture", "training", "saliency", "control", "seed", "recipe", "weights", "attributions"),
    *("degenerate", "incomplete"),
)
_OF_FILE = ("device", "versions")  # as a rule the same in all records
_OF_METRIC = ("metric_version", "family", "higher_is_better", "across_models")
_DEFAULTS = asdict(
    Record(
        **dict.fromkeys(("key", "dataset", "architecture", "training", "saliency", "metric", "family"), ""),  # type: ignore[arg-type]
        control=False,
        metric_version=1,
        higher_is_better=True,
        seed=0,
    )
)


class Measurements(NamedTuple):
    """What a file holds."""

    header: dict[str, Any]  # command, date, device, versions, …
    outcomes: dict[str, dict[str, Any]]  # of training and explaining, by their keys
    records: list[Record]


def write_measurements(
    path: Path,
    *,
    header: Mapping[str, Any],
    outcomes: Mapping[str, Mapping[str, Any]],
    records: Iterable[Record],
) -> None:
    """Write records so that equal measurements give equal bytes.

    Left out are per-sample scores. Points of curves and seconds keep four digits, values all of them; of training
    curves ten rows stay, each with the seconds of the epochs since the last.

    Args:
        path: the file; an older one is replaced.
        header: how they were made: the keys command, date and device, and what else is worth saying.
        outcomes: of the tasks of training and explaining, by their keys.
        records: of the entries, measured or skipped, at least one; failed ones are left out.
    """
    entries: defaultdict[tuple[str, int], list[Record]] = defaultdict(list)
    for record in records:
        if record.status is not Status.FAILED:
            entries[record.entry, record.seed].append(record)
    metrics = {
        record.metric: {name: getattr(record, name) for name in _OF_METRIC}
        for group in entries.values()
        for record in group
    }
    first = next(iter(entries.values()))[0]
    common = {name: getattr(first, name) for name in _OF_FILE}
    lines = [_line({**header, "format": FORMAT, "metrics": metrics, "common": common})]
    tasks = [_line({"outcome": _thinned(outcome), "task": key}) for key, outcome in outcomes.items()]
    lines += [*sorted(tasks), *sorted(_entry(group, metrics, common) for group in entries.values())]
    write_whole(path, "".join(lines).encode())


def read_measurements(path: Path, *, models: Collection[str] | None = None) -> Measurements:
    """Read what `write_measurements` wrote.

    Args:
        path: the file.
        models: read the records of these alone, each named dataset/architecture/training; None reads all.

    Raises:
        StoreError: the file is not of that form, or another format; the message names the line.
        OSError: it cannot be read.
    """
    outcomes: dict[str, dict[str, Any]] = {}
    records: list[Record] = []
    header: dict[str, Any] = {}
    for number, text in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            line = json_object(text.decode())
            if number == 1:
                header = _checked_header(line)
            elif "outcome" in line:
                outcomes[str(line["task"])] = dict(line["outcome"])
            elif models is None or _model(line) in models:
                records += _records(line, header)
        except (KeyError, TypeError, ValueError, AttributeError, StoreError) as error:
            raise _damaged(path, number, error) from error
    if not header:
        raise StoreError(f"{path} is empty; {_WAY_OUT}")
    return Measurements(header, outcomes, records)


def read_header(path: Path) -> dict[str, Any]:
    """The first line of a file of measurements.

    Raises:
        StoreError: the file is not of that form, or another format.
        OSError: it cannot be read.
    """
    with path.open(encoding="utf-8") as lines:
        try:
            return _checked_header(json_object(next(lines, "")))
        except (KeyError, TypeError, ValueError, AttributeError, StoreError) as error:
            raise _damaged(path, 1, error) from error


def _damaged(path: Path, number: int, error: Exception) -> StoreError:
    reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
    return StoreError(f"{path}, line {number}, is no measurement: {visible(reason)}; {_WAY_OUT}")


def _line(columns: Mapping[str, Any]) -> str:
    return json.dumps(columns, sort_keys=True, allow_nan=False, separators=(",", ":")) + "\n"


def _thinned(outcome: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in outcome.items() if name != "epochs"}
    kept["seconds"] = _rounded(float(outcome["seconds"]))
    if epochs := outcome.get("epochs"):
        kept["epochs"], begun = [], 0
        stops = sorted({round((row + 1) * len(epochs) / EPOCHS) for row in range(EPOCHS)} - {0})
        for stop in stops:
            seconds = _rounded(sum(epoch[2] for epoch in epochs[begun:stop]))
            last = list(epochs[stop - 1])
            memory = epochs[0][4] if begun == 0 else None
            kept["epochs"].append([last[0], _rounded(last[1]), seconds, last[3], memory])
            begun = stop
    return kept


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _entry(group: list[Record], metrics: Mapping[str, Mapping[str, Any]], common: Mapping[str, Any]) -> str:
    shared = {name: getattr(group[0], name) for name in _SHARED}
    own = {}
    for record in group:
        expected = {**_DEFAULTS, **common, **shared, **metrics[record.metric], "metric": record.metric}
        values = {name: value for name, value in asdict(record).items() if name != "scores"}
        values["seconds"] = _rounded(record.seconds)
        values["curve"] = {name: list(map(_rounded, points)) for name, points in record.curve.items()}
        own[record.metric] = {name: value for name, value in values.items() if value != expected[name]}
    return _line({**shared, "values": own})


def _checked_header(line: dict[str, Any]) -> dict[str, Any]:
    if line.get("format") != FORMAT:
        raise ValueError(f"format {line.get('format')!r}, and this version reads format {FORMAT}")
    metrics = {str(name): dict(declared) for name, declared in line["metrics"].items()}
    return {**line, "metrics": metrics, "common": dict(line["common"])}


def _model(line: dict[str, Any]) -> str:
    return "/".join([str(line["dataset"]).split("@")[0], line["architecture"], line["training"]])


def _records(line: dict[str, Any], header: Mapping[str, Any]) -> list[Record]:
    shared = {name: line[name] for name in _SHARED}
    for name in ("dataset", "architecture", "training", "saliency"):
        checked_name(shared[name], name)
    known = {field.name for field in fields(Record)}
    found = []
    for metric, own in line["values"].items():
        if unknown := set(own) - known:
            raise ValueError(f"unknown fields {sorted(unknown)}")
        columns = {"status": "ok", **header["common"], **shared, **header["metrics"][metric], "metric": metric, **own}
        record = Record.from_json(json.dumps(columns))
        checked_name(record.metric, "metric")
        found.append(record)
    return found
