"""The texts of two of the 20 newsgroups, out of the original archive or out of a table of texts."""

import gzip
import re
import tarfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..base import Split

GROUPS = ("alt.atheism", "soc.religion.christian")
_LARGEST_POST = 1 << 20  # bytes


class Posts(NamedTuple):
    """Texts and classes of one split."""

    texts: list[str]
    targets: list[int]  # 0 for atheism, 1 for Christianity


def read_archive(archive: Path, split: Split) -> Posts:
    """Read the posts of both groups out of the original archive; nothing is unpacked to disk.

    Args:
        archive: 20news-bydate.tar.gz, or a file in its layout.
        split: which part to read.

    Returns:
        The posts with their headers, in the order of groups and then of their numbers.

    Raises:
        ValueError: a damaged archive, or one without posts of a group.
    """
    found: dict[tuple[int, int], str] = {}
    try:
        with tarfile.open(archive, mode="r|gz") as members:
            for member in members:
                parts = PurePosixPath(member.name).parts
                if len(parts) != 3 or parts[0] != f"20news-bydate-{split}" or parts[1] not in GROUPS:
                    continue
                if not member.isreg() or not re.fullmatch(r"\d{1,9}", parts[2]) or member.size > _LARGEST_POST:
                    continue
                stream = members.extractfile(member)
                assert stream is not None
                found[GROUPS.index(parts[1]), int(parts[2])] = stream.read().decode("latin-1")
    except (tarfile.TarError, gzip.BadGzipFile, EOFError) as error:
        raise ValueError(f"{archive} cannot be read: {error}") from error
    keys = sorted(found)
    for target, group in enumerate(GROUPS):
        if not any(key[0] == target for key in keys):
            raise ValueError(f"{archive} holds no posts of {group} for the {split} split")
    return Posts([found[key] for key in keys], [target for target, _ in keys])


def read_lines(path: Path) -> Posts:
    """Read the posts of both groups out of a table of one post a line: group, tab, text.

    Args:
        path: three lines of header come first; lines without a text are left out.

    Raises:
        ValueError: no posts of a group.
    """
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = [line.split("\t") for line in content.decode("utf-8").splitlines()[3:]]
    kept = [row for row in rows if len(row) == 2 and row[0] in GROUPS and row[1]]
    posts = Posts([text for _, text in kept], [GROUPS.index(group) for group, _ in kept])
    for target, group in enumerate(GROUPS):
        if target not in posts.targets:
            raise ValueError(f"{path} holds no posts of {group}")
    return posts
