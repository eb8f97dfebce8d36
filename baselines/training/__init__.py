"""Training methods, one file each, and the one loop that runs them."""

from .another_explanation import AnotherExplanation, find_another_explanation, large_gradients
from .base import Predecessor, Recipe, TrainingState
from .fine_tuned import FineTuned
from .fit import EpochSummary, fit
from .random_masking import RandomMasking
from .regular import Regular
from .right_reasons import RightForRightReasons
from .saliency_guided import SaliencyGuided
from .saliency_guided_words import SaliencyGuidedWords
from .saliency_regularized import SaliencyRegularized
from .scaat import SCAAT

__all__ = [
    "SCAAT",
    "AnotherExplanation",
    "EpochSummary",
    "FineTuned",
    "Predecessor",
    "RandomMasking",
    "Recipe",
    "Regular",
    "RightForRightReasons",
    "SaliencyGuided",
    "SaliencyGuidedWords",
    "SaliencyRegularized",
    "TrainingState",
    "find_another_explanation",
    "fit",
    "large_gradients",
]
