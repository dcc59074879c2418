"""What was asked for of each SKU at each node, day by day. The one place that knows where demand is read from.

Units count on the day on which their order was placed, at the node that was to send them, whether or not they were
there; what was cancelled does not count. Orders of before the company's books began name no node: theirs is the demand
of the node that is asked first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.orm import Session

Place = tuple[str, str]
"""(sku, node)"""

HISTORY_DAYS = 546  # a year and a half: long enough to know the same season of last year

_ASKED_FOR = text("""
    SELECT a.sku, a.node, (o.placed_at AT TIME ZONE 'UTC')::date AS day, sum(a.quantity) AS units
    FROM allocations a JOIN orders o ON o.id = a.order_id
    WHERE a.state <> 'released' AND o.placed_at >= :since AND o.placed_at < :until
      AND (CAST(:skus AS text[]) IS NULL OR a.sku = ANY(CAST(:skus AS text[])))
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT l.sku, (SELECT code FROM nodes ORDER BY rank, code LIMIT 1), (o.placed_at AT TIME ZONE 'UTC')::date,
           sum(l.quantity - l.cancelled)
    FROM order_lines l JOIN orders o ON o.id = l.order_id
    WHERE l.components IS NULL AND l.shipped > 0 AND o.placed_at >= :since AND o.placed_at < :until
      AND (CAST(:skus AS text[]) IS NULL OR l.sku = ANY(CAST(:skus AS text[])))
      AND NOT EXISTS (SELECT 1 FROM allocations a WHERE a.order_id = o.id)
    GROUP BY 1, 2, 3
""")

_FREE = text("""
    SELECT sku, node, (at AT TIME ZONE 'UTC')::date AS day,
           sum(CASE WHEN status = 'sellable' THEN on_hand ELSE 0 END - allocated) AS units
    FROM stock_ledger
    WHERE at >= :since AND (CAST(:skus AS text[]) IS NULL OR sku = ANY(CAST(:skus AS text[]))) GROUP BY 1, 2, 3
""")

_FIRST_STOCK = text("""
    SELECT sku, node, min((at AT TIME ZONE 'UTC')::date) AS day FROM stock_ledger
    WHERE CAST(:skus AS text[]) IS NULL OR sku = ANY(CAST(:skus AS text[])) GROUP BY 1, 2
""")


@dataclass(frozen=True)
class Past:
    """Units asked for a day, (places, days), oldest first; NaN before the SKU was kept there."""

    sold: NDArray[np.float64]
    censored: NDArray[np.bool_]  # nothing was free for a part of the day: demand was at least what was sold


def read_past(
    session: Session, places: Sequence[Place], free: Mapping[Place, int], today: date, *, days: int = HISTORY_DAYS,
    skus: Sequence[str] | None = None,
) -> Past:  # fmt: skip
    """Whole days up to yesterday. `free` is what nobody has a claim on now; `skus` reads of no others."""
    since = today - timedelta(days=days)
    of = {"since": since, "until": today, "skus": None if skus is None else list(skus)}
    row = {place: n for n, place in enumerate(places)}
    sold = np.zeros((len(places), days))
    first = np.full(len(places), days)
    for sku, node, day, units in session.execute(_ASKED_FOR, of):
        if (n := row.get((sku, node))) is not None:
            sold[n, at := (day - since).days] += float(units)
            first[n] = min(first[n], at)
    kept_since = np.full(len(places), days)
    for sku, node, day in session.execute(_FIRST_STOCK, of):
        if (n := row.get((sku, node))) is not None:
            kept_since[n] = max(0, min(days, (day - since).days))
    change = np.zeros((len(row), days + 2))  # today and anything later in the last columns
    for sku, node, day, units in session.execute(_FREE, of):
        if (n := row.get((sku, node))) is not None:
            change[n, min((day - since).days, days + 1)] += float(units)
    before = np.arange(days)[None, :]
    now = np.array([free.get(place, 0) for place in places], float)
    censored = _ended_without(change, now) & (before >= kept_since[:, None])
    sold[before < np.minimum(first, kept_since)[:, None]] = np.nan
    return Past(sold, censored)


def _ended_without(change: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Days that ended with nothing free, from what is free now and the changes of each day backwards."""
    after = change[:, ::-1].cumsum(axis=1)[:, ::-1]  # of this day and those after it
    return np.asarray(now[:, None] - after[:, 1:-1] <= 0)
