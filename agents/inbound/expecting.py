"""When announced goods come, and what that rests on. Pure functions: no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from db.advance_notices import ExpectedFrom

LEAST = 3  # deliveries from which anything is learned
HALF, NEARLY_ALL = 0.5, 0.9

Seen = Sequence[tuple[str, float]]
"""(node, days) of each delivery of a supplier."""


@dataclass(frozen=True)
class Learned:
    rests_on: ExpectedFrom
    why: str
    observations: int = 0


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Half of the like have come by `at`, nine of ten by `late_at`."""

    at: datetime
    late_at: datetime
    rests_on: ExpectedFrom
    why: str
    observations: int = 0


def expect(
    *,
    said_at: datetime | None,
    first_said_at: datetime | None = None,
    since: datetime,
    now: datetime,
    node: str,
    late: Seen,
    took: Seen,
    lead_days: int,
) -> Expected:
    """What to reckon with for goods of orders sent at `since`; never before `now`, as they have not come yet.

    `late` are days by which deliveries came after the date said of them first (early is below zero), `took` those from
    the sending of orders to their last unit, `lead_days` the supplier's quoted ones. Who says another date than
    `first_said_at` is late against that, too; but not before what it says now when that is later.
    """
    if said_at is not None:
        first = min(first_said_at or said_at, said_at)
        found, where = _at(node, late)
        if not found:
            known = f"{len(late)} of its deliveries" if late else "none of its deliveries"
            why = f"as the supplier says; {known} tell how late it comes"
            return _from(said_at, now, (0, 0), Learned(ExpectedFrom.said, why))
        half, most = quantile(found, HALF), quantile(found, NEARLY_ALL)
        why = f"of {len(found)} deliveries {where} half came {_days(half)} and nine of ten {_days(most)}"
        learned = Learned(ExpectedFrom.record, why, len(found))
        if first == said_at:
            return _from(said_at, now, (half, most), learned)
        why = f"{why}; it said {first:%Y-%m-%d} first and says {said_at:%Y-%m-%d} now"
        moved = (said_at - first) / timedelta(days=1)
        return _from(said_at, now, (max(0, half - moved), max(0, most - moved)), replace(learned, why=why))
    found, where = _at(node, took)
    if found:
        half, most = quantile(found, HALF), quantile(found, NEARLY_ALL)
        why = f"of {len(found)} orders {where} half took at most {half:.1f} days from sending, nine of ten {most:.1f}"
        return _from(since, now, (half, most), Learned(ExpectedFrom.lead_times, why, len(found)))
    why = f"the supplier quotes {lead_days} days from the sending of an order, and too few have come to learn from"
    return _from(since, now, (lead_days, lead_days), Learned(ExpectedFrom.terms, why))


def quantile(days: Sequence[float], share: float) -> float:
    """The smallest of the days within which that share of deliveries came: one that was seen, not one between two."""
    return sorted(days)[max(0, ceil(share * len(days)) - 1)]


def _at(node: str, seen: Seen) -> tuple[list[float], str]:
    """Those at the node, or else at every node; none where both are too few."""
    here = [days for at, days in seen if at == node]
    if len(here) >= LEAST:
        return here, f"to {node}"
    return ([days for _, days in seen], "to all nodes") if len(seen) >= LEAST else ([], "")


def _from(base: datetime, now: datetime, days: tuple[float, float], learned: Learned) -> Expected:
    at, late_at = (base + timedelta(days=n) for n in days)
    why = learned.why if at >= now else f"{learned.why}; that is over, so it may come any time"
    return Expected(
        at=max(at, now),
        late_at=max(at, late_at, now),
        rests_on=learned.rests_on,
        why=why,
        observations=learned.observations,
    )


def _days(days: float) -> str:
    if abs(days) < 0.05:
        return "on the day said"
    return f"{abs(days):.1f} days {'after' if days > 0 else 'before'} it at the latest"
