"""The main job in minutes on two CPU cores: real scans, a real table, and two series whose evidence is known."""

from ...baselines.architectures import LSTM, MLP, SGT_CNN, TCN
from ...baselines.saliency import CONTROLS, METHODS
from ...datasets import BREAST_CANCER, DIGITS, MIDDLE, RARE_FEATURE
from ...metrics import STANDARD
from ..suite import Suite

SUITE = Suite(
    name="quick",
    title="Training methods and saliency methods on data that needs no download",
    datasets=(DIGITS, BREAST_CANCER, MIDDLE, RARE_FEATURE),
    architectures=(MLP, SGT_CNN, LSTM, TCN),
    trainings=("regular", "saliency_guided"),
    saliency=METHODS,
    controls=CONTROLS,
    metrics=STANDARD,
    seeds=(0, 1, 2),
    samples=100,
)
