"""Accuracy, faithfulness and cost of each training method, side by side."""

from pathlib import Path

import pandas as pd

from ..metrics import ACCURACY, CALIBRATION_ERROR, NORMALIZED_AOPC_MORF
from ..metrics.base import Metric
from ..results.frame import to_frame
from ..results.plots.pareto import GOALS, pareto_plot, with_optimal
from ..results.record import Status
from ..results.store import Store
from .costs import training_costs
from .passes import passes_by_model
from .plan_results import Results

MAP = "gradient"  # whose faithfulness counts, since no method was trained for any other
_PLACE = ["dataset", "architecture", "training"]


def pareto_table(
    results: Results, store: Store, *, faithfulness: Metric = NORMALIZED_AOPC_MORF, saliency: str = MAP
) -> pd.DataFrame:
    """A row for each data set, architecture and training method, means over seeds.

    Args:
        results: of a suite.
        store: where its models were trained.
        faithfulness: a metric whose values may be compared between models.
        saliency: the method whose maps it scores.

    Returns:
        The columns dataset, architecture, training, `accuracy`, `calibration`, `faithfulness`, each with `_sd`, `time`
        (seconds over those of regular training), `passes` (what a step needs at least, over a regular step), seeds,
        `cost` and `optimal`. The cost is in passes, or, if a method does not know its own, in time, which depends on
        what else the machine did.

    Raises:
        LookupError: no such number among the results.
        ValueError: a metric whose values are not comparable between models.
    """
    if not faithfulness.across_models:
        raise ValueError(f"faithfulness must be comparable between models, got {faithfulness.name}")
    frame = to_frame(record for record in results.records if record.status is Status.OK)
    frame = frame[frame["saliency"] == saliency]
    frame = frame.assign(**{name: frame[name].astype(str) for name in (*_PLACE, "metric")})
    frame["dataset"] = frame["dataset"].str.split("@").str[0]
    table = training_costs(results.plan, store)[[*_PLACE, "seeds", "ratio"]].rename(columns={"ratio": "time"})
    for name, metric in (("accuracy", ACCURACY), ("calibration", CALIBRATION_ERROR), ("faithfulness", faithfulness)):
        groups = frame[frame["metric"] == metric.name].groupby(_PLACE, sort=False)["value"]
        values = groups.agg(["mean", "std"]).rename(columns={"mean": name, "std": f"{name}_sd"})
        if values.empty:
            raise LookupError(f"the results have no {metric.name} of maps of {saliency!r}")
        table = table.merge(values.reset_index(), on=_PLACE)
    passes = passes_by_model(results.plan)
    places = zip(*(table[name] for name in _PLACE), strict=True)
    table = table.assign(passes=[passes.get(place, float("nan")) for place in places])
    return with_optimal(table.assign(cost=table["passes" if table["passes"].notna().all() else "time"]))


def draw_pareto(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """`pareto_table` as figure and as CSV; for suites.

    Raises:
        LookupError, ValueError: as for the table and the plot.
    """
    table = pareto_table(results, store)
    csv = path.with_suffix(".csv")
    table.to_csv(csv, index=False)
    in_passes = table["cost"].equals(table["passes"])
    label = "passes of a training step over regular" if in_passes else "training time over regular"
    return [*pareto_plot(table, path, goals=(*GOALS[:2], GOALS[2]._replace(label=label))), csv]
