"""Put things together and run them: entries, suites, plans, and the commands as functions."""

from ..baselines.training import find_another_explanation
from .commands import Results, plan, run, status, table
from .compare import compare
from .entry import Entry
from .files import data_status, fetch_data
from .listing import catalog
from .planning import Plan
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
