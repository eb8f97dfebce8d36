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
from .block_accuracy import BLOCK_ACCURACY_AREA, block_correctness
from .calibration import CALIBRATION_ERROR, calibration_error
from .curves import Curves, perturbation_curves
from .deletion_insertion import DELETION_AUC, INSERTION_AUC, deletion_auc, insertion_auc
from .detection import EVIDENCE_AUROC, EVIDENCE_AVERAGE_PRECISION, evidence_auroc, evidence_average_precision
from .entropy import ENTROPY, entropy
from .eraser import COMPREHENSIVENESS_AOPC, SUFFICIENCY_AOPC, comprehensiveness, sufficiency
from .evidence import PrecisionRecall, Rule, precision_recall
from .f_fidelity import F_FIDELITY_MINUS, F_FIDELITY_PLUS, f_fidelity
from .gaussian_accuracy import GAUSSIAN_ACCURACY_AREA, GAUSSIAN_ACCURACY_AREA_PUBLISHED, gaussian_correctness
from .gini import GINI, gini
from .gini_normalized import GINI_NORMALIZED, gini_normalized
from .infidelity import INFIDELITY, infidelity
from .irrelevant import IRRELEVANT_MASS, IRRELEVANT_SHARE, irrelevant_mass, irrelevant_share
from .mass_entropy import (
    COMPLEXITY_XCL,
    MASS_ENTROPY,
    MASS_ENTROPY_NORMALIZED,
    complexity_xcl,
    mass_entropy,
    mass_entropy_normalized,
)
from .parameter_randomization import (
    PARAMETER_RANDOMIZATION_CASCADING,
    PARAMETER_RANDOMIZATION_INDEPENDENT,
    parameter_randomization,
)
from .png_size import PNG_KILOBYTES, png_kilobytes
from .pointing_game import POINTING_GAME, pointing_game
from .proper_scores import BRIER_SCORE, NEGATIVE_LOG_LIKELIHOOD, brier_score, negative_log_likelihood
from .protocol import SHARED, Fill, Protocol
from .random_logit import RANDOM_LOGIT, random_logit
from .relevance_mass import RELEVANCE_MASS, relevance_mass
from .retraining import Retraining
from .road import ROAD, road_area
from .roar import KEEP_AREA, ROAR, ROAR_AREA_ENTRIES, ROAR_AREA_MEAN, XCL_ROAR_AREA, roar_area
from .scaat_aopc import SCAAT_AOPC_GAP, SCAAT_AOPC_LERF, SCAAT_AOPC_MORF, scaat_aopc, scaat_aopc_gap
from .sensitivity import LOCAL_LIPSCHITZ, MAX_SENSITIVITY, local_lipschitz, max_sensitivity
from .single_units import (
    FAITHFULNESS_CORRELATION_ALVAREZ,
    MONOTONICITY_NGUYEN,
    faithfulness_correlation_alvarez,
    monotonicity_nguyen,
)
from .subset_correlation import (
    FAITHFULNESS_CORRELATION_BHATT,
    SENSITIVITY_N,
    faithfulness_correlation_bhatt,
    sensitivity_n,
)
from .top_units import RELEVANCE_RANK, TOP_K_INTERSECTION, relevance_rank, top_k_intersection
from .units import expand_units, unit_maps, unit_masks
from .xcl import XCL_FAITHFULNESS, XCL_MORF, xcl_faithfulness, xcl_morf

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
    ROAR_AREA_ENTRIES,
    ROAR_AREA_MEAN,
    KEEP_AREA,
    XCL_ROAR_AREA,
    ROAD,
    F_FIDELITY_PLUS,
    F_FIDELITY_MINUS,
    DELETION_AUC,
    INSERTION_AUC,
    SCAAT_AOPC_MORF,
    SCAAT_AOPC_LERF,
    SCAAT_AOPC_GAP,
    FAITHFULNESS_CORRELATION_ALVAREZ,
    FAITHFULNESS_CORRELATION_BHATT,
    SENSITIVITY_N,
    MONOTONICITY_NGUYEN,
    INFIDELITY,
    XCL_MORF,
    XCL_FAITHFULNESS,
    MAX_SENSITIVITY,
    LOCAL_LIPSCHITZ,
    GAUSSIAN_ACCURACY_AREA,
    GAUSSIAN_ACCURACY_AREA_PUBLISHED,
    BLOCK_ACCURACY_AREA,
    PARAMETER_RANDOMIZATION_CASCADING,
    PARAMETER_RANDOMIZATION_INDEPENDENT,
    RANDOM_LOGIT,
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
    "BLOCK_ACCURACY_AREA",
    "BRIER_SCORE",
    "CALIBRATION_ERROR",
    "COMPLEXITY_XCL",
    "COMPREHENSIVENESS_AOPC",
    "DELETION_AUC",
    "ENTROPY",
    "EVIDENCE_AUROC",
    "EVIDENCE_AVERAGE_PRECISION",
    "FAITHFULNESS_CORRELATION_ALVAREZ",
    "FAITHFULNESS_CORRELATION_BHATT",
    "F_FIDELITY_MINUS",
    "F_FIDELITY_PLUS",
    "GAUSSIAN_ACCURACY_AREA",
    "GAUSSIAN_ACCURACY_AREA_PUBLISHED",
    "GINI",
    "GINI_NORMALIZED",
    "INFIDELITY",
    "INSERTION_AUC",
    "IRRELEVANT_MASS",
    "IRRELEVANT_SHARE",
    "KEEP_AREA",
    "LOCAL_LIPSCHITZ",
    "MASS_ENTROPY",
    "MASS_ENTROPY_NORMALIZED",
    "MAX_SENSITIVITY",
    "METRICS",
    "MONOTONICITY_NGUYEN",
    "NEGATIVE_LOG_LIKELIHOOD",
    "PARAMETER_RANDOMIZATION_CASCADING",
    "PARAMETER_RANDOMIZATION_INDEPENDENT",
    "PNG_KILOBYTES",
    "POINTING_GAME",
    "RANDOM_LOGIT",
    "RELEVANCE_MASS",
    "RELEVANCE_RANK",
    "ROAD",
    "ROAR",
    "ROAR_AREA_ENTRIES",
    "ROAR_AREA_MEAN",
    "SCAAT_AOPC_GAP",
    "SCAAT_AOPC_LERF",
    "SCAAT_AOPC_MORF",
    "SENSITIVITY_N",
    "SHARED",
    "STANDARD",
    "SUFFICIENCY_AOPC",
    "TOP_K_INTERSECTION",
    "XCL_FAITHFULNESS",
    "XCL_MORF",
    "XCL_ROAR_AREA",
    "Case",
    "Curves",
    "Family",
    "Fill",
    "Metric",
    "Need",
    "PrecisionRecall",
    "Predictions",
    "Protocol",
    "Retraining",
    "Rule",
    "Sign",
    "above_random",
    "accuracy_drop_area",
    "aopc",
    "aup",
    "aur",
    "auroc",
    "block_correctness",
    "brier_score",
    "calibration_error",
    "complexity_xcl",
    "comprehensiveness",
    "correctness",
    "deletion_auc",
    "entropy",
    "evidence_auroc",
    "evidence_average_precision",
    "expand_units",
    "f_fidelity",
    "faithfulness_correlation_alvarez",
    "faithfulness_correlation_bhatt",
    "gaussian_correctness",
    "gini",
    "gini_normalized",
    "infidelity",
    "insertion_auc",
    "irrelevant_mass",
    "irrelevant_share",
    "local_lipschitz",
    "mass_entropy",
    "mass_entropy_normalized",
    "max_sensitivity",
    "monotonicity_nguyen",
    "negative_log_likelihood",
    "parameter_randomization",
    "perturbation_curves",
    "png_kilobytes",
    "pointing_game",
    "precision_recall",
    "random_logit",
    "relevance_mass",
    "relevance_rank",
    "road_area",
    "roar_area",
    "scaat_aopc",
    "scaat_aopc_gap",
    "sensitivity_n",
    "sufficiency",
    "top_k_intersection",
    "unit_maps",
    "unit_masks",
    "xcl_faithfulness",
    "xcl_morf",
]
