"""Saliency guided training, with the share of masked features that was published for each data set and architecture."""

from ...baselines.architectures import LSTM, MLP, SGT_CNN, TCN, Architecture
from ...baselines.saliency import ALL_METHODS
from ...baselines.training import SaliencyGuided
from ...datasets import BREAST_CANCER, DIGITS, FASHION_MNIST, MIDDLE, MNIST, RARE_FEATURE, Dataset
from ..entry import Entry, entries


def guided(masked_fraction: float, datasets: list[Dataset], architectures: list[Architecture]) -> list[Entry]:
    """Entries with one share of masked features, k."""
    recipe = SaliencyGuided(masked_fraction=masked_fraction)
    return entries(
        training="saliency_guided",
        recipe=recipe,
        datasets=datasets,
        architectures=architectures,
        saliency=ALL_METHODS,
    )


ENTRIES = [
    *guided(0.5, [DIGITS, MNIST, FASHION_MNIST], [MLP, SGT_CNN]),  # 50 % for images: ismail2021improving, table 3
    *guided(0.5, [BREAST_CANCER], [MLP]),
    *guided(0.5, [MIDDLE], [TCN]),  # series: the same paper, tables 8 and 10
    *guided(0.3, [MIDDLE], [LSTM]),
    *guided(0.3, [RARE_FEATURE], [LSTM, TCN]),
]
