"""From a number back to what made it: settings, weights, map, curves, scores, each with its hash."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import zip_longest
from operator import attrgetter
from pathlib import Path

import pandas as pd

from ..results.record import Record, Status
from ..results.store import Store
from .commands import table
from .keys import perturb_key
from .names import find
from .reference.known import opened_store
from .request import Request


def why(
    request: Request, entry: str, metric: str, *, seed: int, store: Path, reference: Path | None = None
) -> pd.DataFrame:
    """The chain behind one number of an earlier run.

    Args:
        request: the suite that holds it.
        entry: dataset/architecture/training/saliency.
        metric: its name.
        seed: of training.
        store: where it was measured.
        reference: a folder of others that fill in, as for `table`; of these the tensors are not at hand.

    Returns:
        A row a link, with the columns `link`, `what` and `detail`.

    Raises:
        KeyError: an entry, metric or seed that the suite has not measured; the message gives the nearest.
        StoreError, LookupError: as for `table`.
    """
    results = table(request, store=store, reference=reference)
    of_entry = [record for record in results.records if record.entry == entry]
    if not of_entry:
        find(entry, {record.entry: record for record in results.records}, kind="entry")
    of_metric = [record for record in of_entry if record.metric == metric]
    if not of_metric:
        find(metric, {record.metric: record for record in of_entry}, kind="metric")
    record = find(str(seed), {str(record.seed): record for record in of_metric}, kind="seed")
    model = next(model for model in results.plan.models if model.seed == seed and entry.startswith(f"{model.name}/"))
    protocols = [p for item in results.plan.metrics if item.name == metric for p in item.protocols]
    with opened_store(store, reference, results.plan) as opened:
        keys = {
            protocol.name: perturb_key(
                model, protocol, results.plan.samples, weights=record.weights, attributions=record.attributions
            )
            for protocol in protocols
        }
        curves = {name: opened.outcome(key) for name, key in keys.items()}
        rows = [
            *_number(record),
            ("training", record.training, f"{model.recipe}, recipe {record.recipe[:12]}"),
            ("budget", model.dataset.name, str(model.budget)),
            ("weights", record.weights[:12] or "none", _kept(opened, record.weights)),
            ("map", record.attributions[:12] or "none", _kept(opened, record.attributions)),
            *(
                ("curves", name, f"artifact {outcome['artifacts']['curves'][:12]}, {outcome['seconds']:.2f} s")
                for name, outcome in curves.items()
                if outcome is not None
            ),
            ("scores", record.scores[:12] or "none", _kept(opened, record.scores)),
        ]
    rows.append(("made by", record.device, ", ".join(f"{name} {version}" for name, version in record.versions.items())))
    return pd.DataFrame(rows, columns=["link", "what", "detail"])


def diff(first: Path, second: Path) -> pd.DataFrame:
    """Which numbers of two stores differ, and in what.

    Args:
        first: a store.
        second: another.

    Returns:
        A row for each number that differs or that one of them lacks, by entry, metric and seed, with the columns
        `entry`, `metric`, `seed`, `first`, `second` and `because`: the first link of the chain that differs. Where a
        store has several numbers of one place, such as those of two settings of a method, those of equal settings are
        compared. A failure counts where there is no number.

    Raises:
        StoreError: there is no store, or it cannot be used.
    """
    with Store(first, create=False, read_only=True) as one, Store(second, create=False, read_only=True) as other:
        left, right = (_by_place(store.records()) for store in (one, other))
    rows = []
    for place in sorted({*left, *right}):
        for mine, theirs in _pairs(left[place], right[place]):
            if mine is None or theirs is None:
                because = f"only in the {'first' if theirs is None else 'second'}"
            elif mine.value == theirs.value and mine.status is theirs.status:
                continue
            else:
                because = _first_difference(mine, theirs)
            values = [None if record is None else record.value for record in (mine, theirs)]
            rows.append((*place, *values, because))
    return pd.DataFrame(rows, columns=["entry", "metric", "seed", "first", "second", "because"])


def _number(record: Record) -> Iterator[tuple[str, str, str]]:
    value = "no value" if record.value is None else f"{record.value:.6g}"
    yield ("value", value, record.note or f"mean over {record.count} samples; {record.status}")
    better = "higher is better" if record.higher_is_better else "lower is better"
    yield ("metric", f"{record.metric}@{record.metric_version}", f"{record.family}, {better}")
    yield ("data", record.dataset, f"seed {record.seed}")
    yield ("record", record.key[:12], f"measured in {record.seconds:.2f} s")


def _kept(store: Store, digest: str) -> str:
    if not digest:
        return "nothing was kept"
    tensors = "there" if store.has(digest) else "not here: taken over, or lost; a run into another --store makes it"
    return f"artifacts/{digest[:2]}/{digest}.safetensors ({tensors})"


def _by_place(records: list[Record]) -> defaultdict[tuple[str, str, int], list[Record]]:
    """The numbers of each entry, metric and seed; the failures of those that have none."""
    places: defaultdict[tuple[str, str, int], list[Record]] = defaultdict(list)
    for record in sorted(records, key=lambda record: (record.status is Status.FAILED, _settings(record), record.key)):
        of_place = places[record.entry, record.metric, record.seed]
        if record.status is not Status.FAILED or not of_place:
            of_place.append(record)
    return places


def _pairs(mine: list[Record], theirs: list[Record]) -> Iterator[tuple[Record | None, Record | None]]:
    """The same measurements, then those of the same settings, then what is left over in its order."""
    for alike in (attrgetter("key"), _settings):
        for record in list(mine):
            partner = next((other for other in theirs if alike(other) == alike(record)), None)
            if partner is not None:
                mine.remove(record)
                theirs.remove(partner)
                yield record, partner
    yield from zip_longest(mine, theirs)


def _settings(record: Record) -> tuple[str, str, int, int]:
    return record.dataset, record.recipe, record.metric_version, record.count


def _first_difference(first: Record, second: Record) -> str:
    """The first link of the chain in which two records differ."""
    links = {
        "another data set": "dataset",
        "another recipe or budget": "recipe",
        "other weights": "weights",
        "other maps": "attributions",
        "another version of the metric": "metric_version",
        "other versions": "versions",
        "another device": "device",
    }
    for words, name in links.items():
        if getattr(first, name) != getattr(second, name):
            return words if name not in {"versions", "device"} else f"{words}: {_pair(first, second, name)}"
    return "the same settings: the measurement itself came out different"


def _pair(first: Record, second: Record, name: str) -> str:
    mine, theirs = getattr(first, name), getattr(second, name)
    if isinstance(mine, dict):
        changed = [key for key in {**mine, **theirs} if mine.get(key) != theirs.get(key)]
        return ", ".join(f"{key} {mine.get(key)} and {theirs.get(key)}" for key in changed)
    return f"{mine} and {theirs}"
