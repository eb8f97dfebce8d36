"""Scores of explanations: pure functions of tensors, each with one declaration of what it means and needs."""

from .accuracy import ACCURACY, correctness
from .accuracy_drop import ACCURACY_DROP, accuracy_drop_area
from .aopc import AOPC_LERF, AOPC_MORF, aopc
from .aup_aur import (
    AUP_COUNT,
    AUP_DIFF_COUNT,
    AUP_DIFF_MASS,
    AUP_MASS,
    AUR_COUNT,
    AUR_DIFF_COUNT,
    AUR_DIFF_MASS,
    AUR_MASS,
    above_random,
    aup,
    aur,
)
from .base import Case, Family, Metric, Need, Predictions, Sign
from .curves import Curves, perturbation_curves
from .entropy import ENTROPY, entropy
from .eraser import COMPREHENSIVENESS_AOPC, SUFFICIENCY_AOPC, comprehensiveness, sufficiency
from .evidence import PrecisionRecall, Rule, precision_recall
from .gini import GINI, gini
from .protocol import SHARED, Fill, Protocol
from .units import expand_units, unit_maps, unit_masks

STANDARD: tuple[Metric, ...] = (  # in the order of a table's columns: one of each kind first
    ACCURACY,
    ACCURACY_DROP,
    AUP_DIFF_COUNT,
    AUR_DIFF_COUNT,
    AOPC_MORF,
    AOPC_LERF,
    GINI,
    ENTROPY,
    COMPREHENSIVENESS_AOPC,
    SUFFICIENCY_AOPC,
    AUP_COUNT,
    AUR_COUNT,
    AUP_MASS,
    AUR_MASS,
    AUP_DIFF_MASS,
    AUR_DIFF_MASS,
)

METRICS: tuple[Metric, ...] = STANDARD

__all__ = [
    "ACCURACY",
    "ACCURACY_DROP",
    "AOPC_LERF",
    "AOPC_MORF",
    "AUP_COUNT",
    "AUP_DIFF_COUNT",
    "AUP_DIFF_MASS",
    "AUP_MASS",
    "AUR_COUNT",
    "AUR_DIFF_COUNT",
    "AUR_DIFF_MASS",
    "AUR_MASS",
    "COMPREHENSIVENESS_AOPC",
    "ENTROPY",
    "GINI",
    "METRICS",
    "SHARED",
    "STANDARD",
    "SUFFICIENCY_AOPC",
    "Case",
    "Curves",
    "Family",
    "Fill",
    "Metric",
    "Need",
    "PrecisionRecall",
    "Predictions",
    "Protocol",
    "Rule",
    "Sign",
    "above_random",
    "accuracy_drop_area",
    "aopc",
    "aup",
    "aur",
    "comprehensiveness",
    "correctness",
    "entropy",
    "expand_units",
    "gini",
    "perturbation_curves",
    "precision_recall",
    "sufficiency",
    "unit_maps",
    "unit_masks",
]
