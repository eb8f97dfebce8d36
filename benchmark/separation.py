"""Do the metrics place oracle above random above inverted maps? Measured on data whose evidence is known."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.resources import files
from io import StringIO
from math import nan
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..baselines.architectures import RRR_MLP, TCN
from ..baselines.architectures.base import Architecture
from ..baselines.saliency import GRADIENT
from ..baselines.saliency.controls import INVERTED, ORACLE, RANDOM
from ..datasets import MIDDLE, RARE_FEATURE, TOY_COLORS
from ..datasets.base import Dataset, Modality
from ..datasets.toy_colors import TOY_COLORS_PRO_RULE_1
from ..metrics import METRICS, Family, Metric
from ..results import record
from .commands import run
from .request import Request
from .suite import Suite

CONTROLS = (ORACLE, RANDOM, INVERTED)  # best first
COMMAND = "salbench cards --measure results/reference/separation.csv"
_COLUMNS = ["metric", "version", "dataset", "architecture", "seeds", "samples", *(item.name for item in CONTROLS)]
_FILE = files(record.__package__).joinpath("reference", "separation.csv")


class Separation(NamedTuple):
    """What was measured, and how."""

    rows: pd.DataFrame  # the columns of the file
    made: str

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


def measure_separation(*, store: Path, data: Path | None = None, report: Callable[[str], object]) -> str:
    """Score the controls by every metric that reads maps once.

    Costs some ten minutes on a CPU. Two series with one architecture, and images of which some pixels are annotated as
    irrelevant; models that are trained anew, for ROAR, are asked of the images alone and with one seed.

    Args:
        store: keeps every measurement; what it has is not measured again.
        data: the folder that holds all data.
        report: is told of each suite.

    Returns:
        A CSV file: lines that begin with # and say how it was made, and a row a metric and data set, with the means
        of the controls over seeds.
    """
    rows, made = [], ""
    for suite in _suites():
        report(f"{suite.name}: {len(suite.metrics)} metrics on {', '.join(item.name for item in suite.datasets)}")
        results = run(Request(suite=suite), store=store, data=data, device="cpu")
        first = next(item for item in results.records if item.status is record.Status.OK)
        made = ", ".join(f"{name} {version}" for name, version in first.versions.items()) + f", {first.device}"
        rows += _rows(results.records)
    lines = [f"# measured by `{COMMAND}`", f"# {made}, {datetime.now(UTC).date()}"]
    lines.append("# means over seeds of the controls oracle, random and inverted; regular training")
    order = [metric.name for metric in METRICS]
    rows.sort(key=lambda row: order.index(str(row["metric"])))  # stable: data sets stay in the order of the suites
    return "\n".join(lines) + "\n" + pd.DataFrame(rows, columns=_COLUMNS).to_csv(index=False, lineterminator="\n")


def read_separation(file: Path | None = None) -> Separation:
    """Read what `measure_separation` wrote; None takes the file that comes with salbench.

    Raises:
        OSError: there is no such file.
    """
    text = (_FILE if file is None else file).read_text(encoding="utf-8")
    made = [line.removeprefix("# ") for line in text.splitlines() if line.startswith("#")]
    return Separation(pd.read_csv(StringIO(text), comment="#"), "; ".join(made))


def _suites() -> list[Suite]:
    """What is measured: by default two seeds; models that are trained anew with one."""
    read = {Family.FAITHFULNESS, Family.LOCALIZATION, Family.COMPLEXITY}
    plain = [metric for metric in METRICS if metric.family in read and not metric.retrainings]
    retrained = [metric for metric in METRICS if metric.retrainings]
    return [
        _suite("separation_series", (MIDDLE, RARE_FEATURE), TCN, Modality.SERIES, plain, seeds=(0, 1)),
        _suite("separation_images", (TOY_COLORS, TOY_COLORS_PRO_RULE_1), RRR_MLP, Modality.IMAGE, plain, seeds=(0, 1)),
        _suite("separation_retrained", (TOY_COLORS,), RRR_MLP, Modality.IMAGE, retrained, seeds=(0,)),
    ]


def _suite(
    name: str,
    datasets: tuple[Dataset, ...],
    architecture: Architecture,
    modality: Modality,
    metrics: Iterable[Metric],
    *,
    seeds: tuple[int, ...],
) -> Suite:
    return Suite(
        name=name,
        title="Do the metrics place oracle above random above inverted?",
        datasets=datasets,
        architectures=(architecture,),
        saliency=(GRADIENT,),
        controls=CONTROLS,
        metrics=tuple(metric for metric in metrics if modality in metric.modalities),
        seeds=seeds,
        trainings=("regular",),
        samples=200,
    )


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
