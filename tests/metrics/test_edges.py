"""What every metric answers where a map, a mask or the samples say too little: declared here, one row a metric."""

from collections.abc import Callable
from dataclasses import replace
from math import log, log2
from typing import Final, NamedTuple

import pytest
import torch
from torch import Tensor, nn

from salbench.datasets import Modality, Samples
from salbench.metrics import METRICS, Case, Family, Metric, Need, Sign
from salbench.metrics.retraining import Retraining, mean_of_channels

NUMBER: Final = "a number for each sample"
NAN: Final = "NaN for each sample"
SAME: Final = "the score of any other map or mask, since it is not looked at"
CHANCE: Final = "a number for each sample, that of the random order among ties, whatever the constant"
ERROR: Final = "ValueError"
Outcome = str | float  # a float is the score of each sample


class Edges(NamedTuple):
    """The declared outcomes of one metric."""

    constant: Outcome  # a map of one value, not 0
    zeros: Outcome  # a map of zeros
    two_values: Outcome  # a map of ties: each unit has one of two values
    one_unit: Outcome  # one feature, one pixel of one channel, or one token, and it is evidence
    empty_mask: Outcome = SAME  # no unit is evidence, and none irrelevant
    one_sample: Outcome = NUMBER
    one_class: Outcome = NUMBER  # all samples have one target


# Tables have seven features, of which 0, 3 and 6 are evidence and the others irrelevant.
MODEL_ALONE = Edges(SAME, SAME, SAME, NUMBER)
RANKED = Edges(CHANCE, CHANCE, NUMBER, NUMBER)
CORRELATED = Edges(NAN, NAN, NUMBER, NAN)
WEIGHTED = Edges(NAN, NAN, NUMBER, NAN, empty_mask=NAN)
RETRAINED = Edges(SAME, SAME, SAME, NUMBER)  # the map acts before: see the tests of what is degraded
EDGES: dict[str, Edges] = {
    "accuracy": MODEL_ALONE,
    "accuracy_drop_area": RANKED,
    "aup_diff_count": WEIGHTED,
    "aur_diff_count": WEIGHTED,
    "aopc_morf": RANKED,
    "aopc_lerf": RANKED,
    "gini": Edges(0.0, NAN, NUMBER, 0.0),
    "entropy": Edges(NAN, NAN, -(3 * log2(3 / 7) + 4 * log2(4 / 7)) / 7 + (log2(3 / 7) - log2(4 / 7)) / 7 * 0, NAN),
    "comprehensiveness": RANKED,
    "sufficiency": RANKED,
    "aup_count": WEIGHTED,
    "aur_count": WEIGHTED,
    "aup_mass": WEIGHTED,
    "aur_mass": WEIGHTED,
    "aup_diff_mass": WEIGHTED,
    "aur_diff_mass": WEIGHTED,
    "calibration_error": MODEL_ALONE,
    "negative_log_likelihood": MODEL_ALONE,
    "brier_score": MODEL_ALONE,
    "auroc": MODEL_ALONE._replace(one_sample=NAN, one_class=NAN),
    "accuracy_drop_area_mean": RANKED,
    "accuracy_drop_area_zero": RANKED,
    "accuracy_drop_area_uniform": RANKED,
    "roar_area": RETRAINED,
    "roar_area_entries": RETRAINED,
    "roar_area_mean": RETRAINED,
    "keep_area": RETRAINED,
    "xcl_roar_area": RETRAINED,
    "road_area": RANKED._replace(one_unit=ERROR),  # nothing is left to impute the pixel from
    "f_fidelity_plus": RANKED,
    "f_fidelity_minus": RANKED,
    "normalized_aopc_morf": RANKED._replace(one_unit=NAN),  # one order only
    "normalized_aopc_lerf": RANKED._replace(one_unit=NAN),
    "deletion_auc": RANKED,
    "insertion_auc": RANKED,
    "eraser_comprehensiveness": RANKED,
    "eraser_sufficiency": RANKED._replace(one_unit=0.0),  # the token is kept
    "eraser_comprehensiveness_paper": RANKED,
    "eraser_sufficiency_paper": RANKED,
    "scaat_aopc_morf": RANKED,
    "scaat_aopc_lerf": RANKED,
    "scaat_aopc_gap": RANKED._replace(one_unit=0.0),  # both orders remove the same
    "faithfulness_correlation_alvarez": CORRELATED,
    "faithfulness_correlation_bhatt": CORRELATED,
    "sensitivity_n": CORRELATED,
    "monotonicity_nguyen": CORRELATED,
    "infidelity": Edges(NUMBER, NUMBER, NUMBER, 0.0),
    "xcl_morf": CORRELATED,
    "xcl_faithfulness": CORRELATED,
    "max_sensitivity": MODEL_ALONE._replace(one_unit=NAN),  # an input without range cannot be perturbed
    "local_lipschitz": MODEL_ALONE._replace(one_unit=NAN),
    "gaussian_accuracy_area": MODEL_ALONE,
    "gaussian_accuracy_area_published": MODEL_ALONE,
    "block_accuracy_area": MODEL_ALONE._replace(one_unit=ERROR),  # no square fits
    "parameter_randomization_cascading": CORRELATED,
    "parameter_randomization_independent": CORRELATED,
    "random_logit": CORRELATED,
    "pointing_game": Edges(3 / 7, 3 / 7, 0.0, 1.0, empty_mask=NAN),
    "relevance_mass": Edges(3 / 7, NAN, 4 / 10, 1.0, empty_mask=NAN),
    "relevance_rank": Edges(CHANCE, CHANCE, 1 / 3, 1.0, empty_mask=NAN),
    "top_k_intersection": Edges(CHANCE, CHANCE, 0.0, 1.0, empty_mask=NAN),
    "evidence_auroc": Edges(0.5, 0.5, NUMBER, NAN, empty_mask=NAN),
    "evidence_average_precision": Edges(3 / 7, 3 / 7, NUMBER, NAN, empty_mask=NAN),
    "irrelevant_share": Edges(4 / 7, NAN, NUMBER, 1.0, empty_mask=NAN),
    "irrelevant_mass": Edges(4 / 7, NAN, NUMBER, 1.0, empty_mask=NAN),
    "gini_normalized": Edges(0.0, NAN, NUMBER, NAN),
    "mass_entropy": Edges(log2(7), NAN, NUMBER, 0.0),
    "mass_entropy_normalized": Edges(1.0, NAN, NUMBER, NAN),
    "complexity_xcl": Edges(-log(1 / 7 + 0.01), NAN, NUMBER, -log(1.01)),
    "png_kilobytes": Edges(NAN, NAN, NUMBER, NAN),
}
