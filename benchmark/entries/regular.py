"""Regular training on every data set: what the other methods are compared with."""

from ...baselines.architectures import ARCHITECTURES
from ...baselines.training import Regular
from ...datasets import DATASETS
from ..entry import entries

ENTRIES = entries(training="regular", recipe=Regular(), datasets=DATASETS, architectures=ARCHITECTURES)
