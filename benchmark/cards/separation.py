"""Do the metrics place oracle above random above inverted maps? Measured on data whose evidence is known."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from io import StringIO
from math import nan
from pathlib import Path
from time import perf_counter
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from ...baselines.saliency.controls import ORACLE, RANDOM
from ...metrics import METRICS, Family, Metric
from ...results import record
from ..commands import run
from ..planning import Model
from ..request import Request
from ..suite import Suite
from .separation_suites import CONTROLS, separation_suites

COMMAND = "salbench cards --measure results/reference/separation.csv"
_COLUMNS = ["metric", "version", "dataset", "architecture", "seeds", "samples", *(item.name for item in CONTROLS)]
_ABOUT = "on "  # begins the line about a data set
_FILE = files(record.__package__).joinpath("reference", "separation.csv")


class Separation(NamedTuple):
    """What was measured, and how."""

    rows: pd.DataFrame  # the columns of the file
    made: str
    about: Mapping[str, str] = MappingProxyType({})  # by data set: what it is, and how models are trained on it

    def of(self, metric: Metric) -> pd.DataFrame:
        """The rows of a metric in its present version."""
        return self.rows[(self.rows["metric"] == metric.name) & (self.rows["version"] == metric.version)]


def must_separate(metric: Metric) -> bool:
    """Must it place true evidence before chance, and chance before the opposite? Others ask something else of a map."""
    return metric.family in {Family.FAITHFULNESS, Family.LOCALIZATION}


def separates(metric: Metric, oracle: float, random: float, inverted: float) -> bool:
    """Are they in the order that the metric's direction asks for? The inverted map may have no score, NaN."""
    sign = 1 if metric.higher_is_better else -1
    return sign * oracle > sign * random and not sign * random <= sign * inverted


def measure_separation(
    *,
    store: Path,
    data: Path | None = None,
    report: Callable[[str], object],
    suites: Iterable[Suite] | None = None,
) -> str:
    """Score the controls by every metric that reads maps once.

    Two series, images of which some pixels are annotated as irrelevant, sentences with a planted word, and for
    shortcuts digits beside a decoy and a table; models that are trained anew, for ROAR, are asked of a fifth of the
    images. Its parts took 27 minutes together on two CPU cores under a load of 8 to 14, of which retraining 12.

    Args:
        store: keeps every measurement; what it has is not measured again.
        data: the folder that holds all data.
        report: is told of each suite, and how long it took.
        suites: what is measured; None takes `separation_suites`.

    Returns:
        A CSV file: lines that begin with # and say how it was made, and a row a metric and data set, with the means
        of the controls over seeds.
    """
    rows: list[dict[str, object]] = []
    about: dict[str, str] = {}
    made, controls = "", {"saliency": [control.name for control in CONTROLS]}
    for suite in separation_suites() if suites is None else suites:
        report(f"{suite.name}: {len(suite.metrics)} metrics on {', '.join(item.name for item in suite.datasets)}")
        started = perf_counter()
        results = run(Request(suite=suite, only=controls), store=store, data=data, device="cpu")
        report(f"{suite.name}: {perf_counter() - started:.0f} s")
        first = next(item for item in results.records if item.status is record.Status.OK)
        made = ", ".join(f"{name} {version}" for name, version in first.versions.items()) + f", {first.device}"
        about |= {_named(model): _about(model) for model in results.plan.models}
        rows += _rows(results.records)
    lines = [f"# measured by `{COMMAND}`", f"# {made}, {datetime.now(UTC).date()}"]
    lines.append("# means over seeds of the controls oracle, random and inverted; regular training")
    lines += [f"# {_ABOUT}{name}: {text}" for name, text in about.items()]
    order = [metric.name for metric in METRICS]
    rows.sort(key=lambda row: order.index(str(row["metric"])))  # stable: data sets stay in the order of the suites
    return "\n".join(lines) + "\n" + pd.DataFrame(rows, columns=_COLUMNS).to_csv(index=False, lineterminator="\n")


def read_separation(file: Path | None = None) -> Separation:
    """Read what `measure_separation` wrote; None takes the file that comes with salbench.

    Raises:
        OSError: there is no such file.
    """
    text = (_FILE if file is None else file).read_text(encoding="utf-8")
    head = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("#")]
    made = "; ".join(line for line in head if not line.startswith(_ABOUT))
    pairs = [line.removeprefix(_ABOUT).split(": ", 1) for line in head if line.startswith(_ABOUT)]
    return Separation(pd.read_csv(StringIO(text), comment="#"), made, dict(pairs))


def _named(model: Model) -> str:
    return f"{model.dataset.name}@{model.dataset.version}"


def _about(model: Model) -> str:
    budget = model.budget
    return f"{model.dataset.description}; {budget.epochs} epochs in batches of {budget.batch_size}"


def _rows(records: Iterable[record.Record]) -> list[dict[str, object]]:
    frame = pd.DataFrame(
        {
            "metric": item.metric,
            "version": item.metric_version,
            "dataset": item.dataset,
            "architecture": item.architecture,
            "saliency": item.saliency,
            "value": item.value,
            "samples": item.count,
        }
        for item in records
        if item.control and item.value is not None
    )
    rows: list[dict[str, object]] = []
    groups = frame.groupby(["metric", "version", "dataset", "architecture"], sort=False)
    for (metric, version, dataset, architecture), group in groups:
        means = group.groupby("saliency")["value"].mean()
        if {ORACLE.name, RANDOM.name} <= set(means.index):  # an inverted map may be undefined, as for AUR
            seeds = int(group.groupby("saliency").size().min())
            named = {control.name: f"{means.get(control.name, nan):.5g}" for control in CONTROLS}
            known = {"metric": metric, "version": version, "dataset": dataset, "architecture": architecture}
            rows.append({**known, "seeds": seeds, "samples": int(group["samples"].min()), **named})
    return rows
