"""How often what was promised was kept: promised days of those who waited, and the cut-offs of fulfilments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

EVERYWHERE = "*"

# What a confidence means: so many of a million such days are to be kept.
MEANT: Mapping[str, int] = {"likely": 500_000, "promised": 800_000, "safe": 950_000}


class Kept(NamedTuple):
    """`judged` are those that are decided: what was promised has left, or its time is over. The rest is `open`."""

    node: str
    judged: int = 0
    kept: int = 0
    open: int = 0


# The day that was said first is measured, not the last: a day that is moved until it is right would always be kept.
# A part that was cancelled counts for nothing; units of a line have left when the last of them at the node has.
_PROMISES = text("""
    WITH first AS (
        SELECT DISTINCT ON (c.allocation_id) c.allocation_id, c.likely_on, c.after_on AS promised_on, c.safe_on
        FROM promise_changes c WHERE c.after_on IS NOT NULL AND c.at >= :since ORDER BY c.allocation_id, c.id
    ), made AS (
        SELECT DISTINCT ON (p.order_id, p.line_no, p.sku, p.node) p.order_id, p.line_no, p.sku, p.node, f.likely_on,
               f.promised_on, f.safe_on, n.time_zone
        FROM backorder_promises p JOIN first f ON f.allocation_id = p.allocation_id JOIN nodes n ON n.code = p.node
        WHERE p.made_at >= :since ORDER BY p.order_id, p.line_no, p.sku, p.node, p.made_at
    ), gone AS (
        SELECT m.order_id, m.line_no, m.sku, m.node,
               bool_or(a.state IN ('backordered', 'allocated', 'picked')) AS waits,
               max((u.shipped_at AT TIME ZONE m.time_zone)::date) AS left_on
        FROM made m
        JOIN allocations a ON (a.order_id, a.line_no, a.sku, a.node) = (m.order_id, m.line_no, m.sku, m.node)
        LEFT JOIN fulfilment_lines l ON l.allocation_id = a.id LEFT JOIN fulfilments u ON u.id = l.fulfilment_id
        WHERE a.state <> 'released' GROUP BY 1, 2, 3, 4
    ), said AS (
        SELECT m.node, d.confidence, (:now AT TIME ZONE m.time_zone)::date > d.day AS over,
               NOT g.waits AND g.left_on IS NOT NULL AS has_left, g.left_on <= d.day AS in_time
        FROM made m JOIN gone g ON (g.order_id, g.line_no, g.sku, g.node) = (m.order_id, m.line_no, m.sku, m.node)
        CROSS JOIN LATERAL (VALUES ('likely', m.likely_on), ('promised', m.promised_on), ('safe', m.safe_on))
            AS d (confidence, day)
        WHERE d.day IS NOT NULL
    )
    SELECT coalesce(node, '*') AS node, confidence, count(*) FILTER (WHERE has_left OR over) AS judged,
           count(*) FILTER (WHERE has_left AND in_time) AS kept,
           count(*) FILTER (WHERE NOT has_left AND NOT over) AS open
    FROM said GROUP BY GROUPING SETS ((node, confidence), (confidence))
""")
_CUT_OFFS = text("""
    SELECT coalesce(node, '*') AS node, count(*) FILTER (WHERE shipped_at IS NOT NULL OR due_at < :now) AS judged,
           count(*) FILTER (WHERE shipped_at <= due_at) AS kept,
           count(*) FILTER (WHERE shipped_at IS NULL AND due_at >= :now) AS open
    FROM fulfilments WHERE due_at >= :since AND status <> 'cancelled' GROUP BY GROUPING SETS ((node), ())
""")


def kept_promises(session: Session, *, since: datetime, now: datetime) -> dict[str, list[Kept]]:
    """By confidence, for each node and for all of them: promises of days that were made since then."""
    found: dict[str, list[Kept]] = {name: [] for name in MEANT}
    for row in session.execute(_PROMISES, {"since": since, "now": now}):
        found[row.confidence].append(Kept(row.node, row.judged, row.kept, row.open))
    return found


def kept_cut_offs(session: Session, *, since: datetime, now: datetime) -> list[Kept]:
    """For each node and for all of them: fulfilments that were to leave since then."""
    rows = session.execute(_CUT_OFFS, {"since": since, "now": now})
    return [Kept(row.node, row.judged, row.kept, row.open) for row in rows]
