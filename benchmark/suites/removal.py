"""Three ways around inputs that no model has seen: retraining, imputation, and fine-tuning on random masks."""

from ...baselines.architectures import MLP, SGT_CNN
from ...baselines.saliency import CONTROLS, METHODS
from ...datasets import DIGITS
from ...metrics import (
    ACCURACY,
    ACCURACY_DROP,
    ACCURACY_DROP_MEAN,
    F_FIDELITY_MINUS,
    F_FIDELITY_PLUS,
    KEEP_AREA,
    NORMALIZED_AOPC_MORF,
    ROAD,
    ROAR,
)
from ..suite import Suite

SUITE = Suite(
    name="removal",
    title="Do ROAR, ROAD and F-Fidelity rank saliency methods alike, and what do they cost?",
    datasets=(DIGITS,),
    architectures=(MLP, SGT_CNN),
    saliency=METHODS,
    controls=CONTROLS,
    metrics=(
        ACCURACY,
        ROAR,
        KEEP_AREA,
        ROAD,
        F_FIDELITY_PLUS,
        F_FIDELITY_MINUS,
        ACCURACY_DROP,
        ACCURACY_DROP_MEAN,
        NORMALIZED_AOPC_MORF,
    ),
    seeds=(0, 1, 2),
    trainings=("regular", "saliency_guided"),
    reference="zheng2024ffidelity",
)
