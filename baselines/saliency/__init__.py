"""Saliency methods, through captum where captum is right, and the controls every table carries."""

from .ablation import FEATURE_ABLATION, OCCLUSION
from .base import SaliencyMethod, attribute
from .cam import GRAD_CAM
from .completeness import TOLERATED_GAP, completeness_gap
from .controls import CONSTANT, EDGE_FILTER, INPUT, INVERTED, ORACLE, RANDOM
from .deeplift import DEEPLIFT
from .gradients import GRADIENT, INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD
from .guided import GUIDED_BACKPROP
from .published import PUBLISHED, PUBLISHED_IMAGES, PUBLISHED_RRR, PUBLISHED_SERIES, PUBLISHED_XCL
from .shapley import DEEP_SHAP, GRADIENT_SHAP
from .surrogate import KERNEL_SHAP, LIME

# the fast ones, which an entry gets if it names none
METHODS: tuple[SaliencyMethod, ...] = (GRADIENT, INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD)
ALL_METHODS: tuple[SaliencyMethod, ...] = (
    *METHODS,
    *(DEEPLIFT, GRADIENT_SHAP, DEEP_SHAP, GUIDED_BACKPROP, GRAD_CAM, FEATURE_ABLATION, OCCLUSION, LIME, KERNEL_SHAP),
)
CONTROLS: tuple[SaliencyMethod, ...] = (RANDOM, INVERTED, INPUT, EDGE_FILTER, CONSTANT, ORACLE)

__all__ = [
    "ALL_METHODS",
    "CONSTANT",
    "CONTROLS",
    "DEEPLIFT",
    "DEEP_SHAP",
    "EDGE_FILTER",
    "FEATURE_ABLATION",
    "GRADIENT",
    "GRADIENT_SHAP",
    "GRAD_CAM",
    "GUIDED_BACKPROP",
    "INPUT",
    "INPUT_X_GRADIENT",
    "INTEGRATED_GRADIENTS",
    "INVERTED",
    "KERNEL_SHAP",
    "LIME",
    "METHODS",
    "OCCLUSION",
    "ORACLE",
    "PUBLISHED",
    "PUBLISHED_IMAGES",
    "PUBLISHED_RRR",
    "PUBLISHED_SERIES",
    "PUBLISHED_XCL",
    "RANDOM",
    "SMOOTHGRAD",
    "TOLERATED_GAP",
    "SaliencyMethod",
    "attribute",
    "completeness_gap",
]
