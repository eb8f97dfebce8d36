"""Put things together and run them: entries, suites, plans, and the commands as functions."""

from .commands import Results, plan, run, status, table
from .entry import Entry
from .listing import catalog
from .planning import Plan
from .request import Request
from .suite import Suite

__all__ = ["Entry", "Plan", "Request", "Results", "Suite", "catalog", "plan", "run", "status", "table"]
