"""Where each SKU is bought, and how long that takes: learned from what each supplier has delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from db.costing import unit_costs
from db.deliveries import Actuals, read_actuals
from db.suppliers import Supplier, SupplierItem, asked_in_turn
from ml.replenishment.leadtime import LeadTime, learn

NOBODY_LEAD_DAYS = 14.0  # of a SKU that nobody sells to us yet


@dataclass(frozen=True)
class Source:
    supplier: Supplier | None
    item: SupplierItem | None
    lead: LeadTime
    landed: int | None = None  # what one of it costs on average, in the supplier's currency; None: never came

    @property
    def held_at(self) -> int:
        """What a unit on the shelf costs: freight and duty lie there too. 0 when nobody sells it to us."""
        return self.landed if self.landed is not None else self.item.unit_cost if self.item is not None else 0

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
    actuals, known = read_actuals(session, now), dict[tuple[str, int], LeadTime]()
    found: defaultdict[str, list[Source]] = defaultdict(list)
    costs = unit_costs(session, wanted := sorted(set(skus)))
    for supplier, item in asked_in_turn(session, wanted):
        quoted = supplier.lead_days if item.lead_days is None else item.lead_days
        if (supplier.code, quoted) not in known:
            of = actuals.get(supplier.code, Actuals())
            known[supplier.code, quoted] = learn(of.took, quoted_days=quoted, open_days=of.out, ages_days=of.ages)
        found[item.sku].append(
            Source(supplier, item, known[supplier.code, quoted], costs.get((item.sku, supplier.currency)))
        )
    return dict(found)


def source_of(sources: Mapping[str, list[Source]], sku: str, preferred: str | None) -> Source:
    """The supplier that somebody named for the place, else the one that is asked first."""
    of = sources.get(sku, [])
    named = [s for s in of if s.supplier is not None and s.supplier.code == preferred]
    return next(iter([*named, *of]), Source(None, None, learn((), quoted_days=NOBODY_LEAD_DAYS)))


def is_review_day(day: date, every: int) -> bool:
    return day.toordinal() % every == 0
