"""Data as scripts: a page that was opened from disk may not fetch a file, but it may load a script."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_DIGITS = 6  # significant; tables print three, and a megabyte is saved
# Text that would end a script element, begin a comment in it, or end a line of an older script engine.
_ESCAPED = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026", "\u2028": r"\u2028", "\u2029": r"\u2029"}


def as_script(name: str, payload: Mapping[str, Any]) -> str:
    """A script that hands data to the page, harmless whatever the data say, even inside of HTML.

    Args:
        name: under which the page waits for it.
        payload: what JSON can hold; numbers that it lacks, such as NaN, must be None.

    Raises:
        ValueError: a number that JSON lacks.
    """
    return f"salbench.receive({_json(name)}, {_json(payload)});\n"


def numbers(values: NDArray[Any]) -> list[float | int | None]:
    """Numbers for JSON, rounded to six significant digits; None for NaN and infinity."""
    if values.dtype.kind in "biu":
        return [int(value) for value in values.tolist()]
    return [number(value) for value in values.tolist()]


def number(value: float | None) -> float | int | None:
    """One number for JSON, a whole one without its point."""
    if value is None or not np.isfinite(value):
        return None
    rounded = float(f"{value:.{_DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in _ESCAPED.items():
        if character in text:
            text = text.replace(character, escape)
    return text
