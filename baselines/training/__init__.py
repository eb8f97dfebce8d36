"""Training methods, one file each, and the one loop that runs them."""

from .base import Recipe, TrainingState
from .fit import EpochSummary, fit
from .regular import Regular
from .saliency_guided import SaliencyGuided

__all__ = ["EpochSummary", "Recipe", "Regular", "SaliencyGuided", "TrainingState", "fit"]
