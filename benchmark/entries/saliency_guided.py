"""Saliency guided training: half of the pixels masked in images, as published, and less where evidence is sparse."""

from ...baselines.architectures import LSTM, MLP, SGT_CNN, TCN
from ...baselines.training import SaliencyGuided
from ...datasets import BREAST_CANCER, DIGITS, FASHION_MNIST, MIDDLE, MNIST, RARE_FEATURE
from ..entry import entries

IMAGES = entries(
    training="saliency_guided",
    recipe=SaliencyGuided(masked_fraction=0.5),
    datasets=[DIGITS, MNIST, FASHION_MNIST],
    architectures=[MLP, SGT_CNN],
)
TABLES = entries(
    training="saliency_guided",
    recipe=SaliencyGuided(masked_fraction=0.5, mask_range="feature"),
    datasets=[BREAST_CANCER],
    architectures=[MLP],
)
SERIES = entries(
    training="saliency_guided",
    recipe=SaliencyGuided(masked_fraction=0.3),
    datasets=[MIDDLE, RARE_FEATURE],
    architectures=[LSTM, TCN],
)
ENTRIES = [*IMAGES, *TABLES, *SERIES]
