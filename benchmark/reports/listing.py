"""What there is to choose from, as tables."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from ...baselines.architectures import ARCHITECTURES
from ...baselines.saliency import ALL_METHODS, CONTROLS
from ...datasets import DATASETS
from ...metrics import METRICS
from ..entry import Entry
from ..names import find
from ..registry import find_entries, suites

_NAMED = 2  # names that a cell holds


def catalog(what: str, *, entries: Sequence[Path] = ()) -> pd.DataFrame:
    """All objects of one kind, a row each.

    Args:
        what: datasets, architectures, training, saliency, metrics, suites or entries.
        entries: files whose entries and training methods are listed too.

    Raises:
        KeyError: an unknown kind.
    """
    kinds: dict[str, Callable[[], list[dict[str, object]]]] = {
        "datasets": _datasets,
        "architectures": _architectures,
        "training": lambda: _training(entries),
        "saliency": _saliency,
        "metrics": _metrics,
        "suites": _suites,
        "entries": lambda: _entries(entries),
    }
    return pd.DataFrame(find(what, kinds, kind="list")())


def _datasets() -> list[dict[str, object]]:
    return [
        {
            "name": item.name,
            "modality": item.modality,
            "shape": "×".join(map(str, item.shape)),
            "classes": item.classes,
            "evidence": "known" if item.evidence else "unknown",
            "fill": item.fill,
            "description": item.description,
        }
        for item in DATASETS
    ]


def _architectures() -> list[dict[str, object]]:
    return [
        {"name": item.name, "modalities": ", ".join(sorted(item.modalities)), "description": item.description}
        for item in ARCHITECTURES
    ]


def _training(files: Sequence[Path]) -> list[dict[str, object]]:
    found: dict[str, list[Entry]] = {}
    for entry in [entry for group in find_entries(files) for entry in group]:
        found.setdefault(entry.training, []).append(entry)
    return [
        {
            "name": name,
            "recipes": "\n".join(dict.fromkeys(str(entry.recipe) for entry in group)),
            "datasets": ", ".join(dict.fromkeys(entry.dataset.name for entry in group)),
        }
        for name, group in found.items()
    ]


def _saliency() -> list[dict[str, object]]:
    return [
        {
            "name": item.name,
            "role": "control" if item.control else "method",
            "signed": "yes" if item.signed else "no",
            "modalities": ", ".join(sorted(item.modalities)),
            "description": item.description,
        }
        for item in (*ALL_METHODS, *CONTROLS)
    ]


def _metrics() -> list[dict[str, object]]:
    return [
        {
            "name": f"{item.name}@{item.version}",
            "better": "higher" if item.higher_is_better else "lower",
            "bounds": f"[{item.bounds[0]:g}, {item.bounds[1]:g}]",
            "unit": item.unit,
            "family": item.family,
            "needs": ", ".join(sorted(item.needs)),
            "description": item.description,
        }
        for item in METRICS
    ]


def _suites() -> list[dict[str, object]]:
    return [
        {
            "name": item.name,
            "title": item.title,
            "datasets": _some([dataset.name for dataset in item.datasets]),
            "architectures": _some([architecture.name for architecture in item.architectures]),
            "seeds": len(item.seeds),
            "small scale": "yes" if item.small else "",
        }
        for item in suites().values()
    ]


def _some(names: Sequence[str]) -> str:
    """The names, or the first and how many more there are."""
    return ", ".join(names) if len(names) <= _NAMED else f"{names[0]} and {len(names) - 1} more"


def _entries(files: Sequence[Path]) -> list[dict[str, object]]:
    return [{"name": entry.name} for group in find_entries(files) for entry in group]
