"""Put things together and run them: entries, suites, plans, and the commands as functions."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..baselines.training import find_another_explanation
    from .commands import plan, run, status, table
    from .entry import Entry
    from .files import data_status, fetch_data
    from .pairwise import compare
    from .plan_results import Results
    from .planning import Plan
    from .reports.listing import catalog
    from .request import Request
    from .suite import Suite

__all__ = [
    "Entry",
    "Plan",
    "Request",
    "Results",
    "Suite",
    "catalog",
    "compare",
    "data_status",
    "fetch_data",
    "find_another_explanation",
    "plan",
    "run",
    "status",
    "table",
]

_PLACES = {
    "Entry": ".entry",
    "Plan": ".planning",
    "Request": ".request",
    "Suite": ".suite",
    "catalog": ".reports.listing",
    "compare": ".pairwise",
    "data_status": ".files",
    "fetch_data": ".files",
    "find_another_explanation": "..baselines.training",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: the command line's help then need not wait for torch."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES.get(name, ".commands"), __name__), name)
