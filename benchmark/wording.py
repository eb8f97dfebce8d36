"""Amounts in words."""

import re

_PLURAL = re.compile(r"s\b")


def duration(seconds: float) -> str:
    """Two digits or so, in the unit that people would choose.

    >>> [duration(seconds) for seconds in (0.4, 80, 1200, 12600)]
    ['0 s', '80 s', '20 min', '3.5 h']
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def counted(count: int, things: str) -> str:
    """A number and what it counts, given in the plural.

    >>> counted(1, "map sets of all data"), counted(2000, "trainings")
    ('1 map set of all data', '2,000 trainings')
    """
    return f"{count:,} {_PLURAL.sub('', things, count=1) if count == 1 else things}"
