"""Data sets: declarations that load aligned samples, and the fetching of original files."""

from .annotated_images import annotated_images
from .annotated_table import annotated_table, frame_samples
from .annotations import annotate, annotated
from .archive_series import (
    ARCHIVE_SERIES,
    ARROW_HEAD,
    BASIC_MOTIONS,
    GUN_POINT,
    ITALY_POWER_DEMAND,
    JAPANESE_VOWELS,
)
from .base import Budget, Counterfactual, Counts, Dataset, Modality, Samples, Split
from .bird import BIRD
from .breast_cancer import BREAST_CANCER
from .cifar10 import CIFAR10
from .decoy import DECOY_IMAGES, Shade, decoy, plain
from .digits import DIGITS
from .eraser import ERASER_ESNLI, ERASER_FEVER, ERASER_MOVIES
from .files.fetch import data_root
from .files.source import FetchError, OriginalFile, Package, Source
from .files.verify import FileStatus, State, status
from .imagenet import IMAGENET
from .iris_cancer import IRIS_CANCER, iris_cancer
from .layouts import LAYOUTS, Layout
from .mnist import FASHION_MNIST, FASHION_MNIST_UNIT, MNIST, MNIST_UNIT
from .mnist_series import MNIST_SERIES
from .movie_sentences import MOVIE_SENTENCES, PLANTED_SENTENCES
from .newsgroups import NEWSGROUPS, NEWSGROUPS_WORDS
from .pcam import PCAM
from .series import (
    GAUSSIAN_SERIES,
    MIDDLE,
    MOVING_MIDDLE,
    MOVING_RARE_FEATURE,
    MOVING_RARE_TIME,
    MOVING_SMALL_MIDDLE,
    POSITIONAL_FEATURE,
    POSITIONAL_TIME,
    PROCESS_SERIES,
    RARE_FEATURE,
    RARE_TIME,
    SMALL_MIDDLE,
    UNSCALED_SERIES,
)
from .signals import PROCESSES
from .toy_colors import ANNOTATED_TOY_COLORS, TOY_COLORS, rule_pixels, toy_colors
from .vanishing import VANISHING, VANISHING_EARLIER, VANISHING_LATER, VANISHING_MIDDLE

DATASETS: tuple[Dataset, ...] = (
    DIGITS,
    BREAST_CANCER,
    *GAUSSIAN_SERIES,
    *PROCESS_SERIES,
    *UNSCALED_SERIES,
    *VANISHING,
    MNIST,
    FASHION_MNIST,
    MNIST_UNIT,
    FASHION_MNIST_UNIT,
    CIFAR10,
    BIRD,
    PCAM,
    IMAGENET,
    MNIST_SERIES,
    *ARCHIVE_SERIES,
    TOY_COLORS,
    *ANNOTATED_TOY_COLORS,
    IRIS_CANCER,
    *DECOY_IMAGES,
    NEWSGROUPS,
    NEWSGROUPS_WORDS,
    MOVIE_SENTENCES,
    PLANTED_SENTENCES,
    ERASER_MOVIES,
    ERASER_FEVER,
    ERASER_ESNLI,
)

__all__ = [
    "ANNOTATED_TOY_COLORS",
    "ARCHIVE_SERIES",
    "ARROW_HEAD",
    "BASIC_MOTIONS",
    "BIRD",
    "BREAST_CANCER",
    "CIFAR10",
    "DATASETS",
    "DECOY_IMAGES",
    "DIGITS",
    "ERASER_ESNLI",
    "ERASER_FEVER",
    "ERASER_MOVIES",
    "FASHION_MNIST",
    "FASHION_MNIST_UNIT",
    "GAUSSIAN_SERIES",
    "GUN_POINT",
    "IMAGENET",
    "IRIS_CANCER",
    "ITALY_POWER_DEMAND",
    "JAPANESE_VOWELS",
    "LAYOUTS",
    "MIDDLE",
    "MNIST",
    "MNIST_SERIES",
    "MNIST_UNIT",
    "MOVIE_SENTENCES",
    "MOVING_MIDDLE",
    "MOVING_RARE_FEATURE",
    "MOVING_RARE_TIME",
    "MOVING_SMALL_MIDDLE",
    "NEWSGROUPS",
    "NEWSGROUPS_WORDS",
    "PCAM",
    "PLANTED_SENTENCES",
    "POSITIONAL_FEATURE",
    "POSITIONAL_TIME",
    "PROCESSES",
    "PROCESS_SERIES",
    "RARE_FEATURE",
    "RARE_TIME",
    "SMALL_MIDDLE",
    "TOY_COLORS",
    "UNSCALED_SERIES",
    "VANISHING",
    "VANISHING_EARLIER",
    "VANISHING_LATER",
    "VANISHING_MIDDLE",
    "Budget",
    "Counterfactual",
    "Counts",
    "Dataset",
    "FetchError",
    "FileStatus",
    "Layout",
    "Modality",
    "OriginalFile",
    "Package",
    "Samples",
    "Shade",
    "Source",
    "Split",
    "State",
    "annotate",
    "annotated",
    "annotated_images",
    "annotated_table",
    "data_root",
    "decoy",
    "frame_samples",
    "iris_cancer",
    "plain",
    "rule_pixels",
    "status",
    "toy_colors",
]
