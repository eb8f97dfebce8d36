"""Three ways around inputs that no model has seen: retraining, imputation, and fine-tuning on random masks.

`salbench agreement removal` puts them side by side: whether they rank saliency methods alike, and what each costs. The
small scale leaves the convolutional network out, nothing else, so that its numbers are part of the whole.
"""

from dataclasses import replace

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

_SMALL = Suite(
    name="removal",
    title="Do ROAR, ROAD and F-Fidelity rank saliency methods alike, and what do they cost?",
    datasets=(DIGITS,),
    architectures=(MLP,),
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

SUITE = replace(_SMALL, architectures=(MLP, SGT_CNN), small=_SMALL)
