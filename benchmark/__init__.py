"""Put things together and run them: entries, suites, plans, and the commands as functions."""

from .commands import Results, plan, run, status, table
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
    "data_status",
    "fetch_data",
    "plan",
    "run",
    "status",
    "table",
]
