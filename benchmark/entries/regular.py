"""Regular training on every data set: what the other methods are compared with."""

from ...baselines.architectures import (
    BILSTM,
    CNN3B,
    CNN4B,
    LSTM,
    LSTM_ICA,
    LSTM_ICA_FLAT,
    LSTM_ICA_MNIST,
    LSTM_MNIST,
    MEAN_WORDS,
    MLP,
    RESNET18,
    RESNET32,
    SGT_CNN,
    TCN,
    TCN_MNIST,
    TRANSFORMER,
    TRANSFORMER_MNIST,
    VGG16,
    VGG16_BIRD,
    VGG16_BN,
    Architecture,
)
from ...baselines.saliency import ALL_METHODS
from ...baselines.training import Regular
from ...datasets import (
    ARCHIVE_SERIES,
    BIRD,
    BREAST_CANCER,
    CIFAR10,
    DIGITS,
    ERASER_ESNLI,
    ERASER_FEVER,
    ERASER_MOVIES,
    FASHION_MNIST,
    FASHION_MNIST_UNIT,
    GAUSSIAN_SERIES,
    IMAGENET,
    MNIST,
    MNIST_SERIES,
    MNIST_UNIT,
    MOVIE_SENTENCES,
    PCAM,
    PLANTED_SENTENCES,
    PROCESS_SERIES,
    UNSCALED_SERIES,
    VANISHING,
    Dataset,
)
from ..entry import entries
from ..publications.series import SOUND

# Pictures, series and texts with the networks that fit them, which saliency guided training takes from here.
PICTURES: tuple[tuple[tuple[Dataset, ...], tuple[Architecture, ...]], ...] = (
    ((MNIST, FASHION_MNIST), (CNN3B, CNN4B, RESNET18)),
    ((MNIST_UNIT,), (CNN3B,)),
    ((FASHION_MNIST_UNIT,), (CNN4B,)),
    ((CIFAR10,), (RESNET18, RESNET32, VGG16, VGG16_BN)),
    ((BIRD,), (VGG16_BIRD,)),
    ((PCAM, IMAGENET), (RESNET18, VGG16, VGG16_BN)),
)
LONG_SERIES: tuple[tuple[tuple[Dataset, ...], tuple[Architecture, ...]], ...] = (
    (VANISHING, (LSTM, LSTM_ICA, LSTM_ICA_FLAT, TCN, TRANSFORMER)),
    (ARCHIVE_SERIES, (LSTM, LSTM_ICA, TCN, TRANSFORMER)),
    ((*PROCESS_SERIES, *UNSCALED_SERIES), (LSTM, TCN)),
    ((MNIST_SERIES,), (LSTM_MNIST, LSTM_ICA_MNIST, TCN_MNIST, TRANSFORMER_MNIST)),
)
TEXTS = (MOVIE_SENTENCES, PLANTED_SENTENCES, ERASER_MOVIES, ERASER_FEVER, ERASER_ESNLI)
TEXT_MODELS = (MEAN_WORDS, BILSTM)

ENTRIES = [
    *entries(
        training="regular",
        recipe=Regular(),
        datasets=[DIGITS, BREAST_CANCER, MNIST, FASHION_MNIST],
        architectures=[MLP, SGT_CNN],
        saliency=ALL_METHODS,
    ),
    *(
        entry
        for datasets, architectures in (*PICTURES, *LONG_SERIES, (TEXTS, TEXT_MODELS))
        for entry in entries(
            training="regular",
            recipe=Regular(),
            datasets=datasets,
            architectures=architectures,
            saliency=ALL_METHODS,
        )
    ),
    *entries(
        training="regular",
        recipe=Regular(),
        datasets=GAUSSIAN_SERIES,
        architectures=tuple(SOUND.architectures.values()),
        saliency=ALL_METHODS,
    ),
]
