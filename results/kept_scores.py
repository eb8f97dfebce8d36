"""Scores of single samples, each read once for all that is worked out from them, with nothing in the store changed."""

import hashlib
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load

from .artifacts import Artifacts
from .record import Record
from .scores import ReadScores, Scores

LARGEST = 32_000_000  # numbers that are kept, 256 MB; what is beyond is read again


def kept_scores(store: Path | None, *, largest: int = LARGEST) -> ReadScores:
    """How to read them from the folder of a store, which need not be open.

    Args:
        store: where the records were committed; None has no scores.
        largest: how many numbers are kept from the first time they are asked for.

    Returns:
        From a record to its scores, shape (N,) with NaN where undefined; None where it has none, as a ratio of means,
        and where the file is gone or damaged, which stays as it is.
    """
    artifacts = None if store is None else Artifacts(store / "artifacts")
    known: dict[tuple[str, str], Scores | None] = {}
    room = largest

    def read(record: Record) -> Scores | None:
        nonlocal room
        if artifacts is None or not record.scores:
            return None
        place = (record.scores, record.metric)
        if place not in known:
            found = _read(artifacts, record)
            size = 0 if found is None else found.size
            if size > room:
                return found
            known[place] = found
            room -= size
        return known[place]

    return read


def _read(artifacts: Artifacts, record: Record) -> Scores | None:
    try:
        content = artifacts.path(record.scores).read_bytes()
        if hashlib.sha256(content).hexdigest() != record.scores:
            return None
        found = load(content).get(record.metric)
    except (OSError, ValueError, KeyError, SafetensorError):
        return None
    return None if found is None else found.double().numpy()
