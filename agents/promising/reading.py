"""What lies at the nodes, what is owed and what is on its way: a statement for each kind, whatever is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from db.advance_notices import days_late, days_taken
from db.ledger import Place
from db.promising import Buffer, buffers_from, question_of_buffers
from db.session import Transaction
from db.wire import Statement
from ml.promising.arrivals import Days, days_between, days_of_trip, days_to_come
from ml.promising.available import Supply
from ml.promising.workdays import Workdays

DAY = 86400.0
USUAL_TRIP = 3.0  # days that a transfer is reckoned with before any between the two nodes was seen

_GOODS = """
    SELECT v.sku, v.backorder_limit, v.release_on,
      CASE WHEN 'draft' IN (v.status, p.status) THEN 'draft'
           WHEN 'discontinued' IN (v.status, p.status) THEN 'discontinued' ELSE 'active' END,
      (SELECT jsonb_agg(jsonb_build_array(k.sku, k.quantity) ORDER BY k.sku) FROM kit_components k
       WHERE k.kit_sku = v.sku)
    FROM variants v JOIN products p ON p.id = v.product_id
    WHERE v.sku IN (SELECT unnest(%(skus)s::text[])
                    UNION SELECT k.sku FROM kit_components k WHERE k.kit_sku = ANY(%(skus)s::text[]))
"""
_NODES = "SELECT code, rank, ships, open_weekdays, closed_dates, cut_off, time_zone FROM nodes ORDER BY rank, code"
_LEVELS = """
    SELECT l.sku, l.node, l.sellable, l.allocated, l.held, l.backordered FROM stock_levels l
    WHERE l.sku = ANY(%(skus)s::text[])
"""
_ANNOUNCED = """
    SELECT l.sku, n.node, n.number, l.units - l.received, n.status, n.expected_at, n.expected_late_at
    FROM advance_notices n JOIN advance_notice_lines l ON l.notice_id = n.id
    WHERE n.status IN ('announced', 'in_transit', 'arrived', 'receiving') AND l.units > l.received
      AND l.sku = ANY(%(skus)s::text[])
"""
_ORDERED = """
    SELECT n.sku, o.node, o.number, n.line_no, n.ordered - n.received - n.closed_short - coalesce(a.units, 0),
      o.supplier, coalesce(o.sent_at, %(now)s), coalesce(n.expected_at, o.expected_at),
      coalesce(i.lead_days, s.lead_days)
    FROM purchase_lines n JOIN purchase_orders o ON o.id = n.purchase_id JOIN suppliers s ON s.code = o.supplier
    LEFT JOIN supplier_items i ON i.supplier = o.supplier AND i.sku = n.sku
    LEFT JOIN LATERAL (
      SELECT sum(greatest(0, l.units - l.received)) AS units
      FROM advance_notice_lines l JOIN advance_notices w ON w.id = l.notice_id
      WHERE l.purchase_id = n.purchase_id AND l.purchase_line = n.line_no
        AND w.status IN ('announced', 'in_transit', 'arrived', 'receiving')) a ON true
    WHERE o.status IN ('approved', 'sent', 'confirmed', 'partly_received') AND n.sku = ANY(%(skus)s::text[])
      AND n.ordered > n.received + n.closed_short + coalesce(a.units, 0)
"""
_MOVING = """
    SELECT n.sku, t.to_node, t.from_node, n.quantity - n.received - n.lost,
      coalesce((SELECT max(h.at) FROM transitions h
                WHERE h.subject = 'transfer:' || t.id AND h.to_status = 'in_transit'), t.updated_at)
    FROM transfers t JOIN transfer_lines n ON n.transfer_id = t.id
    WHERE t.status = 'in_transit' AND n.sku = ANY(%(skus)s::text[]) AND n.quantity > n.received + n.lost
"""
_TRIPS = """
    SELECT t.from_node, t.to_node, extract(epoch FROM max(h.at) FILTER (WHERE h.to_status = 'received')
                                                    - max(h.at) FILTER (WHERE h.to_status = 'in_transit')) / 86400
    FROM transfers t JOIN transitions h ON h.subject = 'transfer:' || t.id
    WHERE t.status = 'received' AND t.updated_at >= %(since)s AND t.to_node = ANY(%(nodes)s::text[])
    GROUP BY t.id
