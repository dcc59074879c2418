"""Where each SKU is bought, and how long that takes: learned from what each supplier has delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from agents.purchasing.calendars import ALWAYS, Calendar
from db.costing import unit_costs
from db.deliveries import Actuals, Span, read_actuals
from db.suppliers import Supplier, SupplierItem, asked_in_turn
from ml.replenishment.leadtime import LeadTime, learn

NOBODY_LEAD_DAYS = 14.0  # of a SKU that nobody sells to us yet


@dataclass(frozen=True)
class Source:
    supplier: Supplier | None
    item: SupplierItem | None
    lead: LeadTime  # of an order made today, with the days on which the supplier is closed
    calendar: Calendar = ALWAYS
    closed_days: int = 0  # by which the mean lead time is longer because of them
    landed: int | None = None  # what one of it costs on average, in the supplier's currency; None: never came

    @property
    def held_at(self) -> int:
        """What a unit on the shelf costs: freight and duty lie there too. 0 when nobody sells it to us."""
        return self.landed if self.landed is not None else self.item.unit_cost if self.item is not None else 0


def read_sources(session: Session, skus: Iterable[str], now: datetime) -> dict[str, list[Source]]:
    """Who sells each SKU to us, the first to be asked first."""
    actuals, known = read_actuals(session, now), dict[tuple[str, int], tuple[LeadTime, int]]()
    calendars: dict[str, Calendar] = {}
    found: defaultdict[str, list[Source]] = defaultdict(list)
    costs = unit_costs(session, wanted := sorted(set(skus)))
    for supplier, item in asked_in_turn(session, wanted):
        code, quoted = supplier.code, supplier.lead_days if item.lead_days is None else item.lead_days
        if code not in calendars:
            calendars[code] = Calendar.of(supplier.order_weekdays, supplier.closed_dates)
        if (code, quoted) not in known:
            lead = _learned(actuals.get(code, Actuals()), quoted, calendars[code])
            known[code, quoted] = calendars[code].delayed(lead, now.date())
        lead, longer = known[code, quoted]
        landed = costs.get((item.sku, supplier.currency))
        found[item.sku].append(Source(supplier, item, lead, calendars[code], longer, landed))
    return dict(found)


def _learned(of: Actuals, quoted: int, calendar: Calendar) -> LeadTime:
    """Days on which the supplier was closed are taken off: those that lie ahead are put on again."""

    def open_days(spans: Iterable[Span]) -> list[float]:
        return [max(0.0, s.days - calendar.closed_between(s.first, s.last)) for s in spans]

    return learn(open_days(of.took), quoted_days=quoted, open_days=open_days(of.out), ages_days=of.ages)


def source_of(sources: Mapping[str, list[Source]], sku: str, preferred: str | None) -> Source:
    """The supplier that somebody named for the place, else the one that is asked first."""
    of = sources.get(sku, [])
    named = [s for s in of if s.supplier is not None and s.supplier.code == preferred]
    return next(iter([*named, *of]), Source(None, None, learn((), quoted_days=NOBODY_LEAD_DAYS)))
