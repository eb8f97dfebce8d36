"""Training methods, one file each, and the one loop that runs them."""

from .base import Predecessor, Recipe, TrainingState
from .fine_tuned import FineTuned
from .fit import EpochSummary, fit
from .random_masking import RandomMasking
from .regular import Regular
from .saliency_guided import SaliencyGuided

__all__ = [
    "EpochSummary",
    "FineTuned",
    "Predecessor",
    "RandomMasking",
    "Recipe",
    "Regular",
    "SaliencyGuided",
    "TrainingState",
    "fit",
]
