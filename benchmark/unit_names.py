"""What the features of a table and the words of a text are called, for those data sets that know."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from ..datasets.base import Dataset
from ..datasets.eraser import ERASER_ESNLI_TASK, ERASER_FEVER_TASK, ERASER_MOVIES_TASK, EraserTask


def unit_names(dataset: Dataset, data: Path) -> Sequence[str]:
    """Names in the order of the features, or of the word ids from 0 on; empty where a data set has none.

    Args:
        dataset: whose units.
        data: the folder that holds all data.
    """
    known = _NAMES.get(dataset.name)
    return known(data) if known else ()


@cache
def _nuclei(_data: Path) -> tuple[str, ...]:
    from sklearn.datasets import load_breast_cancer  # slow to import

    return tuple(map(str, load_breast_cancer().feature_names))


@cache
def _flowers_and_nuclei(data: Path) -> tuple[str, ...]:
    from sklearn.datasets import load_iris  # slow to import

    return (*map(str, load_iris().feature_names), *_nuclei(data))


@cache
def _movie_words(data: Path) -> tuple[str, ...]:
    from ..datasets.movie_sentences import movie_vocabulary
    from ..datasets.vocabulary import RESERVED

    return (*RESERVED, *movie_vocabulary(data).words)


@cache
def _documents(task: EraserTask, data: Path) -> tuple[str, ...]:
    from ..datasets.eraser import eraser_vocabulary
    from ..datasets.files.fetch import fetch
    from ..datasets.vocabulary import RESERVED

    return (*RESERVED, *eraser_vocabulary(fetch(task.source, data)).words)


_NAMES: Mapping[str, Callable[[Path], tuple[str, ...]]] = MappingProxyType(
    {
        "breast_cancer": _nuclei,
        "iris_cancer_0": _flowers_and_nuclei,
        "movie_sentences": _movie_words,
        "planted_sentences": _movie_words,
        "eraser_movies": partial(_documents, ERASER_MOVIES_TASK),
        "eraser_fever": partial(_documents, ERASER_FEVER_TASK),
        "eraser_esnli": partial(_documents, ERASER_ESNLI_TASK),
    }
)
