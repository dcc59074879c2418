"""How long suppliers really take, over HTTP: the deliveries, and what they come to for one supplier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import ceil, floor
from statistics import fmean, pstdev

from pydantic import BaseModel
from pydantic import Field as Described
from sqlalchemy import func, select
from starlette.requests import Request
from starlette.responses import Response

from db.deliveries import CAME_WHOLE, DELIVERIES, TOOK_DAYS, Actuals, learned_since, read_actuals
from db.errors import NotFound
from db.purchasing import PurchaseLine, PurchaseOrder
from db.replenishment import ReplenishmentPlan
from db.suppliers import Supplier
from serve.edge import edge_of
from serve.fields import field, fields
from serve.listing import Listing
from serve.requests import json_answer
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Code

routes = Routes("purchasing")

MOST_BARS = 12
_WIDTHS = (1, 2, 3, 7, 14, 28, 91)  # days of a bar

LIST = Listing(
    "Delivery",
    DELIVERIES,
    {
        **fields(PurchaseOrder, "supplier number node"),
        **fields(PurchaseLine, "purchase_id line_no sku ordered"),
        "days": field(TOOK_DAYS, nullable=False),
        "sent_at": field(PurchaseOrder.sent_at),
        "received_at": field(PurchaseLine.received_at),
    },
    sortable=("received_at", "sent_at", "days", "supplier", "sku", "number"),
    sort="-received_at",
    key=("purchase_id", "line_no"),
    where=CAME_WHOLE,
)


class Bar(BaseModel):
    """So many deliveries took at least `from_days` and less than `below_days`."""

    from_days: int
    below_days: int
    deliveries: int


class LeadTime(BaseModel):
    supplier: str
    quoted_days: int
    since: datetime = Described(description="What was sent before is not looked at any more")
    deliveries: int
    mean_days: float | None
    spread_days: float | None = Described(description="Standard deviation")
    bars: list[Bar]
    waiting: int = Described(description="Lines that were sent and have not come whole")
    longest_wait_days: int | None
    planned_places: int = Described(description="SKUs at nodes that the last plan buys from this supplier")
    planned_days: int | None = Described(description="What that plan takes for the mean, at the longest")
    planned_late_days: int | None = Described(description="What it takes for 95 of 100 orders, at the longest")


@routes.get("/deliveries", access=Scope.read_purchasing, answer=LIST.list_shape(LIST.row_shape()),
            extra=LIST.operation())  # fmt: skip
def list_deliveries(request: Request) -> Response:
    """List lines of purchase orders that have come whole, with the days from the sending of the order."""
    return LIST.answer(request)


@routes.get("/suppliers/{supplier}/lead-time", access=Scope.read_purchasing, answer=LeadTime)
def read_lead_time(request: Request, supplier: Code) -> Response:
    """Show how long a supplier really takes, and what plans reckon with."""
    edge = edge_of(request)
    now, plan = edge.clock(), ReplenishmentPlan
    with edge.database.reading() as session:
        known = session.get(Supplier, supplier)
        if known is None:
            raise NotFound("supplier", supplier)
        actuals = read_actuals(session, now, supplier).get(supplier, Actuals())
        planned = session.execute(
            select(func.count(), func.max(plan.lead_days), func.max(plan.late_days)).where(plan.supplier == supplier)
        ).one()
    took, out = [span.days for span in actuals.took], [span.days for span in actuals.out]
    return json_answer(
        {
            "supplier": supplier,
            "quoted_days": known.lead_days,
            "since": learned_since(now),
            "deliveries": len(took),
            "mean_days": round(fmean(took), 1) if took else None,
            "spread_days": round(pstdev(took), 1) if took else None,
            "bars": bars(took),
            "waiting": len(out),
            "longest_wait_days": floor(max(out)) if out else None,
            "planned_places": planned[0],
            "planned_days": planned[1],
            "planned_late_days": planned[2],
        }
    )


def bars(took: Sequence[float]) -> list[dict[str, int]]:
    """At most a dozen bars of equal width from the quickest to the slowest, empty ones between them included."""
    if not took:
        return []
    days = [floor(each) for each in took]
    width = next((w for w in _WIDTHS if _bars_of(w, days) <= MOST_BARS), ceil((max(days) + 1) / MOST_BARS))
    first = min(days) // width
    counts = [0] * _bars_of(width, days)
    for each in days:
        counts[each // width - first] += 1
    return [
        {"from_days": (first + at) * width, "below_days": (first + at + 1) * width, "deliveries": count}
        for at, count in enumerate(counts)
    ]


def _bars_of(width: int, days: Sequence[int]) -> int:
    return max(days) // width - min(days) // width + 1
