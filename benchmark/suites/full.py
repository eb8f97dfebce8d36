"""The full benchmark: every data set, architecture, training method, saliency method and metric there is.

Architectures in the form of published code that has a sound twin, such as lstm_published, are left to the suites that
compare with publications: they would stand beside their twins as another model of the same kind.
"""

from ...baselines.architectures import ARCHITECTURES
from ...baselines.saliency import ALL_METHODS, CONTROLS
from ...datasets import DATASETS
from ...metrics import METRICS
from ..suite import Suite

SUITE = Suite(
    name="full",
    title="All training methods and saliency methods on all data, by every metric",
    datasets=DATASETS,
    architectures=tuple(item for item in ARCHITECTURES if not item.name.endswith("_published")),
    saliency=ALL_METHODS,
    controls=CONTROLS,
    metrics=METRICS,
    seeds=(0, 1, 2, 3, 4),
    samples=500,
)
