"""Records of many seeds summed up: one mean, spread and status for each entry and metric."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.stats import t

from .best import mark_best
from .frame import to_frame
from .intervals import CONFIDENCE, FEWEST_SEEDS, seed_interval
from .record import Record, Status

GROUP = ["dataset", "architecture"]  # entries are compared within, never across
CELL = [*GROUP, "training", "saliency", "control", "metric"]
_DECLARED = ["higher_is_better", "across_models", "family"]  # by the metric, the same in all its records


@dataclass(frozen=True, slots=True)
class MetricColumn:
    """A metric as the header of a column."""

    name: str
    higher_is_better: bool
    across_models: bool
    family: str
    unreliable: bool = False  # in the table that this heads

    @property
    def arrow(self) -> str:
        """Where better values lie, a dagger if they are only compared within one training method, ‡ if unreliable."""
        direction = "↑" if self.higher_is_better else "↓"
        return direction + ("" if self.across_models else "†") + ("‡" if self.unreliable else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """What the records say, before it is laid out as a table.

    `cells` has one row for each dataset, architecture, training, saliency (a control or not) and metric:

    - `mean`, `sd`: over the seeds whose value is defined; never negated; sd is NaN for one seed
    - `low`, `high`, `source`: interval of the mean, and over what it is, or why there is none; over seeds alone until
      `with_evidence` gives better ones
    - `seeds`: how many these are; `expected`: of how many seeds the group has records of this metric
    - `failed`, `skipped`: how many seeds ended so; `count`: samples behind the values of all seeds
    - `degenerate`, `incomplete`: maps of all seeds with one value everywhere, and maps that do not add up
    - `status`: `ok` if all expected seeds have a value, `partial` if some have, else `failed`, `skipped` (all seeds)
      or `undefined`
    - `note`: the reasons for what is missing
    - `decimals`: digits to print after the point; `best`: see `best.MARKS`
    - `unreliable`: what speaks against the metric on this data set with this architecture, see `reliability.RULE`;
      empty where nothing does, or before `with_evidence`

    Rows are in the order in which datasets, architectures, trainings and saliency methods first appear in the
    records; so are the metrics, those of performance before all others.
    """

    cells: pd.DataFrame
    metrics: tuple[MetricColumn, ...]
    seeds: tuple[int, ...]

    @classmethod
    def from_records(cls, records: Iterable[Record]) -> Self:
        """Sum up records, in any number.

        Raises:
            ValueError: two records are of one entry, metric and seed, or a metric's versions or directions differ.
        """
        return cls.from_frame(to_frame(records))

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Self:
        """Sum up the records in a frame made by `to_frame` or `Store.frame`.

        Raises:
            ValueError: as for `from_records`.
        """
        metrics = _metrics(frame)
        frame = frame.assign(metric=frame["metric"].cat.reorder_categories([metric.name for metric in metrics]))
        repeated = frame[frame.duplicated([*CELL, "seed"])]
        if len(repeated):
            what = "/".join(map(str, repeated.iloc[0][["dataset", "architecture", "training", "saliency", "metric"]]))
            seed = repeated["seed"].iloc[0]
            raise ValueError(f"two records of {what}, seed {seed}, differ in their settings; give the keys of one plan")
        cells = _aggregate(frame)
        for column in ("across_models", "higher_is_better"):
            declared = {metric.name: getattr(metric, column) for metric in metrics}
            cells.insert(len(CELL), column, cells["metric"].map(declared).astype(bool))
        cells = mark_best(cells, GROUP).assign(unreliable="")
        return cls(cells=cells, metrics=metrics, seeds=tuple(sorted(frame["seed"].unique().tolist())))

    def with_evidence(self, *, intervals: pd.DataFrame, reliability: pd.DataFrame) -> Self:
        """The same means with what the scores of single samples say of them.

        Args:
            intervals: what `cell_intervals.cell_intervals` gives; cells that are not in it keep theirs.
            reliability: what `reliability.reliability` gives.
        """
        cells = self.cells.copy()
        places = _places(cells, intervals, CELL)
        for column in ("low", "high", "source"):
            found = intervals[column].to_numpy()
            cells[column] = np.where(places >= 0, found[places], cells[column]) if len(found) else cells[column]
        against = reliability.loc[~reliability["reliable"].astype(bool)]
        places = _places(cells, against, [*GROUP, "metric"])
        if len(against):
            cells["unreliable"] = np.where(places >= 0, against["reason"].to_numpy()[places], "")
        return replace(self, cells=cells)

    def groups(self) -> Iterator[tuple[str, str, pd.DataFrame]]:
        """Dataset, architecture and cells of each group within which entries are compared."""
        for (dataset, architecture), cells in self.cells.groupby(GROUP, observed=True):
            yield str(dataset), str(architecture), cells


def _metrics(frame: pd.DataFrame) -> tuple[MetricColumn, ...]:
    kinds = frame[["metric", "metric_version", *_DECLARED]].drop_duplicates()
    mixed = kinds["metric"][kinds["metric"].duplicated()]
    if len(mixed):
        raise ValueError(f"records of {mixed.iloc[0]!r} come from more than one version of it; measure the older again")
    kinds = kinds.sort_values("metric")  # categories: in order of first appearance
    kinds = kinds.sort_values("family", key=lambda family: family != "performance", kind="stable")
    return tuple(MetricColumn(*row) for row in kinds[["metric", *_DECLARED]].itertuples(index=False))


def _places(cells: pd.DataFrame, found: pd.DataFrame, keys: list[str]) -> Any:
    """The row of `found` that each cell is about, or -1."""
    of_cells, of_found = (pd.MultiIndex.from_frame(frame[keys].astype(object)) for frame in (cells, found))
    return of_found.get_indexer(of_cells)


def _over_seeds(cells: pd.DataFrame) -> pd.DataFrame:
    """Columns low, high and source: Student's t-interval, as `intervals.seed_interval` gives it."""
    seeds = cells["seeds"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = t.ppf((1 + CONFIDENCE) / 2, seeds - 1) * cells["sd"].to_numpy() / np.sqrt(seeds)
    reach = np.where(seeds < FEWEST_SEEDS, np.nan, reach)
    sources = {count: seed_interval(np.zeros(count)).source if count else "" for count in np.unique(seeds).tolist()}
    return pd.DataFrame(
        {
            "low": cells["mean"] - reach,
            "high": cells["mean"] + reach,
            "source": cells["seeds"].map(sources).astype(object),
        }
    )


def _aggregate(frame: pd.DataFrame) -> pd.DataFrame:
    defined = (frame["status"] == Status.OK.value) & np.isfinite(frame["value"])
    frame = frame.assign(
        value=frame["value"].where(defined),  # pandas leaves NaN out of means and counts
        count=frame["count"].where(defined, 0),
        failed=frame["status"] == Status.FAILED.value,
        skipped=frame["status"] == Status.SKIPPED.value,
        expected=frame.groupby([*GROUP, "metric"], observed=True)["seed"].transform("nunique"),
        cell=frame.groupby(CELL, observed=True).ngroup(),
    )
    by_cell = frame.groupby("cell")
    sums = by_cell.agg(
        mean=("value", "mean"),
        sd=("value", "std"),
        seeds=("value", "count"),
        expected=("expected", "first"),
        measured=("seed", "size"),
        failed=("failed", "sum"),
        skipped=("skipped", "sum"),
        count=("count", "sum"),
        degenerate=("degenerate", "sum"),
        incomplete=("incomplete", "sum"),
    )
    cells = by_cell[CELL].first().join(sums)
    cells = pd.concat([cells.loc[:, :"sd"], _over_seeds(cells), cells.loc[:, "seeds":]], axis=1)
    complete, none = cells["seeds"] == cells["expected"], cells["seeds"] == 0
    cells["status"] = np.select(
        [complete, ~none, cells["failed"] > 0, cells["skipped"] == cells["measured"]],
        ["ok", "partial", "failed", "skipped"],
        "undefined",
    )
    cells["note"] = _notes(frame[~defined]).reindex(cells.index, fill_value="")
    silent = (cells["note"] == "") & ~complete
    missing = (cells["expected"] - cells["measured"]).astype(str) + " seed(s) not measured"
    cells["note"] = cells["note"].mask(silent, missing.where(cells["measured"] < cells["expected"], "value undefined"))
    return cells.drop(columns="measured").reset_index(drop=True)


def _notes(absent: pd.DataFrame) -> "pd.Series[Any]":
    """The distinct reasons of each cell, joined."""
    reasons = absent.loc[absent["note"] != "", ["cell", "note"]].drop_duplicates().astype({"note": object})
    several = reasons["cell"].duplicated(keep=False)  # few: only these are joined one by one
    joined: pd.Series[Any] = reasons[several].groupby("cell")["note"].agg("; ".join)
    alone: pd.Series[Any] = reasons[~several].set_index("cell")["note"]
    notes: pd.Series[Any] = pd.concat([alone, joined])
    return notes
