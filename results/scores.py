"""Scores of single samples behind a record's value."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .errors import MissingArtifact
from .record import Record
from .store import Store

Scores = NDArray[np.float64]
ReadScores = Callable[[Record], Scores | None]


def scores_in(store: Store) -> ReadScores:
    """How to read them from a store.

    Args:
        store: where the records were committed; open for as long as scores are read.

    Returns:
        From a record to its scores, shape (N,) with NaN where undefined; None where it has none, as a ratio of means,
        or where the file is gone.
    """

    def read(record: Record) -> Scores | None:
        if not record.scores:
            return None
        try:
            tensors = store.get(record.scores)
        except MissingArtifact:
            return None
        found = tensors.get(record.metric)
        return None if found is None else found.double().numpy()

    return read


def stacked(scores: list[Scores | None]) -> Scores | None:
    """The scores of several maps on the same samples, shape (maps, N); None if one has none, or N differs or is 1."""
    known = [item for item in scores if item is not None and item.ndim == 1]
    sizes = {len(item) for item in known}
    if len(known) < len(scores) or len(sizes) != 1 or sizes <= {0, 1}:
        return None
    return np.stack(known)