"""


@dataclass(frozen=True)
class Goods:
    """`parts` of a kit are its components and how many of each go into one; else the SKU itself."""

    sku: str
    backorder_limit: int
    release_on: date | None
    status: str
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class House:
    code: str
    rank: int
    ships: bool
    work: Workdays
    ships_now: date  # the day on which leaves what lies there


@dataclass(frozen=True)
class Held:
    """A level: units that are sellable, that nobody has a claim on, and that are owed beyond stock."""

    sellable: int
    free: int
    waiting: int


EMPTY = Held(0, 0, 0)


@dataclass
class Facts:
    goods: dict[str, Goods]
    nodes: dict[str, House]
    levels: dict[Place, Held]
    supplies: dict[Place, list[Supply]]
    buffers: list[Buffer]


@dataclass
class Lateness:
    """What suppliers' deliveries have taught, kept for some minutes: it moves by the day."""

    seconds: float = 600.0
    _known: dict[str, tuple[datetime, list[tuple[str, float]], list[tuple[str, float]]]] = field(default_factory=dict)

    def of(self, session: Session, supplier: str, node: str, now: datetime) -> tuple[list[float], list[float]]:
        """Days by which its deliveries came after the date said, and days they took: those to the node, if enough."""
        known = self._known.get(supplier)
        if known is None or not 0 <= (now - known[0]).total_seconds() < self.seconds:
            known = (now, days_late(session, supplier, now), days_taken(session, supplier, now))
            self._known[supplier] = known
        return _there(known[1], node), _there(known[2], node)


LEAST_THERE = 3  # deliveries to one node from which that node is judged by itself


def _there(seen: Iterable[tuple[str, float]], node: str) -> list[float]:
    everywhere = list(seen)
    here = [days for at, days in everywhere if at == node]
    return here if len(here) >= LEAST_THERE else [days for _, days in everywhere]


def read(tx: Transaction, skus: Collection[str], channels: Collection[str], lateness: Lateness, now: datetime) -> Facts:
    """All that the promises of these SKUs, and of their components, rest on."""
    goods_rows, node_rows, buffers = tx.ask_together(
        Statement(_GOODS, {"skus": sorted(set(skus))}),
        Statement(_NODES, {}),
        question_of_buffers(channels, skus, kits=True),
    )
    goods = {sku: Goods(sku, limit, release_on, status, tuple((k, n) for k, n in parts or ()) or ((sku, 1),))
             for sku, limit, release_on, status, parts in goods_rows}  # fmt: skip
    nodes = {}
    for code, rank, ships, weekdays, closed, cut_off, zone in node_rows:
        work = Workdays.of(weekdays, closed, cut_off, zone)
        nodes[code] = House(code, rank, ships, work, work.ships_now(now))
    asked = {"skus": sorted({part for g in goods.values() for part, _ in g.parts})}
    levels, announced, ordered, moving = tx.ask_together(
        Statement(_LEVELS, asked),
        Statement(_ANNOUNCED, asked),
        Statement(_ORDERED, {**asked, "now": now}),
        Statement(_MOVING, asked),
    )
    found = _Coming(nodes, now)
    for sku, node, number, units, status, half, most in announced:
        if status in ("arrived", "receiving"):
            found.add(sku, node, units, (0, 0, 1), f"advance notice {number}, at the node")
        else:
            days = days_between((half - now).total_seconds() / DAY, (most - now).total_seconds() / DAY)
            found.add(sku, node, units, days, f"advance notice {number}")
    known: dict[tuple[str, str, datetime, datetime | None, int], Days] = {}  # lines of an order mostly come together
    for sku, node, number, line_no, units, supplier, sent_at, expected_at, lead_days in ordered:
        like = (supplier, node, sent_at, expected_at, lead_days)
        if like not in known:
            late, took = lateness.of(tx, supplier, node, now)
            said = expected_at is not None
            known[like] = days_to_come(
                sent_days_ago=(now - sent_at).total_seconds() / DAY,
                quoted_days=(expected_at - sent_at).total_seconds() / DAY if said else float(lead_days),
                late=late if said else (),
                took=() if said else took,
            )
        found.add(sku, node, units, known[like], f"purchase order {number}, line {line_no}")
    trips = _trips(tx, {to for _, to, *_ in moving}, now) if moving else {}
    for sku, to, origin, units, left_at in moving:
        gone = (now - left_at).total_seconds() / DAY
        days = days_of_trip(trips.get((origin, to), ()), gone=gone, usual=USUAL_TRIP)
        found.add(sku, to, units, days, f"transfer from {origin}")
    held = {(sku, node): Held(sellable, sellable - allocated - on_hold, waiting)
            for sku, node, sellable, allocated, on_hold, waiting in levels}  # fmt: skip
    return Facts(goods, nodes, held, dict(found.supplies), buffers_from(buffers))


@dataclass
class _Coming:
    nodes: dict[str, House]
    now: datetime
    supplies: defaultdict[Place, list[Supply]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.today = {code: house.work.today(self.now) for code, house in self.nodes.items()}

    def add(self, sku: str, node: str, units: int, days: Days, source: str) -> None:
        likely, promised, safe = (self.today[node] + timedelta(days=n) for n in days)
        self.supplies[(sku, node)].append(Supply(units, (likely, promised, safe), source))


def _trips(tx: Transaction, nodes: Collection[str], now: datetime) -> dict[tuple[str, str], list[float]]:
    (rows,) = tx.ask_together(Statement(_TRIPS, {"nodes": sorted(nodes), "since": now - timedelta(days=365)}))
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for origin, to, days in rows:
        if days is not None:
            found[(origin, to)].append(max(0.0, float(days)))
    return dict(found)
