"""How many units a share is."""

from .protocol import Protocol


def removal_count(units: int, percent: int) -> int:
    """How many of `units` make `percent` %, rounded up; at least one is removed and, of two or more, one is kept.

    Of no units, none are removed.
    """
    return min(units, max(1, min(-(-units * percent // 100), units - 1)))


def removal_counts(units: int, protocol: Protocol) -> list[int]:
    """How many of `units` are removed at each step of a protocol, most relevant first and then least relevant first."""
    if protocol.rounds_kept_up:
        least = [units - -(-units * (100 - percent) // 100) for percent in protocol.least]
    else:
        least = [removal_count(units, percent) for percent in protocol.least]
    return [removal_count(units, percent) for percent in protocol.most] + least
