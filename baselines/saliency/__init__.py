"""Saliency methods through captum, and the controls every table carries."""

from .base import SaliencyMethod, attribute
from .controls import CONSTANT, EDGE_FILTER, INPUT, INVERTED, ORACLE, RANDOM
from .gradients import GRADIENT, INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD

METHODS: tuple[SaliencyMethod, ...] = (GRADIENT, INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, SMOOTHGRAD)
CONTROLS: tuple[SaliencyMethod, ...] = (RANDOM, INVERTED, INPUT, EDGE_FILTER, CONSTANT, ORACLE)

__all__ = [
    "CONSTANT",
    "CONTROLS",
    "EDGE_FILTER",
    "GRADIENT",
    "INPUT",
    "INPUT_X_GRADIENT",
    "INTEGRATED_GRADIENTS",
    "INVERTED",
    "METHODS",
    "ORACLE",
    "RANDOM",
    "SMOOTHGRAD",
    "SaliencyMethod",
    "attribute",
]
