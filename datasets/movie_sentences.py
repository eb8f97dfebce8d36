"""Sentences of movie reviews that people rated, as two classes, and the same sentences with a planted word."""

import tarfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from .base import Budget, Counts, Dataset, Modality, Samples, Split
from .files.fetch import fetch
from .files.source import FetchError, OriginalFile, Package, Source
from .files.verify import locate
from .glove import GLOVE_FILES, word_table
from .randomness import uniform
from .splits import stratified_split
from .vocabulary import PADDING, UNKNOWN, Vocabulary
from .words import tokens

LENGTH = 64  # T
CLEAR_RATING = 1.0  # sentences whose mean rating lies nearer to zero than this are left out
TEST_FRACTION = 0.2
PLANTED_WORDS = (("otter", "cobalt", "clarinet", "turnip"), ("heron", "nickel", "violin", "canyon"))  # by class

MOVIE_SENTENCE_FILES = Source(
    folder="movie_sentences",
    files=(OriginalFile(name="hutto_ICWSM_2014.tar", size=6_404_608, md5="ffac6d6af3a88ed321a641195d00632e"),),
    packages=(
        Package(
            client="pip",
            name="vaderSentiment",
            version="0.5",
            folder="vaderSentiment-0.5/additional_resources",
            sha256="5d97c37f3ef6e24eef331122e055dbedafeb6a56abfce0608b326701116ea49a",
            sdist=True,
        ),
    ),
)
_RATED = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"


class Rated(NamedTuple):
    """Sentences as tokens, and what people thought of them."""

    texts: tuple[tuple[str, ...], ...]
    ratings: Tensor  # (N,), means in [-4, 4]


def rated_sentences(root: Path, *, source: Source = MOVIE_SENTENCE_FILES) -> Rated:
    """All sentences in the order of the file, each once, fetching the file if needed.

    Args:
        root: the folder that holds all data.
        source: the file, and where it comes from.

    Raises:
        FetchError: the file is not there and cannot be fetched.
    """
    return _rated(locate(source.files[0], fetch(source, root)))


@lru_cache(maxsize=1)
def _rated(path: Path) -> Rated:
    with tarfile.open(path) as archive:
        stream = archive.extractfile(_RATED)
        if stream is None:
            raise FetchError(f"{path} has no {_RATED}")
        rows = [line.split("\t") for line in stream.read().decode().splitlines() if line]
    ratings: dict[tuple[str, ...], float] = {}
    for _, rating, sentence in rows:
        ratings.setdefault(tuple(tokens(sentence)), float(rating))
    return Rated(tuple(ratings), torch.tensor(list(ratings.values())))


def load_movie_sentences(root: Path, split: Split, *, source: Source = MOVIE_SENTENCE_FILES) -> Samples:
    """Clearly rated sentences; class 0 is negative and 1 positive.

    Args:
        root: the folder that holds all data.
        split: 20 % of each class are for testing, chosen once and for all.
        source: the file, and where it comes from.

    Returns:
        Word ids of shape (N, 64). A sample's id is its place among the clear sentences. The fill is the unknown word,
        and padding where there is padding.

    Raises:
        FetchError: the file is not there and cannot be fetched.
    """
    texts, targets = _clear(root, source)
    ids = stratified_split(targets, split, test_fraction=TEST_FRACTION, seed=0)
    inputs = movie_vocabulary(root, source=source).encode([texts[place] for place in ids.tolist()], LENGTH)
    return _samples(inputs, targets[ids], ids)


def load_planted_sentences(root: Path, split: Split, *, source: Source = MOVIE_SENTENCE_FILES) -> Samples:
    """The same sentences with one planted word, which alone decides the class, and by which the class is known.

    A sample's class is the toss of a fair coin, its planted word one of the four of the class, and the place of this
    word any; all three depend on the sample's id alone. No other sentence has one of these words.

    Args:
        root: the folder that holds all data.
        split: the same sentences as those of `load_movie_sentences`.
        source: the file, and where it comes from.

    Returns:
        As `load_movie_sentences`, with masks: the planted word.
    """
    texts, rated = _clear(root, source)
    ids = stratified_split(rated, split, test_fraction=TEST_FRACTION, seed=0)
    draws = uniform(ids, (3,), seed=0, purpose="planted word").double()
    targets = (draws[:, 0] < 0.5).long()
    planted, places = [], []
    for place, target, (_, which, where) in zip(ids.tolist(), targets.tolist(), draws.tolist(), strict=True):
        text = list(texts[place][: LENGTH - 1])
        words = PLANTED_WORDS[target]
        places.append(int(where * (len(text) + 1)))
        text.insert(places[-1], words[int(which * len(words))])
        planted.append(text)
    samples = _samples(movie_vocabulary(root, source=source).encode(planted, LENGTH), targets, ids)
    masks = torch.arange(LENGTH) == torch.tensor(places).unsqueeze(1)
    return Samples(
        inputs=samples.inputs, targets=targets, ids=ids, fill=samples.fill, removable=samples.removable, masks=masks
    )


def movie_vocabulary(root: Path, *, source: Source = MOVIE_SENTENCE_FILES) -> Vocabulary:
    """All words of the clear sentences, and the planted ones."""
    return _vocabulary(_clear(root, source)[0])


def movie_vectors(root: Path) -> Tensor:
    """Their GloVe vectors of 50 dimensions, shape (V, 50); see `salbench.datasets.glove.word_table`."""
    return word_table(root, movie_vocabulary(root))


def _clear(root: Path, source: Source) -> tuple[tuple[tuple[str, ...], ...], Tensor]:
    texts, ratings = rated_sentences(root, source=source)
    clear = ratings.abs() >= CLEAR_RATING
    return tuple(text for text, kept in zip(texts, clear.tolist(), strict=True) if kept), (ratings[clear] > 0).long()


@lru_cache(maxsize=2)
def _vocabulary(texts: tuple[tuple[str, ...], ...]) -> Vocabulary:
    return Vocabulary.of([*texts, *PLANTED_WORDS])


def _samples(inputs: Tensor, targets: Tensor, ids: Tensor) -> Samples:
    removable = inputs != PADDING
    return Samples(inputs=inputs, targets=targets, ids=ids, fill=removable.long() * UNKNOWN, removable=removable)


MOVIE_SENTENCES = Dataset(
    name="movie_sentences",
    version=1,
    modality=Modality.TEXT,
    shape=(LENGTH,),
    classes=2,
    load=load_movie_sentences,
    fill="the unknown word",
    evidence=False,
    budget=Budget(epochs=5, batch_size=64),
    description="9,000 sentences of movie reviews with a mean human rating of at least 1 in size, negative or positive",
    reference="hutto2014vader",
    counts=Counts(7337, 1834),
    source=MOVIE_SENTENCE_FILES,
    vectors=movie_vectors,
    vector_source=GLOVE_FILES,
)

PLANTED_SENTENCES = Dataset(
    name="planted_sentences",
    version=1,
    modality=Modality.TEXT,
    shape=(LENGTH,),
    classes=2,
    load=load_planted_sentences,
    fill="the unknown word",
    evidence=True,
    budget=Budget(epochs=2, batch_size=64),
    description="the same sentences, each with one planted word of one of two lists that alone decides its class",
    reference="hutto2014vader",
    counts=Counts(7337, 1834),
    source=MOVIE_SENTENCE_FILES,
    vectors=movie_vectors,
    vector_source=GLOVE_FILES,
)
