"""What another day of release would do to those who wait for a pre-order. Nothing is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select

from agents.promising.keeping import Due, due_of
from agents.promising.messages import PreviewRelease, ReleaseMoved, ReleasePreview
from agents.promising.reading import Lateness, read
from agents.stock.goods import need_skus
from db.orders import Order
from db.promising import open_promises
from db.session import Transaction
from db.stock import Allocation, AllocationState

SHOWN = 100


def preview_release(tx: Transaction, ask: PreviewRelease, lateness: Lateness) -> ReleasePreview:
    """Every promise as it is and as it would be, those that move most first. Raises NotFound."""
    need_skus(tx, [ask.sku])
    waits = select(Allocation.node).where(Allocation.sku == ask.sku, Allocation.state == AllocationState.backordered)
    places = [(ask.sku, node) for node in tx.scalars(waits.distinct().order_by(Allocation.node))]
    dues: list[tuple[str, Due, date | None]] = []
    if places:
        facts = read(tx, {ask.sku}, [], lateness, tx.now)
        facts.goods[ask.sku] = replace(facts.goods[ask.sku], release_on=ask.release_on)
        known = open_promises(tx, places)
        for place in places:
            for due in due_of(tx, place, facts):
                row = known.get(due.to.allocation_id)
                dues.append((place[1], due, row.promised_on if row else None))
    wanted = select(Order.id, Order.number).where(Order.id.in_({due.to.order_id for _, due, _ in dues}))
    numbers = dict(tx.execute(wanted).all())
    moved = [_moved(numbers.get(due.to.order_id, ""), node, due, before) for node, due, before in dues]
    told = sorted((m for m in moved if m.days), key=lambda m: (-abs(m.days or 0), m.number))
    return ReleasePreview(
        sku=ask.sku,
        release_on=ask.release_on,
        waiting=len(moved),
        later=sum(1 for m in told if (m.days or 0) > 0),
        sooner=sum(1 for m in told if (m.days or 0) < 0),
        most_days_later=max((m.days or 0 for m in told), default=0),
        rows=told[:SHOWN],
    )


def _moved(number: str, node: str, due: Due, before: date | None) -> ReleaseMoved:
    after = due.promise.promised_on
    return ReleaseMoved(
        order_id=due.to.order_id,
        number=number,
        node=node,
        units=due.to.quantity,
        before_on=before,
        after_on=after,
        days=(after - before).days if before is not None and after is not None else None,
    )
