"""The full benchmark: every data set, architecture, training method, saliency method and metric there is."""

from ...baselines.architectures import ARCHITECTURES
from ...baselines.saliency import ALL_METHODS, CONTROLS
from ...datasets import DATASETS
from ...metrics import METRICS
from ..suite import Suite

SUITE = Suite(
    name="full",
    title="All training methods and saliency methods on all data, by every metric",
    datasets=DATASETS,
    architectures=ARCHITECTURES,
    saliency=ALL_METHODS,
    controls=CONTROLS,
    metrics=METRICS,
    seeds=(0, 1, 2, 3, 4),
    samples=500,
)
