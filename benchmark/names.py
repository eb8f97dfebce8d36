"""Looking things up by name, with the nearest name where there is none."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")

_ALL = 25  # names in a message; of more the nearest are shown
_NEAREST = 5

LISTED = {  # what `salbench list` can describe
    "suite": "suites",
    "dataset": "datasets",
    "architecture": "architectures",
    "training": "training",
    "saliency": "saliency",
    "metric": "metrics",
}


def find(name: str, things: Mapping[str, T], *, kind: str) -> T:
    """The thing of that name.

    Args:
        name: what was asked for.
        things: all there are, by name.
        kind: what they are, for the message: "suite", "dataset", ….

    Raises:
        KeyError: no such name; the message gives the nearest one, others, and the command that describes them.

    >>> find("quik", {"quick": 1, "mnist": 2}, kind="suite")
    Traceback (most recent call last):
    KeyError: "no suite 'quik'; did you mean 'quick'? There are: mnist, quick; see `salbench list suites`"
    """
    if name in things:
        return things[name]
    near = get_close_matches(name, things, n=_NEAREST, cutoff=0.5)
    guess = f"; did you mean {near[0]!r}?" if near else "."
    shown = sorted(things) if len(things) <= _ALL else near or sorted(things)[:_NEAREST]
    there_are = "There are" if len(shown) == len(things) else f"There are {len(things)}, such as"
    described = f"; see `salbench list {LISTED[kind]}`" if kind in LISTED else ""
    raise KeyError(f"no {kind} {name!r}{guess} {there_are}: {', '.join(shown)}{described}")
