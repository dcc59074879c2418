"""Looks for what must never be: every invariant as a query that returns the offending rows."""

from db.audit.check import Check, Result
from db.audit.checks import CHECKS, run

__all__ = ["CHECKS", "Check", "Result", "run"]
