"""Saliency guided training, with the share of masked features that was published for each data set and architecture."""

from ...baselines.architectures import MLP, SGT_CNN, Architecture
from ...baselines.saliency import ALL_METHODS
from ...baselines.training import SaliencyGuided, SaliencyGuidedWords
from ...datasets import (
    BREAST_CANCER,
    DIGITS,
    ERASER_ESNLI,
    ERASER_FEVER,
    ERASER_MOVIES,
    FASHION_MNIST,
    GAUSSIAN_SERIES,
    MNIST,
    MOVIE_SENTENCES,
    PLANTED_SENTENCES,
    Dataset,
)
from ..entry import Entry, entries
from ..publications.series import SOUND, masked_fraction
from .regular import LONG_SERIES, PICTURES, TEXT_MODELS


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


def guided_words(masked_fraction: float, datasets: list[Dataset]) -> list[Entry]:
    """Entries on text with one share of masked words."""
    return entries(
        training="saliency_guided",
        recipe=SaliencyGuidedWords(masked_fraction=masked_fraction),
        datasets=datasets,
        architectures=TEXT_MODELS,
        saliency=ALL_METHODS,
    )


ENTRIES = [
    *guided(0.5, [DIGITS, MNIST, FASHION_MNIST], [MLP, SGT_CNN]),  # 50 % for images: ismail2021improving, table 3
    *(
        entry
        for datasets, architectures in PICTURES
        for entry in entries(
            training="saliency_guided",
            recipe=SaliencyGuided(masked_fraction=0.5, mask_range="channel"),  # colors, by the paper's supplement
            datasets=datasets,
            architectures=architectures,
            saliency=ALL_METHODS,
        )
    ),
    *(
        entry
        for datasets, architectures in LONG_SERIES
        for entry in guided(0.5, list(datasets), list(architectures))  # no share was published for these
    ),
    *guided_words(0.6, [MOVIE_SENTENCES, PLANTED_SENTENCES, ERASER_MOVIES]),  # the same paper, table 5
    *guided_words(0.8, [ERASER_FEVER]),
    *guided_words(0.7, [ERASER_ESNLI]),
    *guided(0.5, [BREAST_CANCER], [MLP]),
    *(
        entry
        for dataset in GAUSSIAN_SERIES
        for name, architecture in SOUND.architectures.items()
        for entry in guided(masked_fraction(dataset.name, name), [dataset], [architecture])  # tables 8 to 11
    ),
]
