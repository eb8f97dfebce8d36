"""Regular training on every data set: what the other methods are compared with."""

from ...baselines.architectures import LSTM, MLP, SGT_CNN, TCN
from ...baselines.saliency import ALL_METHODS
from ...baselines.training import Regular
from ...datasets import BREAST_CANCER, DIGITS, FASHION_MNIST, MIDDLE, MNIST, RARE_FEATURE
from ..entry import entries

ENTRIES = [
    *entries(
        training="regular",
        recipe=Regular(),
        datasets=[DIGITS, BREAST_CANCER, MNIST, FASHION_MNIST],
        architectures=[MLP, SGT_CNN],
        saliency=ALL_METHODS,
    ),
    *entries(
        training="regular",
        recipe=Regular(),
        datasets=[MIDDLE, RARE_FEATURE],
        architectures=[LSTM, TCN],
        saliency=ALL_METHODS,
    ),
]
