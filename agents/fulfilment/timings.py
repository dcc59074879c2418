"""What the cut-off of a fulfilment is worked out from: nodes, carriers, promised days and days of release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from agents.fulfilment.due import Collects, House, Timing, Wanted, timing
from db.orders import Order
from db.session import Transaction
from db.stock import Allocation
from db.waves import ReleaseMode
from db.wire import Statement
from ml.promising.workdays import Workdays

Place = tuple[UUID, str]
"""(order, node)"""

_HOUSES = """
    SELECT n.code, n.open_weekdays, n.closed_dates, n.cut_off, n.time_zone, p.mode, p.minutes_before
    FROM nodes n LEFT JOIN release_policies p ON p.node = n.code WHERE n.code = ANY(%(nodes)s::text[])
"""
_SERVICES = """
    SELECT node, carrier, service, cut_off, minutes_before, channel, tag, country FROM carrier_cut_offs
    WHERE active AND node = ANY(%(nodes)s::text[]) ORDER BY node, rank, code
"""
# A part of a waiting row that was filled is a row of its own and was touched after the day was promised.
_PROMISED = """
    SELECT a.order_id, a.node, max(coalesce(p.told_on, p.promised_on))
    FROM allocations a JOIN backorder_promises p ON p.order_id = a.order_id AND (p.allocation_id = a.id
      OR (p.line_no, p.sku, p.node) = (a.line_no, a.sku, a.node) AND a.updated_at > p.made_at)
    WHERE a.id = ANY(%(ids)s::uuid[]) GROUP BY 1, 2
"""
_RELEASES = "SELECT sku, release_on FROM variants WHERE release_on IS NOT NULL AND sku = ANY(%(skus)s::text[])"


def houses(tx: Transaction, nodes: Collection[str]) -> dict[str, House]:
    asked = {"nodes": sorted(set(nodes))}
    return _houses(*tx.ask_together(Statement(_HOUSES, asked), Statement(_SERVICES, asked)))


def _houses(rows: Sequence[tuple], services: Sequence[tuple]) -> dict[str, House]:  # type: ignore[type-arg]
    fetch: dict[str, list[Collects]] = defaultdict(list)
    for node, *told in services:
        fetch[node].append(Collects(*told))
    return {
        code: House(
            Workdays.of(weekdays, closed, cut_off, zone), mode or ReleaseMode.streaming, before or 0, fetch[code]
        )
        for code, weekdays, closed, cut_off, zone, mode, before in rows
    }


def timings(
    tx: Transaction, orders: Mapping[UUID, Order], parcels: Mapping[Place, Sequence[Allocation]]
) -> dict[Place, Timing]:
    """By which cut-off each part of an order is to leave, in one round trip for any number of them."""
    if not parcels:
        return {}
    rows = [row for theirs in parcels.values() for row in theirs]
    nodes = {"nodes": sorted({node for _, node in parcels})}
    at, services, promised, releases = tx.ask_together(
        Statement(_HOUSES, nodes),
        Statement(_SERVICES, nodes),
        Statement(_PROMISED, {"ids": [row.id for row in rows]}),
        Statement(_RELEASES, {"skus": sorted({row.sku for row in rows})}),
    )
    known = _houses(at, services)
    days: dict[Place, date | None] = {(order_id, node): day for order_id, node, day in promised}
    may_leave: dict[str, date] = dict(releases)
    found = {}
    for place, theirs in parcels.items():
        order = orders[place[0]]
        named = [d for d in (days.get(place), *(may_leave.get(row.sku) for row in theirs)) if d is not None]
        wanted = Wanted(
            order.placed_at or order.created_at,
            order.channel,
            order.tags,
            str(order.shipping_address.get("country") or ""),
            max(named, default=None),
        )
        found[place] = timing(known[place[1]], wanted, now=tx.now)
    return found
