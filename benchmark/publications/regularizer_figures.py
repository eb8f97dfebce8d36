"""The cross table of the six regularizers, drawn and written from a suite's results."""

from pathlib import Path

from ...results.plots.cross_table import cross_plot
from ...results.store import Store
from ...results.xcl_claims import cross_claims
from ..cross_table import METRICS, cross_table
from ..plan_results import Results

SALIENCY = "gradient_xcl"


def draw_cross_table(results: Results, store: Store, data: Path, path: Path) -> list[Path]:
    """Heat maps of the first data set, and all pairs as CSV with what was published for MNIST beside them.

    Raises:
        LookupError: no maps in the store.
    """
    table = cross_table(results, store, data, saliency=SALIENCY)
    csv = path.with_suffix(".csv")
    published = cross_claims().rename(columns={"xcl_morf": "published_mnist_xcl_morf"})
    table.merge(published, on=["maps_of", "evaluated_on"], how="left").to_csv(csv, index=False)
    first = table[table["dataset"] == table["dataset"].iloc[0]]
    directions = {metric.name: metric.higher_is_better for metric in METRICS}
    return [*cross_plot(first, directions, path), csv]
