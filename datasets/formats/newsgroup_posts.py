"""The texts of two of the 20 newsgroups, out of the original archive or out of a table of texts."""

import gzip
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from ..base import Split

GROUPS = ("alt.atheism", "soc.religion.christian")
_LARGEST_POST = 1 << 20  # bytes


class Posts(NamedTuple):
    """Texts and classes of one split."""

    texts: list[str]
    targets: list[int]  # 0 for atheism, 1 for Christianity
    places: list[int]  # among the posts of both groups before they are shuffled


def read_archive(archive: Path, split: Split) -> Posts:
    """Read the posts of both groups out of the original archive; nothing is unpacked to disk.

    Args:
        archive: 20news-bydate.tar.gz, or a file in its layout.
        split: which part to read.

    Returns:
        The posts with their headers, in the order of `shuffled`; their places are by group and name.

    Raises:
        ValueError: a damaged archive, or one without posts of a group.
    """
    found: dict[tuple[str, str], str] = {}
    try:
        with tarfile.open(archive, mode="r|gz") as members:
            for member in members:
                parts = PurePosixPath(member.name).parts
                if len(parts) != 3 or parts[0] != f"20news-bydate-{split}":
                    continue
                if not member.isreg() or not re.fullmatch(r"\d{1,9}", parts[2]) or member.size > _LARGEST_POST:
                    continue
                stream = members.extractfile(member)
                assert stream is not None
                found[parts[1], parts[2]] = stream.read().decode("latin-1") if parts[1] in GROUPS else ""
    except (tarfile.TarError, gzip.BadGzipFile, EOFError) as error:
        raise ValueError(f"{archive} cannot be read: {error}") from error
    return _posts([(key[0], found[key]) for key in sorted(found)], f"the {split} split of {archive}")


def read_lines(path: Path) -> Posts:
    """Read the posts of both groups out of a table of one post a line: group, tab, text.

    Args:
        path: three lines of header come first; lines without a text are left out.

    Returns:
        The posts in the order of `shuffled`; their places are by line.

    Raises:
        ValueError: no posts of a group.
    """
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [line.split("\t") for line in content.decode("utf-8").splitlines()[3:]]
    return _posts([(row[0], row[1]) for row in rows if len(row) == 2 and row[1]], str(path))


def shuffled(groups: Sequence[str]) -> list[int]:
    """The posts of both groups in the order of scikit-learn's `fetch_20newsgroups` by its defaults.

    Args:
        groups: of all posts of a split, those of other groups too, sorted by group and name.

    Returns:
        Places among the posts of both groups.

    Source:
        scikit-learn, which shuffles all posts with seed 0 when it reads the archive, and those of the groups that are
        asked for with seed 42.
    """
    ours = np.flatnonzero(np.isin(groups, GROUPS))
    posts = np.random.RandomState(0).permutation(len(groups))
    posts = posts[np.isin(posts, ours)]
    order: list[int] = np.searchsorted(ours, posts[np.random.RandomState(42).permutation(len(posts))]).tolist()
    return order


def _posts(rows: Sequence[tuple[str, str]], origin: str) -> Posts:
    """Both groups' posts out of those of all groups, each a group and a text, in the order of `shuffled`."""
    kept = [row for row in rows if row[0] in GROUPS]
    for wanted in GROUPS:
        if not any(group == wanted for group, _ in kept):
            raise ValueError(f"{origin} must hold posts of {wanted}, got none; put the original in its place")
    places = shuffled([group for group, _ in rows])
    return Posts([kept[place][1] for place in places], [GROUPS.index(kept[place][0]) for place in places], places)
