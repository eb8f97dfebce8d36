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
from .auroc import AUROC, auroc
from .base import Case, Family, Metric, Need, Predictions, Sign
from .calibration import CALIBRATION_ERROR, calibration_error
from .curves import Curves, perturbation_curves
from .detection import EVIDENCE_AUROC, EVIDENCE_AVERAGE_PRECISION, evidence_auroc, evidence_average_precision
from .entropy import ENTROPY, entropy
from .eraser import COMPREHENSIVENESS_AOPC, SUFFICIENCY_AOPC, comprehensiveness, sufficiency
from .evidence import PrecisionRecall, Rule, precision_recall
from .gini import GINI, gini
from .gini_normalized import GINI_NORMALIZED, gini_normalized
from .irrelevant import IRRELEVANT_MASS, IRRELEVANT_SHARE, irrelevant_mass, irrelevant_share
from .mass_entropy import (
    COMPLEXITY_XCL,
    MASS_ENTROPY,
    MASS_ENTROPY_NORMALIZED,
    complexity_xcl,
    mass_entropy,
    mass_entropy_normalized,
)
from .png_size import PNG_KILOBYTES, png_kilobytes
from .pointing_game import POINTING_GAME, pointing_game
from .proper_scores import BRIER_SCORE, NEGATIVE_LOG_LIKELIHOOD, brier_score, negative_log_likelihood
from .protocol import SHARED, Fill, Protocol
from .relevance_mass import RELEVANCE_MASS, relevance_mass
from .road import ROAD, road_area
from .roar import ROAR, roar_area
from .top_units import RELEVANCE_RANK, TOP_K_INTERSECTION, relevance_rank, top_k_intersection
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

METRICS: tuple[Metric, ...] = (
    *STANDARD,
    CALIBRATION_ERROR,
    NEGATIVE_LOG_LIKELIHOOD,
    BRIER_SCORE,
    AUROC,
    ROAR,
    ROAD,
    POINTING_GAME,
    RELEVANCE_MASS,
    RELEVANCE_RANK,
    TOP_K_INTERSECTION,
    EVIDENCE_AUROC,
    EVIDENCE_AVERAGE_PRECISION,
    IRRELEVANT_SHARE,
    IRRELEVANT_MASS,
    GINI_NORMALIZED,
    MASS_ENTROPY,
    MASS_ENTROPY_NORMALIZED,
    COMPLEXITY_XCL,
    PNG_KILOBYTES,
)

__all__ = [
    "ACCURACY",
    "ACCURACY_DROP",
    "AOPC_LERF",
    "AOPC_MORF",
    "AUP_COUNT",
    "AUP_DIFF_COUNT",
    "AUP_DIFF_MASS",
    "AUP_MASS",
    "AUROC",
    "AUR_COUNT",
    "AUR_DIFF_COUNT",
    "AUR_DIFF_MASS",
    "AUR_MASS",
    "BRIER_SCORE",
    "CALIBRATION_ERROR",
    "COMPLEXITY_XCL",
    "COMPREHENSIVENESS_AOPC",
    "ENTROPY",
    "EVIDENCE_AUROC",
    "EVIDENCE_AVERAGE_PRECISION",
    "GINI",
    "GINI_NORMALIZED",
    "IRRELEVANT_MASS",
    "IRRELEVANT_SHARE",
    "MASS_ENTROPY",
    "MASS_ENTROPY_NORMALIZED",
    "METRICS",
    "NEGATIVE_LOG_LIKELIHOOD",
    "PNG_KILOBYTES",
    "POINTING_GAME",
    "RELEVANCE_MASS",
    "RELEVANCE_RANK",
    "ROAD",
    "ROAR",
    "SHARED",
    "STANDARD",
    "SUFFICIENCY_AOPC",
    "TOP_K_INTERSECTION",
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
    "auroc",
    "brier_score",
    "calibration_error",
    "complexity_xcl",
    "comprehensiveness",
    "correctness",
    "entropy",
    "evidence_auroc",
    "evidence_average_precision",
    "expand_units",
    "gini",
    "gini_normalized",
    "irrelevant_mass",
    "irrelevant_share",
    "mass_entropy",
    "mass_entropy_normalized",
    "negative_log_likelihood",
    "perturbation_curves",
    "png_kilobytes",
    "pointing_game",
    "precision_recall",
    "relevance_mass",
    "relevance_rank",
    "road_area",
    "roar_area",
    "sufficiency",
    "top_k_intersection",
    "unit_maps",
    "unit_masks",
]
