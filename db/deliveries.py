"""How long suppliers took: each line of a purchase order from its sending to its last unit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Integer, cast, func, join, select
from sqlalchemy.orm import Session

from db.purchasing import ON_ORDER, PurchaseLine, PurchaseOrder

LEARNED_DAYS = 730  # what was sent before says nothing of a supplier any more
DAY = 86400.0

DELIVERIES = join(PurchaseLine, PurchaseOrder, PurchaseOrder.id == PurchaseLine.purchase_id)
CAME_WHOLE = (
    PurchaseOrder.sent_at.is_not(None)
    & PurchaseLine.received_at.is_not(None)
    & (PurchaseLine.received >= PurchaseLine.ordered)
)
TOOK_DAYS: ColumnElement[int] = cast(
    func.floor(func.greatest(0, func.extract("epoch", PurchaseLine.received_at - PurchaseOrder.sent_at)) / DAY), Integer
)


@dataclass(frozen=True)
class Span:
    """From the sending of an order to the last unit of a line, or until now."""

    since: datetime
    until: datetime

    @property
    def days(self) -> float:
        return max(0.0, (self.until - self.since).total_seconds() / DAY)

    @property
    def first(self) -> date:
        return self.since.date()

    @property
    def last(self) -> date:
        return self.until.date()


@dataclass
class Actuals:
    """Of one supplier: how long its lines took, how many days ago they came, how long others have been out."""

    took: list[Span] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    out: list[Span] = field(default_factory=list)


def learned_since(now: datetime) -> datetime:
    return now - timedelta(days=LEARNED_DAYS)


def read_actuals(session: Session, now: datetime, supplier: str | None = None) -> dict[str, Actuals]:
    """What each supplier's lines took from the sending of the order to the last unit; how long open ones are out."""
    line, order = PurchaseLine, PurchaseOrder
    rows = select(order.supplier, order.sent_at, line.received_at, line.received >= line.ordered, order.status)
    rows = rows.select_from(DELIVERIES).where(order.sent_at.is_not(None), order.sent_at >= learned_since(now))
    if supplier is not None:
        rows = rows.where(order.supplier == supplier)
    found: defaultdict[str, Actuals] = defaultdict(Actuals)
    for code, sent_at, received_at, whole, status in session.execute(rows):
        if sent_at is None:
            continue
        if whole and received_at is not None:
            found[code].took.append(Span(sent_at, received_at))
            found[code].ages.append(Span(received_at, now).days)
        elif status in ON_ORDER:
            found[code].out.append(Span(sent_at, now))
    return dict(found)
