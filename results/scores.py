"""Scores of single samples behind a record's value."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .record import Record

Scores = NDArray[np.float64]
ReadScores = Callable[[Record], Scores | None]  # None: a record without any, as a ratio of means, or they are gone


def stacked(scores: list[Scores | None]) -> Scores | None:
    """The scores of several maps on the same samples, shape (maps, N); None if one has none, or N differs or is 1."""
    known = [item for item in scores if item is not None and item.ndim == 1]
    sizes = {len(item) for item in known}
    if len(known) < len(scores) or len(sizes) != 1 or sizes <= {0, 1}:
        return None
    return np.stack(known)
