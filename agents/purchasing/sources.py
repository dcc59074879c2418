"""Where each SKU is bought, and how long that takes: learned from what each supplier has delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.purchasing import ON_ORDER, PurchaseLine, PurchaseOrder
from db.suppliers import Supplier, SupplierItem
from ml.replenishment.leadtime import LeadTime, learn

LEARNED_DAYS = 730  # receipts older than this say nothing of a supplier any more
NOBODY_LEAD_DAYS = 14.0  # of a SKU that nobody sells to us yet
DAY = 86400.0


@dataclass
class Actuals:
    """Of one supplier, in days: how long its lines took, how long ago they came, how long others have been out."""

    took: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    out: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    supplier: Supplier | None
    item: SupplierItem | None
    lead: LeadTime

    @property
    def between_order_days(self) -> int:
        """Days from one day on which the supplier takes orders to the next, at the longest."""
        days = sorted(self.supplier.order_weekdays) if self.supplier is not None else []
        if not days:
            return 1
        gaps = [after - before for before, after in zip(days, [*days[1:], days[0] + 7], strict=True)]
        return max(gaps) if len(days) < 5 else 1


def read_sources(session: Session, skus: Iterable[str], now: datetime) -> dict[str, list[Source]]:
    """Who sells each SKU to us, the first to be asked first."""
    pairs = session.execute(
        select(Supplier, SupplierItem)
        .join(SupplierItem, SupplierItem.supplier == Supplier.code)
        .where(Supplier.active, SupplierItem.active, SupplierItem.sku.in_(sorted(set(skus))))
    )
    actuals, known = read_actuals(session, now), dict[tuple[str, int], LeadTime]()
    found: defaultdict[str, list[Source]] = defaultdict(list)
    for supplier, item in sorted(pairs, key=lambda pair: _preference(*pair)):
        quoted = supplier.lead_days if item.lead_days is None else item.lead_days
        if (supplier.code, quoted) not in known:
            of = actuals.get(supplier.code, Actuals())
            known[supplier.code, quoted] = learn(of.took, quoted_days=quoted, open_days=of.out, ages_days=of.ages)
        found[item.sku].append(Source(supplier, item, known[supplier.code, quoted]))
    return dict(found)


def source_of(sources: Mapping[str, list[Source]], sku: str, preferred: str | None) -> Source:
    """The supplier that somebody named for the place, else the one that is asked first."""
    of = sources.get(sku, [])
    named = [s for s in of if s.supplier is not None and s.supplier.code == preferred]
    return next(iter([*named, *of]), Source(None, None, learn((), quoted_days=NOBODY_LEAD_DAYS)))


def read_actuals(session: Session, now: datetime) -> dict[str, Actuals]:
    """What each supplier's lines took from the sending of the order to the last unit; how long open ones are out."""
    line, order = PurchaseLine, PurchaseOrder
    rows = session.execute(
        select(order.supplier, order.sent_at, line.received_at, line.received >= line.ordered, order.status)
        .join(order, order.id == line.purchase_id)
        .where(order.sent_at.is_not(None), order.sent_at >= now - timedelta(days=LEARNED_DAYS))
    )
    found: defaultdict[str, Actuals] = defaultdict(Actuals)
    for supplier, sent_at, received_at, whole, status in rows:
        if sent_at is None:
            continue
        if whole and received_at is not None:
            found[supplier].took.append(max(0.0, (received_at - sent_at).total_seconds() / DAY))
            found[supplier].ages.append(max(0.0, (now - received_at).total_seconds() / DAY))
        elif status in ON_ORDER:
            found[supplier].out.append(max(0.0, (now - sent_at).total_seconds() / DAY))
    return dict(found)


def is_review_day(day: date, every: int) -> bool:
    return day.toordinal() % every == 0


def _preference(supplier: Supplier, item: SupplierItem) -> tuple[int, int, str]:
    return supplier.rank if item.rank is None else item.rank, item.unit_cost, supplier.code
