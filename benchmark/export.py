"""Training curves and final numbers of a store, for TensorBoard or MLflow."""

import os
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from ..results.record import Record
from ..results.store import Store
from .engines.events import Kind
from .identity import digest

_EXPERIMENT = "salbench"
_IDENTITY = "salbench.identity"  # the tag by which a run that is there already is known
_AT_ONCE = 500  # metrics in one request; MLflow takes 1000 at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One model and seed, or one entry and seed."""

    name: tuple[str, ...]  # data set, architecture, training, perhaps saliency, and the seed
    settings: dict[str, str]
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)  # (epoch, value)
    numbers: dict[str, float] = field(default_factory=dict)
    alone: bool = True  # has no other of the store its name, as a tracker takes it

    @property
    def identity(self) -> str:
        """Digest of all that it says."""
        return digest([self.name, self.settings, self.curves, self.numbers])

    @property
    def place(self) -> tuple[str, ...]:
        """Its name in parts that trackers and file systems take."""
        return tuple(_plain(part) for part in self.name)

    @property
    def own_place(self) -> tuple[str, ...]:
        """The same, told apart from runs of the name with other settings; more numbers of it change nothing."""
        *folders, last = self.place
        return (*folders, f"{last}-{digest([self.settings, self.curves])[:8]}")


def export(store: Path, place: str, *, to: str) -> tuple[int, int]:
    """Hand the curves and numbers of a store to a tracker; what it has already is left alone.

    Args:
        store: the folder of the store, which is only read.
        place: for TensorBoard a folder of logs, for MLflow the address of its store or server, such as
            sqlite:///mlflow.db.
        to: tensorboard or mlflow.

    Returns:
        How many runs were written, and how many were there.

    Raises:
        ValueError: another tracker.
        ModuleNotFoundError: it is not installed.
        StoreError: there is no store, or it cannot be read.
        LookupError: the store is empty.
    """
    if to not in _WRITERS:
        raise ValueError(f"to must be {' or '.join(_WRITERS)}, got {to!r}")
    with Store(store, read_only=True) as opened:
        found = list(runs(opened))
    if not found:
        raise LookupError(f"{store} has no model and no number; run a suite first")
    write, places = _WRITERS[to](place), Counter(run.place for run in found)
    written = [write(replace(run, alone=places[run.place] == 1)) for run in found]
    return sum(written), len(written) - sum(written)


def runs(store: Store) -> Iterator[Run]:
    """The models of a store with their training curves, and its entries with their numbers, a run a seed."""
    for outcome in reversed(store.latest_outcomes()):
        name = re.fullmatch(r"([^/]+)/([^/]+)/([^/]+) seed (-?\d+)", str(outcome.get("name")))
        if outcome.get("task") == Kind.TRAIN and name is not None:
            yield Run(name=(*name.groups()[:3], f"seed_{name[4]}"), settings=_weights(outcome), curves=_curves(outcome))
    entries: defaultdict[tuple[str, int, str, str], list[Record]] = defaultdict(list)
    for record in store.records():
        if record.value is not None:
            entries[record.entry, record.seed, record.weights, record.attributions].append(record)
    for (entry, seed, weights, maps), records in entries.items():
        first = records[0]
        yield Run(
            name=(*entry.split("/"), f"seed_{seed}"),
            settings={
                "dataset": first.dataset,
                "architecture": first.architecture,
                "training": first.training,
                "saliency": first.saliency,
                "seed": str(seed),
                "recipe": first.recipe,
                "weights": weights,
                "attributions": maps,
            },
            numbers={record.metric: record.value for record in records if record.value is not None},
        )


def _weights(outcome: dict[str, Any]) -> dict[str, str]:
    artifacts = outcome.get("artifacts")
    return {"weights": str(artifacts.get("weights"))} if isinstance(artifacts, dict) else {}


def _curves(outcome: dict[str, Any]) -> dict[str, list[tuple[int, float]]]:
    """Loss, seconds and accuracy by epoch, of what may come from somebody else's store."""
    epochs = [row for row in outcome.get("epochs") or () if isinstance(row, list) and len(row) > len(_COLUMNS)]
    curves = {
        name: [(int(row[0]), float(row[place])) for row in epochs if isinstance(row[place], int | float)]
        for place, name in enumerate(_COLUMNS, start=1)
    }
    return {name: curve for name, curve in curves.items() if curve}


_COLUMNS = ("loss", "seconds", "accuracy")


class _TensorBoard:
    """Writes each run to a folder of its own; one that was alone of its name stays where it was written."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._writer = _imported("torch.utils.tensorboard", "tensorboard").SummaryWriter

    def __call__(self, run: Run) -> bool:
        shared, own = (self._folder.joinpath(*place) for place in (run.place, run.own_place))
        folder = shared if run.alone else own
        mark = f".{run.identity[:16]}"
        if any(path.name.endswith(mark) for place in (shared, own) for path in place.glob("events.*")):
            return False
        with self._writer(str(folder), filename_suffix=mark) as writer:
            for name, curve in run.curves.items():
                for epoch, value in curve:
                    writer.add_scalar(f"training/{name}", value, epoch)
            for name, value in run.numbers.items():
                writer.add_scalar(f"numbers/{_plain(name)}", value, 0)
            writer.add_text("settings", "\n".join(f"- {name}: {text}" for name, text in run.settings.items()))
        return True


class _MLflow:
    """Writes each run to one experiment."""

    def __init__(self, address: str) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # nothing is sent but to the address
        tracking = _imported("mlflow.tracking", "mlflow-skinny")
        self._entities = import_module("mlflow.entities")
        self._client = tracking.MlflowClient(tracking_uri=address)
        found = self._client.get_experiment_by_name(_EXPERIMENT)
        self._experiment = found.experiment_id if found else self._client.create_experiment(_EXPERIMENT)

    def __call__(self, run: Run) -> bool:
        known = f"tags.`{_IDENTITY}` = '{run.identity}' and attributes.status = 'FINISHED'"
        if self._client.search_runs([self._experiment], filter_string=known, max_results=1):
            return False
        tags = {_IDENTITY: run.identity}
        made = self._client.create_run(self._experiment, run_name="/".join(run.name), tags=tags).info.run_id
        settings = [self._entities.Param(name, text) for name, text in run.settings.items()]
        now = time.time_ns() // 1_000_000
        metrics = [
            self._entities.Metric(_plain(name), value, now, step)
            for name, curve in {**run.curves, **{name: [(0, value)] for name, value in run.numbers.items()}}.items()
            for step, value in curve
        ]
        self._client.log_batch(made, params=settings)
        for start in range(0, len(metrics), _AT_ONCE):
            self._client.log_batch(made, metrics=metrics[start : start + _AT_ONCE])
        self._client.set_terminated(made)
        return True


_WRITERS: dict[str, Callable[[str], Callable[[Run], bool]]] = {"tensorboard": _TensorBoard, "mlflow": _MLflow}


def _imported(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ModuleNotFoundError(f"this export needs {package}; pip install 'salbench[tracking]'") from error


def _plain(name: str) -> str:
    """A name as both trackers and all file systems take it; it never leads out of a folder."""
    return re.sub(r"[^\w.+@-]", "_", name).lstrip(".") or "_"
