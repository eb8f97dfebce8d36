"""Data sets: declarations that load aligned samples, and the fetching of original files."""

from .base import Budget, Dataset, Modality, Samples, Split
from .breast_cancer import BREAST_CANCER
from .digits import DIGITS
from .fetch import data_root
from .layouts import LAYOUTS, Layout
from .mnist import FASHION_MNIST, MNIST
from .series import MIDDLE, RARE_FEATURE
from .source import FetchError, OriginalFile, Package, Source
from .verify import FileStatus, State, status

DATASETS: tuple[Dataset, ...] = (DIGITS, BREAST_CANCER, MIDDLE, RARE_FEATURE, MNIST, FASHION_MNIST)

__all__ = [
    "BREAST_CANCER",
    "DATASETS",
    "DIGITS",
    "FASHION_MNIST",
    "LAYOUTS",
    "MIDDLE",
    "MNIST",
    "RARE_FEATURE",
    "Budget",
    "Dataset",
    "FetchError",
    "FileStatus",
    "Layout",
    "Modality",
    "OriginalFile",
    "Package",
    "Samples",
    "Source",
    "Split",
    "State",
    "data_root",
    "status",
]
