"""Durations in words."""


def duration(seconds: float) -> str:
    """Two digits or so, in the unit that people would choose.

    >>> [duration(seconds) for seconds in (0.4, 80, 1200, 12600)]
    ['0 s', '80 s', '20 min', '3.5 h']
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"
