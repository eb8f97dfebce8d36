"""Looking things up by name, with the nearest name where there is none."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


def find(name: str, things: Mapping[str, T], *, kind: str) -> T:
    """The thing of that name.

    Args:
        name: what was asked for.
        things: all there are, by name.
        kind: what they are, for the message: "suite", "dataset", ….

    Raises:
        KeyError: no such name; the message gives the nearest one and where to see all.

    >>> find("quik", {"quick": 1, "mnist": 2}, kind="suite")
    Traceback (most recent call last):
    KeyError: "no suite 'quik'; did you mean 'quick'? There are: mnist, quick"
    """
    if name in things:
        return things[name]
    near = get_close_matches(name, things, n=1, cutoff=0.5)
    guess = f"did you mean {near[0]!r}? " if near else ""
    raise KeyError(f"no {kind} {name!r}; {guess}There are: {', '.join(sorted(things))}")
